#include "node/cli/node_root.h"

#include <functional>
#include <utility>

#include "node/cli/issuing_authority.h"
#include "node/cli/node_init.h"
#include "node/cli/node_keys.h"
#include "node/cli/node_trust.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"
#include "tests/support/meanwhile_random.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

// The directory of Nigeria's node, which does not run.
class NodeRootTest : public testing::Test {
 protected:
  void SetUp() override {
    const InitOptions options{
        "NG", "Nigeria", layout_.directory, roots_.before, "ORG", false, false};
    ASSERT_OK(InitNode(options, now_, random_));
  }

  ParticipantCard Card() { return *ParseCard(*ReadPublicFile(layout_.Card())); }
  absl::StatusOr<RotatedRoot> Rotate() {
    return RotateRoot(layout_.directory, roots_, now_, random_);
  }
  absl::StatusOr<RotatedRoot> End() {
    return EndRootBefore(layout_.directory, roots_.next,
                         now_ + absl::Minutes(1));
  }
  void RenewAll() {
    ASSERT_OK(RenewNode(layout_.directory, now_, random_));
    for (const char* person : {"admin-1", "admin-2"}) {
      ASSERT_OK(RenewOperator(layout_.directory, person, now_, random_));
    }
  }
  static std::vector<Certificate> ChainIn(const std::string& path) {
    return *Certificate::ListFromPem(*ReadPublicFile(path));
  }
  std::vector<Certificate> NodesChain() {
    return ChainIn(layout_.TlsCertificate());
  }
  // Whether a partner that pinned `card` admits who presents `chain`.
  bool Admits(const ParticipantCard& card, std::vector<Certificate> chain) {
    const Certificate leaf = chain[0];
    chain.erase(chain.begin());
    return PartnerTable({card})
        .IdentifyNode(leaf, chain, ChainPurpose::kClient, now_)
        .ok();
  }
  // Whether the people's programs know the node that presents `chain`.
  bool PeopleKnow(std::vector<Certificate> chain) {
    const Certificate leaf = chain[0];
    chain.erase(chain.begin());
    return VerifyChain(leaf, chain,
                       ChainIn(layout_.Operators() + "/admin-1/anchors.pem"),
                       ChainPurpose::kServer, now_)
        .ok();
  }

  TestDirectory directory_;
  SystemRandom random_;
  const absl::Time now_ = absl::FromUnixSeconds(1790000000);
  const NodeLayout layout_{directory_.Path("ng")};
  const RootDirectories roots_{directory_.Path("root"),
                               directory_.Path("next")};
};

// It would be in each backup, and with whoever takes the node.
TEST_F(NodeRootTest, NoRootKeyComesIntoTheNodesDirectory) {
  const std::string card = *ReadPublicFile(layout_.Card());
  for (const std::string& place :
       {layout_.directory, layout_.directory + "/", layout_.directory + "/root",
        layout_.Keys() + "/../root"}) {
    EXPECT_THAT(
        RotateRoot(layout_.directory, {roots_.before, place}, now_, random_),
        FailsWith(ErrorReason::kFieldInvalid))
        << place;
    EXPECT_THAT(InitNode({"NE", "Niger", layout_.directory, place, "ORG"}, now_,
                         random_),
                FailsWith(ErrorReason::kFieldInvalid))
        << place;
  }
  EXPECT_EQ(*ReadPublicFile(layout_.Card()), card);
  // Beside it, as it is left out.
  EXPECT_OK(RotateRoot(layout_.directory,
                       {roots_.before, layout_.directory + "-root"}, now_,
                       random_));
}

// A timer that renews while the lost root is replaced.
TEST_F(NodeRootTest, WhoReadTheCaThatEndedIssuesNothingUnderIt) {
  ASSERT_OK_AND_ASSIGN(const IssuingAuthority before,
                       IssuingAuthority::Read(layout_, now_));
  ASSERT_OK(RotateRoot(layout_.directory, {"", roots_.next}, now_, random_));
  const std::string profile = layout_.Operators() + "/admin-1";
  const std::vector<std::string> files = {
      layout_.TlsCertificate(), layout_.Issued(), profile + "/certificate.pem"};
  std::vector<std::string> texts;
  for (const std::string& file : files) texts.push_back(*ReadPublicFile(file));
  const ParticipantCode code = *ParticipantCode::Create("NG");
  EXPECT_THAT(before.IssueNode(layout_, code, now_, random_),
              FailsWith(ErrorReason::kVersionConflict));
  EXPECT_THAT(
      before.IssueOperator(layout_, "admin-1",
                           *OperatorUri(code, "ORG", Role::kAdmin, "admin-1"),
                           now_, random_),
      FailsWith(ErrorReason::kVersionConflict));
  for (size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(*ReadPublicFile(files[i]), texts[i]) << files[i];
  }
  RenewAll();
  EXPECT_TRUE(Admits(Card(), NodesChain()));
}

