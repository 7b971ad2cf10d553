
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_trust.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/border.h"
#include "tests/support/call_load.h"
#include "tests/support/load_border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// Niger's node gets another issuing CA while both nodes serve.
class IssuingRenewalTest : public LoadBorderTest {
 protected:
  void SetUp() override {
    Open({});
    tls_ = TlsFilesOf(ng_, ne_.card());
    for (TestParticipant* each : {&ne_, &ng_}) AllowMuch(*each);
  }

  void RenewCa() {
    ASSERT_OK_AND_ASSIGN(
        renewed_, RenewIssuing(ne_.directory(), ne_.directory() + "-root",
                               clock_.Now(), random_));
    ne_.Tick();
  }
  void RenewLeaf() { Renew(ne_, clock_.Now()); }
  // gRPC reads a renewed one once a second.
  bool ServesWithTheNewLeaf() {
    std::string presented;
    return HandshakeAnew(&presented).ok() && presented == LeafFingerprint();
  }
  std::string LeafFingerprint() {
    return Certificate::ListFromPem(
               *ReadPublicFile(NodeLayout{ne_.directory()}.TlsCertificate()))
        ->front()
        .Fingerprint();
  }
  absl::Status HandshakeAnew(std::string* presented) {
    return HandshakeAt(tls_, ne_.card().endpoints[0], presented);
  }
  // Nigeria has pinned the card of the new CA.
  bool CardHasArrived() { return HasPinned(ng_, renewed_.fingerprint); }

  SystemRandom random_;
  TlsFiles tls_;
  RenewedIssuing renewed_;
};

TEST_F(IssuingRenewalTest, NoCallFailsWhileTheCaAndThenItsLeavesAreRenewed) {
  HandmadePartner partner(ng_, ne_, clock_);
  // To Niger's node over one open connection and over new ones, and from it.
  CallLoad open([&] {
    return partner.peer()
        .Handshake({1, clock_.Now()}, absl::Seconds(5))
        .status();
  });
  CallLoad anew([&] {
    std::string presented;
    return HandshakeAnew(&presented);
  });
  CommandContext& of_ne = ne_.As("ORG", Role::kAdmin, "admin-1");
  CommandContext& of_ng = ng_.As("ORG", Role::kAdmin, "admin-1");
  CallLoad outwards([&] { return ProbeBy(of_ne); });
  CallLoad inwards([&] { return ProbeBy(of_ng); });
  RenewCa();
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  RenewLeaf();
  EXPECT_TRUE(Await([&] { return ServesWithTheNewLeaf(); }));
  const int before = outwards.calls();
  EXPECT_TRUE(Await([&] { return outwards.calls() > before + 5; }));
  EXPECT_OK(open.Stop());
  EXPECT_OK(anew.Stop());
  EXPECT_OK(outwards.Stop());
  EXPECT_OK(inwards.Stop());
  EXPECT_GT(open.calls(), 50);
  EXPECT_GT(inwards.calls(), 5);
}

// The old CA's leaves and the new one's are admitted, until the old one is
// revoked: then its own are not, here and at the partner.
TEST_F(IssuingRenewalTest, TheCaBeforeEndsWhenItIsRevoked) {
  RenewCa();
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_OK(Probe(ne_));
  EXPECT_THAT(
      RevokeCertificate(ne_.directory(), renewed_.ended_serial, clock_.Now()),
      FailsWith(ErrorReason::kFieldInvalid));
  RenewLeaf();
  ASSERT_TRUE(Await([&] { return ServesWithTheNewLeaf(); }));
  ASSERT_OK(RenewOperator(ne_.directory(), "admin-1", clock_.Now(), random_));
  CommandContext late;  // was not renewed
  late.profile = NodeLayout{ne_.directory()}.Operators() + "/admin-2";
  const auto status_by_late = [&] {
    return late
        .Call<Admin, ops::GetStatusResponse>(&Admin::Stub::GetStatus,
                                             ops::GetStatusRequest())
        .status();
  };
  EXPECT_OK(status_by_late());
  ASSERT_OK(
      RevokeCertificate(ne_.directory(), renewed_.ended_serial, clock_.Now()));
  ne_.Tick();
  EXPECT_FALSE(status_by_late().ok());
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
}

// Its new leaf needs the card of nobody: the pinned root signed the CA.
TEST_F(IssuingRenewalTest, APartnerThatWasAwayAdmitsItAndThenHearsOfTheCard) {
  ng_.Stop();
  RenewCa();
  RenewLeaf();
  ASSERT_OK(ng_.Start(clock_));
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
}

TEST_F(IssuingRenewalTest, TheNodeShowsItsCardAndARestartKeepsBoth) {
  RenewCa();
  EXPECT_EQ(renewed_.card, 2u);
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  for (TestParticipant* each : {&ne_, &ng_}) {
    each->Stop();
    ASSERT_OK(each->Start(clock_));
  }
  EXPECT_TRUE(CardHasArrived());
  ASSERT_OK_AND_ASSIGN(const auto status, StatusOf(ne_));
  EXPECT_EQ(status.fingerprint(), renewed_.fingerprint);
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
}

TEST_F(IssuingRenewalTest, ACaThatEndsWithinAMonthShowsInTheStatus) {
  const auto warned = [&] {
    const auto status = StatusOf(ne_);
    EXPECT_OK(status);
    for (const ops::StatusCheck& check : status->checks()) {
      if (check.subject() == "issuing CA" && !check.ok()) return check.fix();
    }
    return std::string();
  };
  EXPECT_EQ(warned(), "");
  ASSERT_OK(RenewIssuing(ne_.directory(), ne_.directory() + "-root",
                         clock_.Now() - absl::Hours(24 * 340), random_));
  ne_.Tick();
  EXPECT_NE(warned().find("comity node renew-ca"), std::string::npos);
  RenewCa();
  EXPECT_EQ(warned(), "");
}

TEST_F(IssuingRenewalTest, OnlyTheOwnRootMakesACa) {
  EXPECT_THAT(RenewIssuing(ne_.directory(), ng_.directory() + "-root",
                           clock_.Now(), random_),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(
      RenewIssuing(ne_.directory(), ne_.directory(), clock_.Now(), random_),
      FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(RenewNode(ne_.directory(), clock_.Now(), random_));
}

}  // namespace
}  // namespace comity
