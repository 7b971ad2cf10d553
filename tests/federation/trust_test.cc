#include <algorithm>
#include <filesystem>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

// Who may open a connection to Niger's node at all.
class TrustTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  // A certificate that an issuing CA makes for any name and time.
  TlsFiles Forge(const TestParticipant& issuer, const std::string& uri,
                 absl::Time from, absl::Time until) {
    const NodeLayout layout{issuer.directory()};
    const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const auto issuing_key = SigningKey::FromPem(
        ReadPrivateFile(layout.IssuingKey())->Expose(), SecretBytes());
    const CertificateRequest request{CertificateKind::kNode,
                                     key.public_key(),
                                     "a node",
                                     uri,
                                     "",
                                     "",
                                     from,
                                     until};
    const auto certificate = IssueCertificate(request, &issuer.card().issuing,
                                              *issuing_key, random_);
    TlsFiles files{directory_.Path("key"), directory_.Path("chain"),
                   directory_.Path("roots")};
    EXPECT_OK(WritePrivateFile(files.key, key.ToPem(SecretBytes()).Expose()));
    EXPECT_OK(WritePublicFile(files.chain, certificate->ToPem()));
    EXPECT_OK(WritePublicFile(
        files.roots, ne_.card().root.ToPem() + ne_.card().issuing.ToPem()));
    return files;
  }

  std::string OperatorAddress() {
    return ParseConfig(*ReadPublicFile(NodeLayout{ne_.directory()}.Config()))
        ->operator_address;
  }

  // Whether the status of Niger's node has such a line.
  bool StatusNames(const std::string& subject) {
    using operators::v1::AdminService;
    const auto status =
        ne_.As("ORG", Role::kAdmin, "admin-1")
            .Call<AdminService, operators::v1::GetStatusResponse>(
                &AdminService::Stub::GetStatus,
                operators::v1::GetStatusRequest());
    EXPECT_OK(status);
    if (!status.ok()) return false;
    return std::any_of(
        status->checks().begin(), status->checks().end(),
        [&](const auto& check) { return check.subject() == subject; });
  }

  FakeClock clock_{absl::Now()};
  const absl::Duration day_ = absl::Hours(24);
  SystemRandom random_;
  TestDirectory directory_;
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
};

TEST_F(TrustTest, APartnersNodeIsAdmitted) {
  EXPECT_OK(HandshakeAt(TlsFilesOf(ng_, ne_.card()), ne_.card().endpoints[0]));
}

TEST_F(TrustTest, AnUnknownAuthorityIsRefused) {
  TestParticipant stranger("TG", clock_.Now());
  EXPECT_FALSE(
      HandshakeAt(TlsFilesOf(stranger, ne_.card()), ne_.card().endpoints[0])
          .ok());
}

// Law 9.
TEST_F(TrustTest, Law9NigersAuthorityCannotSpeakAsNigeria) {
  const absl::Time now = clock_.Now();
  EXPECT_FALSE(
      HandshakeAt(Forge(ne_, "spiffe://ng.comity/node", now - day_, now + day_),
                  ne_.card().endpoints[0])
          .ok());
}

TEST_F(TrustTest, AnExpiredCertificateIsRefused) {
  const absl::Time now = clock_.Now();
  EXPECT_FALSE(HandshakeAt(Forge(ng_, "spiffe://ng.comity/node", now - 3 * day_,
                                 now - day_),
                           ne_.card().endpoints[0])
                   .ok());
  EXPECT_OK(
      HandshakeAt(Forge(ng_, "spiffe://ng.comity/node", now - day_, now + day_),
                  ne_.card().endpoints[0]));
}

TEST_F(TrustTest, OperatorsAndNodesKeepToTheirOwnListeners) {
  ne_.As("ANLTP", Role::kCoordinator, "coord");
  const std::string profile =
      NodeLayout{ne_.directory()}.Operators() + "/coord";
  EXPECT_FALSE(HandshakeAt({profile + "/key.pem", profile + "/certificate.pem",
                            profile + "/anchors.pem"},
                           ne_.card().endpoints[0])
                   .ok());
  EXPECT_FALSE(
      HandshakeAt(TlsFilesOf(ng_, ne_.card()), OperatorAddress()).ok());
}

// A full disk, or what else keeps the node from writing, while a partner comes.
TEST_F(TrustTest, APartnerThatCouldNotBeWrittenComesWithTheNextTick) {
  const TestParticipant tg("TG", clock_.Now());
  const std::string path = NodeLayout{ne_.directory()}.RunPartners();
  const std::string root = tg.card().root.ToPem();
  std::filesystem::create_directory(path + ".new");
  ASSERT_OK(ne_.Pair(tg));
  ne_.Tick();
  EXPECT_THAT(*ReadPublicFile(path), testing::Not(testing::HasSubstr(root)));
  EXPECT_TRUE(StatusNames("trusted authorities"));
  std::filesystem::remove(path + ".new");
  ne_.Tick();
  EXPECT_THAT(*ReadPublicFile(path), testing::HasSubstr(root));
  EXPECT_FALSE(StatusNames("trusted authorities"));
}

TEST_F(TrustTest, ARemovedPartnersConnectionIsCut) {
  FakeClock clock{clock_.Now()};
  HandmadePartner partner(ng_, ne_, clock);
  EXPECT_OK(partner.peer().Handshake({1, clock.Now()}, absl::Seconds(5)));
  ASSERT_TRUE(partner.peer().IsConnected());
  CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
  operators::v1::RemovePartnerRequest request;
  request.set_request_id(admin.NewRequestId());
  request.set_participant("NG");
  ASSERT_OK((admin.Call<operators::v1::AdminService,
                        operators::v1::RemovePartnerResponse>(
      &operators::v1::AdminService::Stub::RemovePartner, request)));
  const absl::Time removed = absl::Now();
  while (partner.peer().IsConnected()) {
    ASSERT_LT(absl::Now() - removed, absl::Seconds(1));
  }
  EXPECT_FALSE(
      partner.peer().Handshake({1, clock.Now()}, absl::Seconds(1)).ok());
}

}  // namespace
}  // namespace comity