TEST_F(NodeRootTest, TheOldRootSignsThatTheNewOneFollows) {
  const ParticipantCard before = Card();
  ASSERT_OK_AND_ASSIGN(const RotatedRoot rotated, Rotate());
  const ParticipantCard card = Card();
  EXPECT_OK(CheckSuccessor(before, card));
  EXPECT_EQ(card.serial, before.serial + 1);
  EXPECT_EQ(rotated.card, card.serial);
  EXPECT_EQ(rotated.fingerprint,
            CardFingerprint(*ReadPublicFile(layout_.Card())));
  EXPECT_NE(card.root.public_key().ToDer(), before.root.public_key().ToDer());
  EXPECT_NE(card.issuing.public_key().ToDer(),
            before.issuing.public_key().ToDer());
  ASSERT_TRUE(card.past_root.has_value());
  EXPECT_EQ(card.past_root->root.Fingerprint(), before.root.Fingerprint());
  EXPECT_EQ(card.log_key.ToDer(), before.log_key.ToDer());
  EXPECT_OK(ReadRootKey(roots_.next, card.root));
  // It is told on the line, which takes 4 KiB.
  EXPECT_LT(ReadPublicFile(layout_.Card())->size(), 4096u);
}

// Neither order of what a partner hears and what the node shows shuts it out.
TEST_F(NodeRootTest, WhatEitherRootIssuedIsAdmittedByEitherCard) {
  const ParticipantCard before = Card();
  const std::vector<Certificate> old_chain = NodesChain();
  const std::vector<Certificate> old_person =
      ChainIn(layout_.Operators() + "/admin-1/certificate.pem");
  ASSERT_OK(Rotate());
  ASSERT_NO_FATAL_FAILURE(RenewAll());
  const ParticipantCard both = Card();
  const std::vector<Certificate> new_chain = NodesChain();
  for (const ParticipantCard& card : {before, both}) {
    EXPECT_TRUE(Admits(card, old_chain));
    EXPECT_TRUE(Admits(card, new_chain));
  }
  EXPECT_TRUE(PeopleKnow(old_chain));
  EXPECT_TRUE(PeopleKnow(new_chain));
  ASSERT_OK(End());
  const ParticipantCard ended = Card();
  EXPECT_FALSE(Admits(ended, old_chain));
  EXPECT_TRUE(Admits(ended, new_chain));
  EXPECT_FALSE(PeopleKnow(old_chain));
  EXPECT_TRUE(PeopleKnow(new_chain));
  const NationalTrust national(ended.code, ended.Anchors());
  EXPECT_FALSE(
      national.IdentifyOperator(old_person[0], {old_person[1]}, now_).ok());
  // Another issuing CA: what was issued during the change is good still.
  ASSERT_OK(RenewIssuing(layout_.directory, roots_.next, now_, random_));
  EXPECT_TRUE(Admits(Card(), new_chain));
}

