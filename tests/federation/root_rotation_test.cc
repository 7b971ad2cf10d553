#include <filesystem>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_root.h"
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

// Niger's node gets another root while both nodes serve.
class RootRotationTest : public LoadBorderTest {
 protected:
  void SetUp() override {
    Open({});
    tls_ = TlsFilesOf(ng_, ne_.card());
    for (TestParticipant* each : {&ne_, &ng_}) AllowMuch(*each);
  }

  void Rotate() {
    ASSERT_OK_AND_ASSIGN(rotated_,
                         RotateRoot(ne_.directory(), {OldRoot(), NewRoot()},
                                    clock_.Now(), random_));
    ne_.Tick();
  }
  // As if it were some seconds later, when the renewed leaf is in use.
  void End() {
    ASSERT_OK_AND_ASSIGN(rotated_,
                         EndRootBefore(ne_.directory(), NewRoot(),
                                       clock_.Now() + absl::Minutes(1)));
    ne_.Tick();
  }
  void RenewLeaf() { Renew(ne_, clock_.Now()); }
  void RenewPeople() {
    for (const auto& folder :
         std::filesystem::directory_iterator(layout_.Operators())) {
      ASSERT_OK(RenewOperator(ne_.directory(), folder.path().filename(),
                              clock_.Now(), random_));
    }
  }
  std::string OldRoot() { return ne_.directory() + "-root"; }
  std::string NewRoot() { return ne_.directory() + "-next-root"; }
  // By whom knows Niger's node by the card of before, or the one of now. gRPC
  // reads a renewed certificate once a second.
  absl::Status HandshakeAnew(const TlsFiles& tls, std::string* presented) {
    return HandshakeAt(tls, ne_.card().endpoints[0], presented);
  }
  bool ServesWithTheNewLeaf(const TlsFiles& tls) {
    std::string presented;
    return HandshakeAnew(tls, &presented).ok() &&
           presented == Certificate::ListFromPem(
                            *ReadPublicFile(layout_.TlsCertificate()))
                            ->front()
                            .Fingerprint();
  }
  ParticipantCard CardNow() {
    return *ParseCard(*ReadPublicFile(layout_.Card()));
  }
  // Nigeria has pinned the card of the last step.
  bool CardHasArrived() { return HasPinned(ng_, rotated_.fingerprint); }
  // Whether a node's status says that something is wrong with that.
  static bool Complains(TestParticipant& node, const std::string& subject) {
    const auto status = StatusOf(node);
    if (!status.ok()) return false;
    for (const ops::StatusCheck& check : status->partners(0).checks()) {
      if (check.subject() == subject && !check.ok()) return true;
    }
    return false;
  }
  // Somebody with Niger's TLS key shows Nigeria's node a card.
  absl::Status Show(const std::string& card) {
    HandmadePartner thief(ne_, ng_, clock_, "thief");
    CheckpointExchange shown;
    shown.news.card = card;
    shown.news.held_card = 1;
    return thief.peer().Exchange(shown, absl::Seconds(5)).status();
  }
  static bool Passes(CallLoad& load) {
    const int before = load.calls();
    return Await([&] { return load.calls() > before + 5; });
  }

  SystemRandom random_;
  TlsFiles tls_;
  RotatedRoot rotated_;
  const NodeLayout layout_{ne_.directory()};
};

TEST_F(RootRotationTest, NoCallFailsWhileTheRootIsReplacedAndTheOldOneEnds) {
  HandmadePartner partner(ng_, ne_, clock_);
  // To Niger's node over one open connection and over new ones, and from it.
  CallLoad open([&] {
    return partner.peer()
        .Handshake({1, clock_.Now()}, absl::Seconds(5))
        .status();
  });
  CallLoad anew([&] {
    std::string presented;
    return HandshakeAnew(tls_, &presented);
  });
  CommandContext& of_ne = ne_.As("ORG", Role::kAdmin, "admin-1");
  CommandContext& of_ng = ng_.As("ORG", Role::kAdmin, "admin-1");
  CallLoad outwards([&] { return ProbeBy(of_ne); });
  CallLoad inwards([&] { return ProbeBy(of_ng); });
  Rotate();
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  ng_.Tick();
  EXPECT_TRUE(Passes(anew) && Passes(outwards) && Passes(inwards));
  RenewLeaf();
  EXPECT_TRUE(Await([&] { return ServesWithTheNewLeaf(tls_); }));
  EXPECT_TRUE(Passes(anew) && Passes(outwards) && Passes(inwards));
  // Whose certificate is renewed calls over a connection of the new one.
  EXPECT_OK(outwards.Stop());
  RenewPeople();
  CommandContext renewed;
  renewed.profile = layout_.Operators() + "/admin-2";
  CallLoad later([&] { return ProbeBy(renewed); });
  EXPECT_TRUE(Passes(later));
  End();
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  ng_.Tick();
  EXPECT_TRUE(Passes(anew) && Passes(later) && Passes(inwards));
  EXPECT_OK(open.Stop());
  EXPECT_OK(anew.Stop());
  EXPECT_OK(inwards.Stop());
  EXPECT_OK(later.Stop());
}

