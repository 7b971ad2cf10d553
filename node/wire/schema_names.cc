#include "node/wire/schema_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/edit_distance.h"

namespace comity {

std::string MeantName(absl::string_view wrong,
                      const std::vector<std::string>& names) {
  std::string best;
  size_t best_distance = 3;
  for (const std::string& name : names) {
    const size_t distance = EditDistance(wrong, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best.empty() ? "" : absl::StrCat(" (did you mean \"", best, "\"?)");
}

std::string NoSuchField(absl::string_view name,
                        const google::protobuf::Descriptor& block) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(block.field_count()));
  for (int i = 0; i < block.field_count(); ++i) {
    names.push_back(block.field(i)->name());
  }
  return absl::StrCat("there is no field \"", name, "\" here",
                      MeantName(name, names));
}

std::string NoSuchValue(absl::string_view name,
                        const google::protobuf::EnumDescriptor& list) {
  std::vector<std::string> names;
  // The first is UNSET, which nobody writes.
  for (int i = 1; i < list.value_count(); ++i) {
    names.push_back(list.value(i)->name());
  }
  const std::string meant = MeantName(name, names);
  return absl::StrCat(
      "\"", name, "\" is not a value of this list",
      meant.empty() ? absl::StrCat("; it has ", absl::StrJoin(names, ", "))
                    : meant);
}

}  // namespace comity
