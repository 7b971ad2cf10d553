#include "node/cli/correction_output.h"

#include <algorithm>
#include <cstdio>

#include "node/cli/groups.h"
#include "node/cli/output.h"
#include "node/domain/vocabulary.h"

namespace comity {
namespace {

namespace pb = operators::v1;

void PrintOutcome(const pb::CorrectionOutcome& outcome) {
  if (!outcome.told().empty()) {
    printf("told %s anew: %s (referral %s)\n", outcome.participant().c_str(),
           GroupNames(outcome.told()).c_str(), outcome.referral_id().c_str());
  }
  for (const pb::RefusedGroup& refused : outcome.refused()) {
    if (!refused.approval_id().empty()) {
      printf(
          "not told %s yet: %s: %s (referral %s)\n",
          outcome.participant().c_str(),
          std::string(Name(static_cast<FieldGroup>(refused.group()))).c_str(),
          OnOneLine(refused.reason()).c_str(), outcome.referral_id().c_str());
      continue;
    }
    printf("not told %s: %s, which keeps its older value: %s (referral %s)\n",
           outcome.participant().c_str(),
           std::string(Name(static_cast<FieldGroup>(refused.group()))).c_str(),
           OnOneLine(refused.reason()).c_str(), outcome.referral_id().c_str());
  }
}

}  // namespace

void PrintCorrections(
    const google::protobuf::RepeatedPtrField<pb::CorrectionOutcome>& outcomes) {
  if (outcomes.empty()) printf("no partner was told of it\n");
  for (const pb::CorrectionOutcome& outcome : outcomes) PrintOutcome(outcome);
}

bool AnyWaits(
    const google::protobuf::RepeatedPtrField<pb::CorrectionOutcome>& outcomes) {
  return std::any_of(
      outcomes.begin(), outcomes.end(), [](const pb::CorrectionOutcome& each) {
        return std::any_of(each.refused().begin(), each.refused().end(),
                           [](const pb::RefusedGroup& refused) {
                             return !refused.approval_id().empty();
                           });
      });
}

}  // namespace comity
