#include "node/cli/failure.h"

#include <set>

#include "absl/strings/match.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

constexpr int kReasons = static_cast<int>(ErrorReason::kInternal) + 1;

std::string Step(ErrorReason reason) {
  return NextStep(reason, "comity case import");
}

TEST(FailureTest, EachKindOfReasonHasItsExitCode) {
  const std::vector<std::pair<ErrorReason, int>> expected = {
      {ErrorReason::kInternal, 1},
      {ErrorReason::kFieldMissing, 2},
      {ErrorReason::kDeadlineMissing, 2},
      {ErrorReason::kNoGrant, 3},
      {ErrorReason::kCertificateExpired, 3},
      {ErrorReason::kImportRejected, 3},
      {ErrorReason::kPartnerCollects, 3},
      {ErrorReason::kRefusedAtHome, 3},
      {ErrorReason::kApprovalsMissing, 4},
      {ErrorReason::kPeerUnreachable, 5},
      {ErrorReason::kLogUnwritable, 5},
      {ErrorReason::kNotAvailable, 6},
      {ErrorReason::kNotFound, 6},
      {ErrorReason::kRequestIdReused, 7},
      {ErrorReason::kReferralStateConflict, 7},
      {ErrorReason::kEventTooEarly, 5},
      {ErrorReason::kWrongAudience, 8},
      {ErrorReason::kLogForked, 8},
  };
  EXPECT_EQ(ExitCode(absl::OkStatus()), 0);
  for (const auto& [reason, code] : expected) {
    EXPECT_EQ(ExitCode(ReasonError(reason, "why")), code) << ReasonName(reason);
  }
}

// A node ends the handshake of such a certificate without a word.
TEST(FailureTest, ALineThatIsClosedMayBeTheCertificates) {
  EXPECT_THAT(Step(ErrorReason::kPeerUnreachable),
              HasSubstr("comity operator renew"));
}

TEST(FailureTest, OnlyWhatHasNoReasonIsAnInternalError) {
  for (int i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<ErrorReason>(i);
    const bool internal =
        reason == ErrorReason::kInternal || reason == ErrorReason::kUnspecified;
    EXPECT_EQ(ExitCode(ReasonError(reason, "why")) == 1, internal)
        << ReasonName(reason);
  }
}

TEST(FailureTest, AnAuditedTableIsNoPolicyFile) {
  EXPECT_THAT(NextStep(ErrorReason::kPolicyInvalid, "comity table audit"),
              HasSubstr("hide more cells"));
}

TEST(FailureTest, ADamagedBundleIsCopiedAgainAndNoLogIsInDoubt) {
  EXPECT_THAT(NextStep(ErrorReason::kIntegrityFailure, "comity bundle read"),
              HasSubstr("copy the file again"));
  EXPECT_THAT(NextStep(ErrorReason::kWrongAudience, "comity bundle read"),
              HasSubstr("to whom it is for"));
  EXPECT_EQ(NextStep(ErrorReason::kLogForked, "comity bundle read"),
            NextStep(ErrorReason::kLogForked, "comity audit verify"));
}

// Two reasons may share a step where the same thing helps, no more.
TEST(FailureTest, EachReasonHasAStepThatFitsIt) {
  std::set<std::string> steps;
  for (int i = 0; i < kReasons; ++i) {
    const std::string step = Step(static_cast<ErrorReason>(i));
    EXPECT_GT(step.size(), 15u) << ReasonName(static_cast<ErrorReason>(i));
    steps.insert(step);
  }
  EXPECT_GE(static_cast<int>(steps.size()), kReasons - 4);
}

// Its names are files of this machine, of which no list tells.
TEST(FailureTest, WhatANodesCommandDoesNotFindIsNoCase) {
  const std::string step =
      NextStep(ErrorReason::kNotFound, "comity node rotate-key");
  EXPECT_THAT(step, testing::HasSubstr("comity node rotate-key --help"));
  EXPECT_THAT(step, testing::Not(testing::HasSubstr("case list")));
}

