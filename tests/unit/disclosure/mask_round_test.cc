#include "node/disclosure/mask_round.h"

#include <algorithm>
#include <map>

#include "node/crypto/hpke.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Words = std::vector<uint64_t>;
const std::string kNonce(MaskRound::kNonceSize, 'n');

TableQuestion Question(const std::vector<std::string>& by,
                       Measure measure = Measure::kPersons) {
  return *TableQuestion::Create("2018", by, {}, measure);
}

// Members with keys of their own, and protected tables by sex.
class MaskRoundTest : public testing::Test {
 protected:
  MaskRoundTest() {
    uint64_t figure = 11;
    for (const std::string code : {"NE", "NG", "TG"}) {
      keys_.emplace(code, NewHpkeKey(random_));
      tables_[code].cells = {{{"female"}, false, figure},
                             {{"male"}, code == "NG", code == "NG" ? 0 : 20u},
                             {{"total"}, false, figure + 20}};
      figure += 30;
    }
  }

  MaskRound Round(const std::string& nonce = kNonce,
                  std::vector<std::string> members = {"TG", "NE", "NG"}) {
    return *MaskRound::Create(Question({"sex"}), "ECOWAS", std::move(members),
                              nonce);
  }

  Words Masked(const MaskRound& round, const std::string& self) {
    Words words = round.WordsOf(tables_.at(self));
    for (const std::string& other : round.members()) {
      if (other == self) continue;
      const auto shared =
          SharedKey(keys_.at(self), HpkePublicKey(keys_.at(other)));
      EXPECT_OK(shared);
      round.AddMask(*shared, self, other, words);
    }
    return words;
  }

  SystemRandom random_;
  std::map<std::string, SecretBytes> keys_;
  std::map<std::string, ReleasedCells> tables_;
};

TEST_F(MaskRoundTest, MasksOfAllMembersCancel) {
  const MaskRound round = Round();
  const auto sum = round.Sum(
      {Masked(round, "NE"), Masked(round, "NG"), Masked(round, "TG")});
  ASSERT_OK(sum);
  const auto cell = [&sum](const std::string& code) {
    return *std::find_if(sum->begin(), sum->end(), [&](const auto& each) {
      return each.codes[0] == code;
    });
  };
  EXPECT_EQ(cell("female").sum, 11u + 41 + 71);
  EXPECT_EQ(cell("female").members, 3u);
  EXPECT_EQ(cell("male").sum, 40u);
  EXPECT_EQ(cell("male").suppressed_members, 1u);
  // Nobody shows one; it looks as it does for any member alone.
  EXPECT_EQ(cell("other").members, 0u);
  EXPECT_EQ(cell("other").sum, 0u);
}

// What all but one have told, and any part of it, are random numbers.
TEST_F(MaskRoundTest, NoPartOfTheSetTellsAFigure) {
  const MaskRound round = Round();
  const Words ne = Masked(round, "NE");
  const Words ng = Masked(round, "NG");
  const Words plain = round.WordsOf(tables_.at("NE"));
  ASSERT_EQ(ne.size(), plain.size());
  for (size_t at = 0; at < ne.size(); ++at) {
    // No figure is that large.
    EXPECT_GT(ne[at], uint64_t{1} << 32) << at;
    EXPECT_GT(ne[at] + ng[at], uint64_t{1} << 32) << at;
  }
  EXPECT_THAT(round.Sum({ne, ng}), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(round.Sum({ne, ng, ng}),
              FailsWith(ErrorReason::kIntegrityFailure));
}

// Masks are good for one round: asker, question, set and nonce.
TEST_F(MaskRoundTest, WordsOfAnotherRoundDoNotCancel) {
  const MaskRound round = Round();
  const MaskRound other = Round(std::string(MaskRound::kNonceSize, 'm'));
  EXPECT_NE(round.id(), other.id());
  EXPECT_THAT(round.Sum({Masked(round, "NE"), Masked(other, "NG"),
                         Masked(round, "TG")}),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_EQ(Round().id(), Round(kNonce, {"NG", "TG", "NE"}).id());
  EXPECT_NE(round.id(), Round(kNonce, {"NG", "TG", "BJ"}).id());
  EXPECT_NE(round.id(), MaskRound::Create(Question({"sex"}), "ECCAS",
                                          {"NE", "NG", "TG"}, kNonce)
                            ->id());
  EXPECT_NE(round.id(), MaskRound::Create(Question({"status"}), "ECOWAS",
                                          {"NE", "NG", "TG"}, kNonce)
                            ->id());
}

TEST_F(MaskRoundTest, WhatASumAloneCannotTellIsRefused) {
  const auto create = [](const TableQuestion& question,
                         std::vector<std::string> members,
                         const std::string& nonce) {
    return MaskRound::Create(question, "ECOWAS", std::move(members), nonce)
        .status();
  };
  const std::vector<std::string> three = {"NE", "NG", "TG"};
  EXPECT_OK(create(Question({"sex"}), three, kNonce));
  const auto invalid = FailsWith(ErrorReason::kFieldInvalid);
  EXPECT_THAT(create(Question({"sex"}), {"NE", "NG"}, kNonce), invalid);
  EXPECT_THAT(create(Question({"sex"}), {"NE", "NG", "NG"}, kNonce), invalid);
  EXPECT_THAT(create(Question({"sex"}), {"ECOWAS", "NE", "NG"}, kNonce),
              invalid);
  EXPECT_THAT(create(Question({"sex"}), {"NE", "NG", "T G\n"}, kNonce),
              invalid);
  EXPECT_THAT(create(Question({"sex"}), three, "short"), invalid);
  EXPECT_THAT(create(Question({"citizenship"}), three, kNonce), invalid);
  EXPECT_THAT(
      create(Question({"lane"}, Measure::kMedianAcceptanceDays), three, kNonce),
      invalid);
}

}  // namespace
}  // namespace comity
