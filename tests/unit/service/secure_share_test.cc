#include "node/service/secure_share.h"

#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const std::string kAnswer(32, 'a');

// A member that is asked for its part of sums over sets by ECOWAS.
class SecureShareTest : public testing::Test {
 protected:
  static std::optional<SumRequest> Sum(
      const std::vector<std::string>& members, char nonce = 'n',
      const std::string& left_out_reason = "") {
    federation::v1::TableQuestion asked;
    for (const std::string& member : members) {
      asked.mutable_sum_round()->add_members(member);
    }
    asked.mutable_sum_round()->set_nonce(
        std::string(MaskRound::kNonceSize, nonce));
    asked.mutable_sum_round()->set_left_out_reason(left_out_reason);
    const auto sum = ReadSumRequest(
        asked, *TableQuestion::Create("2018", {"sex"}, {}), "ECOWAS");
    EXPECT_OK(sum);
    return sum.value_or(std::nullopt);
  }

  absl::Status Keep(const std::optional<SumRequest>& sum,
                    const std::string& answer = kAnswer,
                    const std::string& period = "2018") {
    const auto question = *TableQuestion::Create(period, {"sex"}, {});
    return parts_.writer
        .Commit([&](CommitScope& scope) {
          return KeepSum(*sum, "ECOWAS", question, answer, scope.store());
        })
        .status();
  }

  // Holders NE, NG, TD, TG; ECOWAS asks, and MR is a party that holds nothing.
  static Agreement Counts() {
    Agreement agreement;
    agreement.party = {"ECOWAS", "MR", "NE", "NG", "TD", "TG"};
    Grant grant;
    grant.holder = {"NE", "NG", "TD", "TG"};
    grant.asker = {"ECOWAS"};
    grant.operation = {Operation::kAggregateCount};
    agreement.grants.push_back(std::move(grant));
    return agreement;
  }

  ServiceParts parts_;
};

TEST_F(SecureShareTest, ASumIsAskedForWhereNothingElseMayBeTold) {
  Duties duties;
  const auto check = [&duties](const std::optional<SumRequest>& sum) {
    return CheckSumRequest(sum, "NE", Counts(), duties);
  };
  const auto invalid = FailsWith(ErrorReason::kFieldInvalid);
  EXPECT_OK(check(std::nullopt));
  EXPECT_THAT(check(Sum({"NE", "NG", "TG"})), invalid);
  duties.aggregation = Aggregation::kTotalOnly;
  EXPECT_THAT(check(std::nullopt), invalid);
  EXPECT_OK(check(Sum({"NE", "NG", "TG"})));
  EXPECT_THAT(check(Sum({"NG", "TD", "TG"})), invalid);
  // Whoever holds no counts would only help the asker to take masks away.
  EXPECT_THAT(check(Sum({"MR", "NE", "NG"})), invalid);
}

// Under the same masks the difference of two answers would show.
TEST_F(SecureShareTest, MasksHideOneAnswerAlone) {
  const auto sum = Sum({"NE", "NG", "TG"});
  EXPECT_OK(Keep(sum));
  EXPECT_OK(Keep(sum));
  EXPECT_THAT(Keep(sum, std::string(32, 'b')),
              FailsWith(ErrorReason::kNotAvailable));
  EXPECT_OK(Keep(Sum({"NE", "NG", "TG"}, 'm'), std::string(32, 'b')));
}

// A repeated question notes nothing, and another revision may be there by then.
TEST_F(SecureShareTest, MasksHideNoOtherAnswerToARepeatedQuestion) {
  const auto sum = Sum({"NE", "NG", "TG"});
  EXPECT_OK(CheckRound(*sum, kAnswer, parts_.store));
  EXPECT_OK(Keep(sum));
  EXPECT_OK(CheckRound(*sum, kAnswer, parts_.store));
  EXPECT_THAT(CheckRound(*sum, std::string(32, 'b'), parts_.store),
              FailsWith(ErrorReason::kNotAvailable));
}

// The difference of two sets would show who is in one of them. No member can
// tell whether another, of which it is said that it is away, gave its part.
TEST_F(SecureShareTest, Law8AnotherSetIsRefusedWhateverIsSaidOfWhoIsLeftOut) {
  const auto refused = FailsWith(ErrorReason::kNotAvailable);
  const std::vector<std::string> four = {"NE", "NG", "TD", "TG"};
  EXPECT_OK(Keep(Sum(four, '1')));
  EXPECT_THAT(Keep(Sum({"NE", "NG", "TG"}, '2')), refused);
  const auto left_out = Sum({"NE", "NG", "TG"}, '3', "TD does not answer");
  EXPECT_EQ(SumWords(left_out),
            " in the sum over NE, NG, TG (TD does not answer)");
  EXPECT_THAT(Keep(left_out), refused);
  EXPECT_THAT(Keep(Sum({"MR", "NE", "NG", "TD", "TG"}, '4', "MR is new")),
              refused);
  // Another table of the period has cells in common with this one.
  EXPECT_THAT(Keep(left_out, std::string(32, 'b')), refused);
  // The same set may be asked again: one of it did not answer.
  EXPECT_OK(Keep(Sum(four, '5')));
  EXPECT_OK(Keep(Sum(four, '6'), std::string(32, 'b')));
  // Another year is about other persons.
  EXPECT_OK(Keep(Sum({"NE", "NG", "TD"}, '7'), std::string(32, 'c'), "2019"));
}

// Who gave nothing yet is bound by nothing, and its log keeps the reason.
TEST_F(SecureShareTest, TheFirstSetMayLeaveOthersOut) {
  EXPECT_OK(Keep(Sum({"NE", "NG", "TG"}, '1', "TD does not answer")));
  EXPECT_THAT(Keep(Sum({"NE", "NG", "TD", "TG"}, '2', "TD is back")),
              FailsWith(ErrorReason::kNotAvailable));
}

TEST_F(SecureShareTest, AReasonIsOneLine) {
  federation::v1::TableQuestion asked;
  for (const char* member : {"NE", "NG", "TG"}) {
    asked.mutable_sum_round()->add_members(member);
  }
  asked.mutable_sum_round()->set_nonce(std::string(MaskRound::kNonceSize, 'n'));
  const auto question = *TableQuestion::Create("2018", {"sex"}, {});
  for (const std::string& reason :
       {std::string("two\nlines"), std::string(201, 'x')}) {
    asked.mutable_sum_round()->set_left_out_reason(reason);
    EXPECT_THAT(ReadSumRequest(asked, question, "ECOWAS"),
                FailsWith(ErrorReason::kFieldInvalid));
  }
}

}  // namespace
}  // namespace comity