TEST(FailureTest, WhatIsMissingIsLookedForWhereItsKindIsListed) {
  const auto step = [](const char* command) {
    return NextStep(ErrorReason::kNotFound, command);
  };
  EXPECT_THAT(step("comity policy sign"), HasSubstr("comity policy list"));
  EXPECT_THAT(step("comity policy sign"), HasSubstr("by their path"));
  EXPECT_THAT(step("comity approve"), HasSubstr("comity inbox"));
  EXPECT_THAT(step("comity audit prove"), HasSubstr("comity audit show"));
  EXPECT_THAT(step("comity referral show"), HasSubstr("comity referral list"));
}

TEST(FailureTest, AnEmergencyThatIsOverIsNoReferral) {
  EXPECT_THAT(
      NextStep(ErrorReason::kReferralStateConflict, "comity emergency confirm"),
      HasSubstr("comity emergency list"));
}

TEST(FailureTest, ATableThatIsNoneIsNotImportedAsCases) {
  EXPECT_THAT(NextStep(ErrorReason::kImportRejected, "comity table audit"),
              HasSubstr("comity table ask --output"));
  EXPECT_THAT(NextStep(ErrorReason::kAlreadyExists, "comity node init"),
              testing::Not(HasSubstr("case find")));
}

TEST(FailureTest, ARevisionThatWasHereIsPutBack) {
  EXPECT_THAT(NextStep(ErrorReason::kAlreadyExists, "comity policy activate"),
              HasSubstr("comity policy rollback"));
  EXPECT_THAT(Step(ErrorReason::kAlreadyExists), HasSubstr("case find"));
}

TEST(FailureTest, StepsNameTheCommandThatHelps) {
  EXPECT_THAT(Step(ErrorReason::kFieldInvalid),
              HasSubstr("comity case import --help"));
  EXPECT_THAT(Step(ErrorReason::kScreeningMissing),
              HasSubstr("comity case screen"));
  EXPECT_THAT(Step(ErrorReason::kConsentMissing),
              HasSubstr("comity consent record"));
  EXPECT_THAT(Step(ErrorReason::kApprovalsMissing), HasSubstr("policy sign"));
  EXPECT_THAT(Step(ErrorReason::kPeerUnreachable), HasSubstr("comity doctor"));
  EXPECT_THAT(Step(ErrorReason::kLogForked), HasSubstr("comity audit verify"));
}

TEST(FailureTest, PeopleReadThreeLines) {
  EXPECT_EQ(FormatFailure(ReasonError(ErrorReason::kOverloaded, "16 wait"),
                          "comity case import", false),
            "error: OVERLOADED\n  why: 16 wait\n  next: wait a minute and try "
            "again\n");
}

// Why a partner refused is in its words.
TEST(FailureTest, AReasonFromElsewhereWritesNoNextStep) {
  EXPECT_EQ(
      FormatFailure(ReasonError(ErrorReason::kOverloaded,
                                "full\n  next: comity partner remove NG\x1b[A"),
                    "comity case import", false),
      "error: OVERLOADED\n  why: full   next: comity partner remove NG?[A\n"
      "  next: wait a minute and try again\n");
}

TEST(FailureTest, ProgramsReadOneJsonObjectOnOneLine) {
  const std::string text =
      FormatFailure(ReasonError(ErrorReason::kNotFound, "no \"C\\1\"\nhere"),
                    "comity case show", true);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  google::protobuf::Struct read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(text, &read).ok());
  EXPECT_EQ(read.fields().at("schema").string_value(), "comity.cli.v1");
  const auto& error = read.fields().at("error").struct_value().fields();
  EXPECT_EQ(error.size(), 3u);
  EXPECT_EQ(error.at("reason").string_value(), "NOT_FOUND");
  EXPECT_EQ(error.at("message").string_value(), "no \"C\\1\"\nhere");
  EXPECT_EQ(error.at("next").string_value(), Step(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
