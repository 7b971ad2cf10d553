#include "absl/strings/escaping.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_trust.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"
#include "tests/support/node_config.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// Of the lists of `by` that a node took over its own log tells.
int TakenLists(CommandContext& auditor, const std::string& by) {
  ops::ListLogEntriesRequest request;
  request.set_page_size(500);
  const auto entries = auditor.Call<Admin, ops::ListLogEntriesResponse>(
      &Admin::Stub::ListLogEntries, request);
  int found = 0;
  if (!entries.ok()) return found;
  for (const ops::LogEntry& entry : entries->entries()) {
    const bool says = entry.detail().find("certificates revoked by " + by) !=
                      std::string::npos;
    found += says ? 1 : 0;
  }
  return found;
}

// Somebody has the TLS key that Nigeria's node served with until it was
// renewed, and calls Niger's node with it.
class CertificateRevocationTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    const NodeLayout layout{ng_.directory()};
    stolen_ = {directory_.Path("key"), directory_.Path("chain"),
               TlsFilesOf(ng_, ne_.card()).roots};
    ASSERT_OK(WritePrivateFile(stolen_.key,
                               ReadPrivateFile(layout.TlsKey())->Expose()));
    ASSERT_OK(WritePublicFile(stolen_.chain,
                              *ReadPublicFile(layout.TlsCertificate())));
    partners_.Set(std::make_shared<PartnerTable>(
        std::vector<ParticipantCard>{ne_.card()}));
    thief_ = *peers_.Find(ne_.code());
    ASSERT_OK(RenewNode(ng_.directory(), clock_.Now(), random_));
    for (TestParticipant* each : {&ng_, &ne_}) {
      each->Tick();
      each->Tick();
    }
    ASSERT_OK(CallOver(*thief_));
  }

  absl::Status CallOver(Peer& peer) {
    return peer.Handshake({1, clock_.Now()}, absl::Seconds(5)).status();
  }
  // Over a connection of its own.
  absl::Status StolenAnew() {
    return HandshakeAt(stolen_, ne_.card().endpoints[0]);
  }
  absl::Status RenewedAnew() {
    return HandshakeAt(TlsFilesOf(ng_, ne_.card()), ne_.card().endpoints[0]);
  }
  void RevokeStolen() {
    ASSERT_OK(RevokeCertificate(ng_.directory(), stolen_.chain, clock_.Now()));
    ng_.Tick();
  }
  // Niger's own log says so, once.
  bool HasArrived() {
    return TakenLists(ne_.As("ORG", Role::kAuditor, "audit"), "NG") == 1;
  }

  SystemRandom random_;
  TestDirectory directory_;
  TlsFiles stolen_;
  PartnerTableHolder partners_;
  GrpcPeers peers_{{directory_.Path("key"), directory_.Path("chain"),
                    NodeLayout{ng_.directory()}.Run() + "/roots-NE.pem"},
                   partners_,
                   clock_};
  std::shared_ptr<Peer> thief_;
};

TEST_F(CertificateRevocationTest, ItReachesThePartnerAndCutsWhatIsOpenThere) {
  ASSERT_OK(StolenAnew());
  ASSERT_TRUE(thief_->IsConnected());
  RevokeStolen();
  // It went out at once, with no call of anybody's.
  ASSERT_TRUE(Await([&] { return HasArrived(); }));
  EXPECT_FALSE(StolenAnew().ok());
  EXPECT_FALSE(CallOver(*thief_).ok());
  ne_.Tick();
  const absl::Time arrived = absl::Now();
  while (thief_->IsConnected()) {
    ASSERT_LT(absl::Now() - arrived, absl::Seconds(1));
  }
  EXPECT_FALSE(CallOver(*thief_).ok());
  EXPECT_OK(RenewedAnew());
}

TEST_F(CertificateRevocationTest, TheNextCallOnTheOpenConnectionIsRefused) {
  HandmadePartner honest(ng_, ne_, clock_);
  ASSERT_OK(CallOver(honest.peer()));
  RevokeStolen();
  ASSERT_TRUE(Await([&] {
    return ReasonOf(CallOver(*thief_)) == ErrorReason::kCertificateRevoked;
  }));
  ne_.Tick();
  // The connection of the renewed one stays.
  EXPECT_TRUE(honest.peer().IsConnected());
  EXPECT_OK(CallOver(honest.peer()));
}

