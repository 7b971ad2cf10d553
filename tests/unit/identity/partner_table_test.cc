#include "node/identity/partner_table.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Authorities without name constraints, so that the table alone decides.
class PartnerTableTest : public testing::Test {
 protected:
  struct Authority {
    Certificate certificate;
    SigningKey key;
  };

  Authority MakeRoot() {
    SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const CertificateRequest request{CertificateKind::kRoot,
                                     key.public_key(),
                                     "root",
                                     "",
                                     "",
                                     "",
                                     now_,
                                     now_ + day_};
    return {*IssueCertificate(request, nullptr, key, random_), key};
  }

  Certificate Issue(const Authority& authority, const std::string& uri,
                    CertificateKind kind = CertificateKind::kNode) {
    const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
    const CertificateRequest request{kind, key.public_key(), "x", uri, "", "",
                                     now_, now_ + day_};
    return *IssueCertificate(request, &authority.certificate, authority.key,
                             random_);
  }

  ParticipantCard Card(const std::string& code, const Authority& authority) {
    const VerifyKey key =
        SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
    return {*ParticipantCode::Create(code),
            code,
            false,
            1,
            {},
            authority.certificate,
            authority.certificate,
            key,
            key};
  }

  absl::StatusOr<Caller> Identify(const Certificate& certificate,
                                  std::vector<Certificate> presented = {}) {
    return table_.IdentifyNode(certificate, presented, ChainPurpose::kClient,
                               now_);
  }

  const absl::Duration day_ = absl::Hours(24);
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  SystemRandom random_;
  Authority ng_ = MakeRoot();
  Authority ne_ = MakeRoot();
  PartnerTable table_{{Card("NG", ng_), Card("NE", ne_)}};
};

TEST_F(PartnerTableTest, ANodeIsWhoItsOwnAnchorsSay) {
  ASSERT_OK_AND_ASSIGN(const Caller caller,
                       Identify(Issue(ng_, "spiffe://ng.comity/node")));
  EXPECT_EQ(caller.participant.text(), "NG");
  EXPECT_TRUE(caller.is_node);
}

// Law 9.
TEST_F(PartnerTableTest, Law9OnePartnersAuthorityCannotSpeakAsAnother) {
  const Certificate forged = Issue(ne_, "spiffe://ng.comity/node");
  EXPECT_THAT(Identify(forged), FailsWith(ErrorReason::kCertificateUnknown));
  EXPECT_THAT(Identify(forged, {ng_.certificate, ne_.certificate}),
              FailsWith(ErrorReason::kCertificateUnknown));
}

TEST_F(PartnerTableTest, WhatAPartnerRevokedIsRefusedAndNoOtherOfItsOwn) {
  const Certificate stolen = Issue(ng_, "spiffe://ng.comity/node");
  const Certificate other = Issue(ng_, "spiffe://ng.comity/node");
  RevokedCertificates list;
  list.entries[stolen.Fingerprint()] = {now_ + day_, now_ + day_};
  const std::vector<ParticipantCard> cards = {Card("NG", ng_), Card("NE", ne_)};
  const auto identify = [&](const char* by, const Certificate& certificate) {
    const PartnerTable table(cards, {}, {{*ParticipantCode::Create(by), list}});
    return table.IdentifyNode(certificate, {}, ChainPurpose::kClient, now_)
        .status();
  };
  // Whatever this node's clock says.
  EXPECT_THAT(identify("NG", stolen),
              FailsWith(ErrorReason::kCertificateRevoked));
  EXPECT_OK(identify("NG", other));
  // Nobody revokes what is another's.
  EXPECT_OK(identify("NE", stolen));
}

