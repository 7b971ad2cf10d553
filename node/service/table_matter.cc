#include "node/service/table_matter.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/crypto/hash.h"
#include "node/domain/measure.h"

namespace comity {

ApprovalBinding TableBinding(ApprovalMatter matter,
                             const TableQuestion& question,
                             const RequestFacts& request,
                             const std::string& requested_by) {
  const std::string digest = Sha256(question.CanonicalForm());
  return {matter, *Uuid::FromBytes(digest.substr(0, 16)), request, requested_by,
          DescribeTable(question)};
}

std::string DescribeTable(const TableQuestion& question) {
  std::string text = absl::StrCat("table of ", question.period());
  if (question.measure() != Measure::kPersons) {
    absl::StrAppend(&text, ", ", MeasureWords(question.measure()));
  }
  if (!question.dimensions().empty()) {
    absl::StrAppend(&text, " by ", absl::StrJoin(question.dimensions(), ", "));
  }
  const char* join = " where ";
  for (const auto& [column, values] : question.filters()) {
    absl::StrAppend(&text, join, column, "=", absl::StrJoin(values, "|"));
    join = " and ";
  }
  return text;
}

}  // namespace comity
