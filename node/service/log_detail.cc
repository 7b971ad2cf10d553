#include "node/service/log_detail.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "comity/federation/v1/attachment.pb.h"
#include "node/base/error_reason.h"
#include "node/wire/enum_code.h"

namespace comity {
namespace {

FieldGroups GroupsIn(absl::string_view names) {
  FieldGroups groups;
  for (const absl::string_view name : absl::StrSplit(names, ',')) {
    const auto group = FromName<FieldGroup>(name);
    if (group != FieldGroup::kUnset) groups = groups.With(group);
  }
  return groups;
}

bool IsRefusal(absl::string_view word) {
  return word == "DENY" || word == "HOLD" || word == "REFUSED";
}

}  // namespace

std::string ToldGroups(FieldGroups groups) {
  if (groups.empty()) return "";
  return absl::StrCat(" of ",
                      absl::StrJoin(groups.Values(), ",",
                                    [](std::string* out, FieldGroup group) {
                                      absl::StrAppend(out, Name(group));
                                    }));
}

std::string RestsOn(absl::string_view agreement_id, Purpose purpose) {
  return absl::StrCat(" under ", agreement_id, " for ", Name(purpose));
}

std::string ReasonWord(absl::string_view told) {
  return std::string(ReasonName(ReasonFromName(told)));
}

std::string DocumentOf(int kind) {
  return absl::StrCat(
      " document ",
      EnumCode(*federation::v1::AttachmentKind_descriptor(), kind));
}

DetailWords ReadDetail(absl::string_view detail) {
  DetailWords words;
  const std::vector<std::string> tokens = absl::StrSplit(detail, ' ');
  words.operation = tokens[0];
  for (size_t i = 0; i < tokens.size(); ++i) {
    words.refused |= IsRefusal(tokens[i]);
    words.piece |= tokens[i] == kPiece.substr(1);
    if (i + 1 == tokens.size()) break;
    const std::string& next = tokens[i + 1];
    // A partner that does not release answers with its reason.
    words.refused |= tokens[i] == "ANSWERED" && next != "RELEASED";
    if (tokens[i] == "by") words.rules = absl::StrSplit(next, ',');
    if (tokens[i] == "of") words.groups = GroupsIn(next);
    if (tokens[i] == "under") words.agreement_id = next;
    if (tokens[i] == "for") words.purpose = next;
    if (tokens[i] == "document") {
      words.document =
          ParseEnumCode(*federation::v1::AttachmentKind_descriptor(), next)
              .value_or(0);
    }
  }
  return words;
}

}  // namespace comity