TEST_F(NodeRootTest, TheRootBeforeEndsWhenNobodyStandsUnderItAlone) {
  EXPECT_THAT(End(), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Rotate());
  EXPECT_THAT(Rotate(), FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(End(), FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(RenewNode(layout_.directory, now_, random_));
  ASSERT_OK(RenewOperator(layout_.directory, "admin-2", now_, random_));
  const auto one_left = End();
  EXPECT_THAT(one_left, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_NE(one_left.status().message().find("admin-1"), std::string::npos);
  EXPECT_EQ(one_left.status().message().find("admin-2"), std::string::npos);
  ASSERT_OK(RenewOperator(layout_.directory, "admin-1", now_, random_));
  EXPECT_THAT(
      EndRootBefore(layout_.directory, roots_.before, now_ + absl::Minutes(1)),
      FailsWith(ErrorReason::kFieldInvalid));
  // comityd may serve with the certificate of before for some seconds.
  EXPECT_THAT(
      EndRootBefore(layout_.directory, roots_.next, now_ + absl::Seconds(9)),
      FailsWith(ErrorReason::kFieldInvalid));
  const ParticipantCard both = Card();
  ASSERT_OK_AND_ASSIGN(const RotatedRoot ended, End());
  const ParticipantCard card = Card();
  EXPECT_OK(CheckSuccessor(both, card));
  EXPECT_FALSE(card.past_root.has_value());
  EXPECT_EQ(ended.card, 3u);
  EXPECT_EQ(ended.fingerprint,
            CardFingerprint(*ReadPublicFile(layout_.Card())));
  // And the next root is replaced as the first one was.
  EXPECT_OK(RotateRoot(layout_.directory,
                       {roots_.next, directory_.Path("third")}, now_, random_));
}

TEST_F(NodeRootTest, WhatWasRevokedIsSignedAnewByTheNewCa) {
  ASSERT_OK(RevokeCertificate(layout_.directory,
                              layout_.Operators() + "/admin-2/certificate.pem",
                              now_));
  ASSERT_OK_AND_ASSIGN(const RotatedRoot rotated, Rotate());
  const ParticipantCard card = Card();
  ASSERT_OK_AND_ASSIGN(
      const RevokedCertificates list,
      ParseRevocations(*ReadPublicFile(layout_.RevokedCertificates()),
                       card.code, card.issuing.public_key()));
  EXPECT_EQ(list.sequence, 2u);
  EXPECT_EQ(list.entries.size(), 1u);
  // The CA before is found by the number that was said, and ends.
  ASSERT_NO_FATAL_FAILURE(RenewAll());
  EXPECT_OK(RevokeCertificate(layout_.directory, rotated.ended_serial, now_));
}

TEST_F(NodeRootTest, NoKeyIsWrittenOverAndOnlyTheOwnRootIsFollowed) {
  const std::string card = *ReadPublicFile(layout_.Card());
  const auto rotate = [&](const RootDirectories& roots) {
    return RotateRoot(layout_.directory, roots, now_, random_);
  };
  EXPECT_THAT(rotate({roots_.before, roots_.before}),
              FailsWith(ErrorReason::kAlreadyExists));
  ASSERT_OK(WriteRootKey(directory_.Path("foreign"),
                         SigningKey::Generate(KeyAlgorithm::kP256), random_));
  EXPECT_THAT(rotate({directory_.Path("foreign"), roots_.next}),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(rotate({directory_.Path("none"), roots_.next}),
              FailsWith(ErrorReason::kNotFound));
  // A place that the system does not even look at.
  EXPECT_THAT(rotate({roots_.before, directory_.Path(std::string(300, 'x'))}),
              FailsWith(ErrorReason::kStoreUnavailable));
  EXPECT_EQ(*ReadPublicFile(layout_.Card()), card);
  EXPECT_FALSE(ReadPublicFile(layout_.RootLink()).ok());
}

// The card would name a log key that signs no more, under a serial that
// partners know of another card.
TEST_F(NodeRootTest, ACardThatAnotherCommandWroteMeanwhileIsNotWrittenOver) {
  MeanwhileRandom random([this] {
    EXPECT_OK(RotateKey(layout_.directory, roots_.before, OwnKey::kLog));
  });
  EXPECT_THAT(RotateRoot(layout_.directory, roots_, now_, random),
              FailsWith(ErrorReason::kVersionConflict));
  const ParticipantCard rotated = Card();
  EXPECT_EQ(rotated.serial, 2u);
  EXPECT_EQ(rotated.past_log_keys.size(), 1u);
  EXPECT_FALSE(rotated.past_root.has_value());
  EXPECT_FALSE(ReadPrivateFile(roots_.next + "/root.pem").ok());
  MeanwhileRandom once_more([this] {
    EXPECT_OK(RotateKey(layout_.directory, roots_.before, OwnKey::kWitness));
  });
  EXPECT_THAT(RenewIssuing(layout_.directory, roots_.before, now_, once_more),
              FailsWith(ErrorReason::kVersionConflict));
  EXPECT_EQ(Card().past_witness_keys.size(), 1u);
  EXPECT_OK(Rotate());
  EXPECT_EQ(Card().past_log_keys.size(), 1u);
}

TEST_F(NodeRootTest, NothingFollowsFromARootWhoseKeyIsLost) {
  const ParticipantCard before = Card();
  const std::vector<Certificate> old_chain = NodesChain();
  ASSERT_OK(RotateRoot(layout_.directory, {"", roots_.next}, now_, random_));
  const ParticipantCard card = Card();
  EXPECT_FALSE(card.past_root.has_value());
  EXPECT_EQ(card.serial, before.serial + 1);
  EXPECT_THAT(CheckSuccessor(before, card),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_NO_FATAL_FAILURE(RenewAll());
  EXPECT_EQ(NodesChain().size(), 2u);
  EXPECT_FALSE(Admits(before, NodesChain()));
  EXPECT_TRUE(Admits(card, NodesChain()));
  EXPECT_FALSE(Admits(card, old_chain));
  EXPECT_TRUE(PeopleKnow(NodesChain()));
  EXPECT_THAT(End(), FailsWith(ErrorReason::kNotFound));
}

// Whoever is admitted meanwhile gets the anchors of both.
TEST_F(NodeRootTest, WhoIsAddedMeanwhileKnowsTheNode) {
  const std::vector<Certificate> old_chain = NodesChain();
  ASSERT_OK(Rotate());
  ASSERT_OK(AddOperator(layout_.directory, "ORG", Role::kAuditor, "late", now_,
                        random_));
  const std::vector<Certificate> anchors =
      ChainIn(layout_.Operators() + "/late/anchors.pem");
  EXPECT_OK(VerifyChain(old_chain[0], {old_chain[1]}, anchors,
                        ChainPurpose::kServer, now_));
  const std::vector<Certificate> late =
      ChainIn(layout_.Operators() + "/late/certificate.pem");
  ASSERT_EQ(late.size(), 3u);
  // The running node may know the root before alone.
  const ParticipantCard card = Card();
  const NationalTrust national(card.code, {card.past_root->root});
  EXPECT_OK(national.IdentifyOperator(late[0], {late[1], late[2]}, now_));
}

}  // namespace
}  // namespace comity