TEST_F(PartnerTableTest, ARevokedIssuingCaEndsAllThatItIssued) {
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  const Certificate issuing =
      *IssueCertificate({CertificateKind::kIssuing, key.public_key(), "issuing",
                         "", "", "", now_, now_ + day_},
                        &ng_.certificate, ng_.key, random_);
  const Certificate leaf = Issue({issuing, key}, "spiffe://ng.comity/node");
  // It need not stand on the card: the root signed it.
  EXPECT_OK(Identify(leaf, {issuing}));
  EXPECT_THAT(Identify(leaf), FailsWith(ErrorReason::kCertificateUnknown));
  RevokedCertificates list;
  list.entries[issuing.Fingerprint()] = {now_, now_ + day_};
  for (const bool on_card : {false, true}) {
    ParticipantCard card = Card("NG", ng_);
    if (on_card) card.issuing = issuing;
    const PartnerTable table({card}, {}, {{card.code, list}});
    EXPECT_THAT(
        table.IdentifyNode(leaf, {issuing}, ChainPurpose::kClient, now_),
        FailsWith(ErrorReason::kCertificateUnknown));
  }
}

TEST_F(PartnerTableTest, ARevokedOperatorsCertificateIsRefusedFromThenOn) {
  const ParticipantCode ng = *ParticipantCode::Create("NG");
  const Certificate stolen =
      Issue(ng_, *OperatorUri(ng, "NAPTIP", Role::kCoordinator, "amina.b"),
            CertificateKind::kOperator);
  RevokedCertificatesHolder revoked;
  const NationalTrust national(ng, {ng_.certificate}, nullptr, &revoked);
  ASSERT_OK(national.IdentifyOperator(stolen, {}, now_));
  RevokedCertificates list;
  list.entries[stolen.Fingerprint()] = {now_, now_ + day_};
  revoked.Set(list);
  EXPECT_THAT(national.IdentifyOperator(stolen, {}, now_),
              FailsWith(ErrorReason::kCertificateRevoked));
  // What she signed before keeps its worth.
  list.entries[stolen.Fingerprint()] = {now_ + absl::Hours(1), now_ + day_};
  revoked.Set(list);
  EXPECT_OK(national.IdentifyOperator(stolen, {}, now_));
}

TEST_F(PartnerTableTest, OnlyANodesNameIsANode) {
  for (const char* uri :
       {"spiffe://ng.comity/operator/A/ADMIN/x", "spiffe://tg.comity/node",
        "spiffe://NG.comity/node", "spiffe://ng.comity/node/"}) {
    EXPECT_THAT(Identify(Issue(ng_, uri)),
                FailsWith(ErrorReason::kCertificateUnknown))
        << uri;
  }
}

TEST_F(PartnerTableTest, OnlyAnOperatorsNameIsAnOperator) {
  const NationalTrust national(*ParticipantCode::Create("NG"),
                               {ng_.certificate});
  const auto identify = [&](const std::string& uri, const Authority& by) {
    return national.IdentifyOperator(Issue(by, uri, CertificateKind::kOperator),
                                     {}, now_);
  };
  const std::string good = *OperatorUri(
      *ParticipantCode::Create("NG"), "NAPTIP", Role::kCoordinator, "amina.b");
  ASSERT_OK_AND_ASSIGN(const Caller caller, identify(good, ng_));
  EXPECT_EQ(caller.OperatorName(), "NAPTIP/amina.b");
  EXPECT_EQ(caller.role, Role::kCoordinator);
  EXPECT_FALSE(identify(good, ne_).ok());
  for (const char* uri :
       {"spiffe://ng.comity/node", "spiffe://ne.comity/operator/A/ADMIN/x",
        "spiffe://ng.comity/operator/A/KING/x",
        "spiffe://ng.comity/operator/A/ADMIN/x/y"}) {
    EXPECT_THAT(identify(uri, ng_), FailsWith(ErrorReason::kCertificateUnknown))
        << uri;
  }
}

// A person's profile is a folder of her name.
TEST_F(PartnerTableTest, NoPersonIsNamedLikeAnotherFolder) {
  for (const char* name : {"", ".", "..", ".hidden", "a/b", "A", "ü"}) {
    EXPECT_THAT(OperatorUri(*ParticipantCode::Create("NG"), "NAPTIP",
                            Role::kCoordinator, name),
                FailsWith(ErrorReason::kFieldInvalid))
        << name;
  }
}

}  // namespace
}  // namespace comity
