#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "node/domain/vocabulary.h"

namespace comity {

// The own log's line about what was decided or done is a text for people
// (DescribeDecision) in which some words have a fixed place, so that a report
// to the person concerned can name them: "CASE_QUERY PERMIT by a/g,national/r
// of STATUS,NEEDS".

// " of STATUS,NEEDS"; empty for no group.
std::string ToldGroups(FieldGroups groups);

// " under ng-ne-bilateral for SAFE_RETURN".
std::string RestsOn(absl::string_view agreement_id, Purpose purpose);

// Why a partner refused, as the log says it: a reason of the closed list, else
// UNSPECIFIED. Whatever else a partner writes there would be read as words of
// this node's.
std::string ReasonWord(absl::string_view told);

// " document MEDICAL_REPORT": what it was about, by its kind's number.
std::string DocumentOf(int kind);

// Ends a line about a piece of something of which another line tells: a report
// leaves it out, unless it was refused.
inline constexpr absl::string_view kPiece = " piece";

struct DetailWords {
  std::string operation;  // the first word
  std::vector<std::string> rules;
  FieldGroups groups;
  std::string agreement_id;
  std::string purpose;
  int document = 0;  // the number of its kind; 0: none
  bool piece = false;
  bool refused = false;  // denied, held, or ended with an error
};

// What stands in a line; nothing of reasons, which are not for her.
DetailWords ReadDetail(absl::string_view detail);

}  // namespace comity
