#include "node/domain/deadline_terms.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace comity {

std::vector<DeadlineText> DeadlineTexts(const ReferralDeadlines& deadlines) {
  std::vector<DeadlineText> texts;
  texts.reserve(kDeadlineTerms.size() + 1);
  for (const DeadlineTerm& term : kDeadlineTerms) {
    texts.push_back({term.name, absl::StrCat(deadlines.*term.value)});
  }
  texts.push_back(
      {kFollowUpTerm.name, absl::StrJoin(deadlines.follow_up_days, ", ")});
  return texts;
}

}  // namespace comity
