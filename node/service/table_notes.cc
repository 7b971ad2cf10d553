#include "node/service/table_notes.h"

#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/disclosure/stated_error.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// What is known of the figures' error, once for each method.
std::set<std::string> ErrorNotes(const pb::RequestTableResponse& response) {
  std::set<std::string> notes;
  for (const pb::MemberOutcome& member : response.members()) {
    if (!member.has_table()) continue;
    const std::string& method = member.table().method();
    const auto error = ErrorOf(method);
    if (!error.has_value()) {
      notes.insert(absl::StrCat("The error of figures by ", method,
                                " is not known here."));
    } else if (error->largest == 0) {
      notes.insert(absl::StrCat("Figures by ", method, " are exact."));
    } else {
      notes.insert(absl::StrCat(
          "A member's figure by ", method, " lies at most ", error->largest,
          " from the count, with a standard deviation of ",
          std::sqrt(error->variance),
          ", either way alike; so parts need not add up to their total."));
    }
  }
  return notes;
}

}  // namespace

void AddReadingNotes(pb::RequestTableResponse& response) {
  auto& notes = *response.mutable_notes();
  int answered = 0;
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) ++answered;
  }
  *notes.Add() = absl::StrCat(answered, " of ", response.members_size(),
                              " members answered.");
  *notes.Add() =
      "A person detected in two states counts in both: these are detections, "
      "not persons.";
  *notes.Add() =
      "A cell without a figure is zero, few, or hidden to protect another; the "
      "three look alike. A member that does not collect a column gives no "
      "table "
      "at all. The sum over the other members is then a lower "
      "bound.";
  for (const std::string& note : ErrorNotes(response)) *notes.Add() = note;
}

}  // namespace comity