TEST_F(CertificateRevocationTest, ARestartForgetsNothingAndAnOldListIsNoNews) {
  const NodeLayout layout{ng_.directory()};
  // A list of before, that somebody kept.
  const std::string admin = layout.Operators() + "/admin-2/certificate.pem";
  ASSERT_OK(RevokeCertificate(ng_.directory(), admin, clock_.Now()));
  const std::string before = *ReadPublicFile(layout.RevokedCertificates());
  RevokeStolen();
  ASSERT_TRUE(Await([&] { return HasArrived(); }));
  ASSERT_OK(WritePublicFile(layout.RevokedCertificates(), before));
  for (TestParticipant* each : {&ng_, &ne_}) {
    each->Stop();
    ASSERT_OK(each->Start(clock_));
    each->Tick();
  }
  EXPECT_FALSE(StolenAnew().ok());
  EXPECT_OK(RenewedAnew());
}

TEST_F(CertificateRevocationTest, APartnerThatWasAwayLearnsItOnItsReturn) {
  ne_.Stop();
  RevokeStolen();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Await([&] { return HasArrived(); }));
  EXPECT_FALSE(StolenAnew().ok());
  EXPECT_OK(RenewedAnew());
}

TEST_F(CertificateRevocationTest, WhatWasRevokedWhileTheNodeWasDownIsTold) {
  ng_.Stop();
  ASSERT_OK(RevokeCertificate(ng_.directory(), stolen_.chain, clock_.Now()));
  ASSERT_OK(ng_.Start(clock_));
  EXPECT_TRUE(Await([&] { return HasArrived(); }));
  EXPECT_FALSE(StolenAnew().ok());
}

TEST_F(CertificateRevocationTest, WhatTheNodeServesWithIsRenewedFirst) {
  const NodeLayout layout{ng_.directory()};
  for (const std::string& path :
       {layout.TlsCertificate(), layout.IssuingCertificate()}) {
    EXPECT_THAT(RevokeCertificate(ng_.directory(), path, clock_.Now()),
                FailsWith(ErrorReason::kFieldInvalid));
  }
  RevokeStolen();
  EXPECT_THAT(RevokeCertificate(ng_.directory(), stolen_.chain, clock_.Now()),
              FailsWith(ErrorReason::kAlreadyExists));
}

// By the serial number that certs/issued.txt shows, without the file.
TEST_F(CertificateRevocationTest, AnOperatorsCertificateIsCutAtHomeAndNoOther) {
  CommandContext& stolen = ne_.As("ORG", Role::kAuditor, "audit");
  CommandContext& other = ne_.As("ORG", Role::kAuditor, "second");
  const auto read_log = [](CommandContext& person) {
    return person
        .Call<Admin, ops::ListLogEntriesResponse>(&Admin::Stub::ListLogEntries,
                                                  ops::ListLogEntriesRequest())
        .status();
  };
  const auto is_open = [](CommandContext& person) {
    return (*person.Connect())->GetState(false) == GRPC_CHANNEL_READY;
  };
  ASSERT_OK(read_log(stolen));
  ASSERT_OK(read_log(other));
  const std::string serial = absl::BytesToHexString(
      Certificate::ListFromPem(
          *ReadPublicFile(NodeLayout{ne_.directory()}.Operators() +
                          "/audit/certificate.pem"))
          ->front()
          .SerialNumber());
  ASSERT_OK_AND_ASSIGN(
      const IssuedCertificate revoked,
      RevokeCertificate(ne_.directory(), serial, clock_.Now()));
  EXPECT_EQ(revoked.name, "spiffe://ne.comity/operator/ORG/AUDITOR/audit");
  ne_.Tick();
  const absl::Time cut = absl::Now();
  while (is_open(stolen)) ASSERT_LT(absl::Now() - cut, absl::Seconds(1));
  EXPECT_TRUE(is_open(other));
  EXPECT_FALSE(read_log(stolen).ok());
  EXPECT_OK(read_log(other));
}

// Nigeria's node cannot be called.
class CollectedRevocationTest : public BorderTest {
 protected:
  CollectedRevocationTest() : BorderTest(true) {}
};

TEST_F(CollectedRevocationTest, WhoCannotBeCalledHearsItByAsking) {
  Open({});
  ng_.Stop();
  ASSERT_OK(ChangeConfig(
      ng_, [](NodeConfig& config) { config.collect_seconds = 1; }));
  ASSERT_OK(ng_.Start(clock_));
  const NodeLayout layout{ne_.directory()};
  SystemRandom random;
  TestDirectory directory;
  const std::string before = directory.Path("before");
  ASSERT_OK(WritePublicFile(before, *ReadPublicFile(layout.TlsCertificate())));
  ASSERT_OK(RenewNode(ne_.directory(), clock_.Now(), random));
  ne_.Tick();
  ne_.Tick();
  ASSERT_OK(RevokeCertificate(ne_.directory(), before, clock_.Now()));
  ne_.Tick();
  // Its log says so once it has asked.
  EXPECT_TRUE(Await([&] {
    return TakenLists(ng_.As("ORG", Role::kAuditor, "audit"), "NE") == 1;
  }));
}

}  // namespace
}  // namespace comity