// The old root's certificate of the new one leads there without the card.
TEST_F(RootRotationTest, APartnerThatWasAwayAdmitsItAndThenHearsOfTheCard) {
  ng_.Stop();
  ASSERT_NO_FATAL_FAILURE(Rotate());
  ASSERT_NO_FATAL_FAILURE(RenewLeaf());
  // Who would end the root before now would lose it.
  EXPECT_TRUE(Complains(ne_, "own card"));
  ASSERT_OK(ng_.Start(clock_));
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
  EXPECT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_TRUE(Await([&] {
    clock_.Advance(absl::Seconds(1));
    return !Complains(ne_, "own card");
  }));
}

TEST_F(RootRotationTest,
       AfterItsEndTheOldRootAdmitsNobodyAndBringsNothingBack) {
  const std::string before = ne_.card_text();
  const SigningKey old_key = *ReadRootKey(OldRoot(), ne_.card().root);
  TestDirectory kept;
  const TlsFiles stolen{kept.Path("key"), kept.Path("chain"),
                        TlsFilesOf(ne_, ng_.card()).roots};
  ASSERT_OK(WritePrivateFile(stolen.key,
                             ReadPrivateFile(layout_.TlsKey())->Expose()));
  ASSERT_OK(
      WritePublicFile(stolen.chain, *ReadPublicFile(layout_.TlsCertificate())));
  CommandContext old_person;
  old_person.profile = layout_.Operators() + "/admin-2";
  const auto by_old_person = [&] {
    return old_person
        .Call<Admin, ops::GetStatusResponse>(&Admin::Stub::GetStatus,
                                             ops::GetStatusRequest())
        .status();
  };
  ASSERT_OK(by_old_person());
  ASSERT_NO_FATAL_FAILURE(Rotate());
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  EXPECT_OK(by_old_person());
  EXPECT_OK(HandshakeAt(stolen, ng_.card().endpoints[0]));
  ASSERT_NO_FATAL_FAILURE(RenewLeaf());
  ASSERT_NO_FATAL_FAILURE(RenewPeople());
  EXPECT_TRUE(Await([&] { return ServesWithTheNewLeaf(tls_); }));
  ASSERT_NO_FATAL_FAILURE(End());
  ASSERT_TRUE(Await([&] { return CardHasArrived(); }));
  ng_.Tick();
  EXPECT_FALSE(by_old_person().ok());
  EXPECT_FALSE(HandshakeAt(stolen, ng_.card().endpoints[0]).ok());
  // Cards of the old root, of before and of now.
  ParticipantCard card = ne_.card();
  card.serial = 9;
  EXPECT_OK(Show(before));
  EXPECT_OK(Show(FormatCard(card, old_key)));
  EXPECT_TRUE(Await([&] { return Complains(ng_, "card"); }));
  EXPECT_TRUE(CardHasArrived());
  // The node goes on under the new root, without a restart and with one.
  ASSERT_NO_FATAL_FAILURE(RenewLeaf());
  const TlsFiles now = TlsFilesOf(ng_, CardNow());
  EXPECT_TRUE(Await([&] { return ServesWithTheNewLeaf(now); }));
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }))
      << Probe(ne_) << Probe(ng_);
}

TEST_F(RootRotationTest, Law9AForgedRootIsRefusedAndThePartnersPeopleSeeIt) {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  ParticipantCard forged = ne_.card();
  forged.root = *IssueCertificate(
      {CertificateKind::kRoot, key.public_key(), "NE root", "", "",
       forged.code.TrustDomain(), clock_.Now() - absl::Hours(1),
       clock_.Now() + absl::Hours(24)},
      nullptr, key, random_);
  forged.serial = 2;
  ASSERT_FALSE(Complains(ng_, "card"));
  EXPECT_OK(Show(FormatCard(forged, key)));
  EXPECT_TRUE(Await([&] { return Complains(ng_, "card"); }));
  forged.past_root =
      SignSuccession(forged.code, forged.root, ne_.card().root, key);
  EXPECT_OK(Show(FormatCard(forged, key)));
  EXPECT_TRUE(HasPinned(ng_, CardFingerprint(ne_.card_text())));
  EXPECT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
  // The true one is taken all the same.
  ASSERT_NO_FATAL_FAILURE(Rotate());
  EXPECT_TRUE(Await([&] {
    clock_.Advance(absl::Seconds(1));
    return CardHasArrived();
  }));
  EXPECT_FALSE(Complains(ng_, "card"));
}

}  // namespace
}  // namespace comity
