#include "tests/support/reference_policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/policy/conditions.h"
#include "node/policy/judge.h"
#include "tests/support/random_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/verdicts.h"

// Where the texts leave a choice, the questions and how both the engine and the
// reference answer them:
//
// 1. Does a requirement look at the wanted groups or at those that are left
//    (policy.md 2.3, line 11)? At the wanted ones: with those that are left, a
//    further denial could turn a hold into a permit (2.7, properties 2 and 3).
// 2. Do requirements reach counts, which are decided by lines 1 to 5 and 12?
//    Yes: 2.4 joins "every applying Require", and no duty is ever skipped.
//    Nothing is known of a record then, so every condition may hold.
// 3. Do limits and approvals stand before an event? No: it answers nothing, and
//    design.md section 1 names the only things that an event needs.
// 4. Is danger asked before an event (line 6)? Yes, when it is about a record
//    that is at hand; it is not among the exceptions.
// 5. What is the consent of an operation without fields? Not known: it opens no
//    grant and lifts no denial.
// 6. Does a denial that withholds step back in an emergency? Yes, as one of the
//    whole operation does; what is told for that reason is reviewed (2.6).
// 7. Do approvals of an emergency grant count at line 5 when no emergency is
//    declared? Yes: line 5 asks of all grants of line 3.
// 8. Whose is the mapping of a query that wants IDENTITY to IDENTITY_RELEASE?
//    The gate's; a decision judges the operation that it is given.

namespace comity {
namespace {

std::string Describe(const RandomCase& one) {
  return absl::StrCat("operation ", Name(one.request.operation), ", wanted ",
                      absl::Hex(one.request.wanted.bits()), ", holder ",
                      one.request.holder.text(), ", asker ",
                      one.request.asker.text(),
                      one.record.present ? ", record" : ", no record",
                      one.state.emergency ? ", emergency" : "");
}

TEST(ReferencePolicyTest, ReadsAsTheEngineOn100000RandomDecisions) {
  RandomPolicy random(20261125);
  int differ = 0;
  for (int i = 0; i < 20000; ++i) {
    const CompiledPolicy policy(random.NextSet());
    for (int j = 0; j < 5; ++j) {
      const RandomCase one = random.NextCase(policy);
      const std::string engine =
          Verdict(Judge(policy, one.request, one.record, one.state));
      const std::string text = Verdict(
          ReferenceJudge(policy.set(), one.request, one.record, one.state));
      EXPECT_EQ(engine, text)
          << "set " << i << " case " << j << ": " << Describe(one);
      if (engine != text && ++differ == 5) return;
    }
  }
}

// Explanations name single conditions; they are those that decide together.
TEST(ReferencePolicyTest, ARecordIsJudgedByTheConditionsThatAreListed) {
  RandomPolicy random(6);
  for (int i = 0; i < 5000; ++i) {
    const CompiledPolicy policy(random.NextSet());
    const RecordFacts record = random.NextCase(policy).record;
    const When& when = policy.set().agreements[0].grants[0].when;
    for (const RelationMode mode : {RelationMode::kAll, RelationMode::kAny}) {
      Truth least = Truth::kTrue;
      for (const Condition condition : kConditions) {
        least = std::min(least, JudgeCondition(condition, when, record, mode));
      }
      ASSERT_EQ(JudgeRecord(when, record, mode), least);
    }
  }
}

TEST(ReferencePolicyTest, LeavesOutOfCountsWhatTheEngineLeavesOut) {
  RandomPolicy random(5);
  int left_out = 0;
  for (int i = 0; i < 5000; ++i) {
    const CompiledPolicy policy(random.NextSet());
    for (int j = 0; j < 4; ++j) {
      const RecordFacts record = random.NextCase(policy).record;
      const bool text = ReferenceLeftOutOfCounts(policy.set(), record);
      ASSERT_EQ(LeftOutOfCounts(policy, record), text);
      left_out += text ? 1 : 0;
    }
  }
  EXPECT_GT(left_out, 3000);
  EXPECT_LT(left_out, 17000);
}

}  // namespace
}  // namespace comity
