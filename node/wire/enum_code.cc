#include "node/wire/enum_code.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

using google::protobuf::EnumDescriptor;

// "DECLINE_REASON_": what the name of the zero value ends with is always the
// same.
absl::string_view PrefixOf(const EnumDescriptor& type) {
  return absl::StripSuffix(type.FindValueByNumber(0)->name(), "UNSPECIFIED");
}

}  // namespace

std::string EnumCode(const EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr || number == 0) return "";
  return std::string(absl::StripPrefix(value->name(), PrefixOf(type)));
}

absl::StatusOr<int> ParseEnumCode(const EnumDescriptor& type,
                                  absl::string_view code) {
  if (code.empty()) return 0;
  const auto* value = type.FindValueByName(absl::StrCat(PrefixOf(type), code));
  if (value != nullptr && value->number() != 0) return value->number();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("\"", code, "\" is none of ", EnumCodes(type)));
}

std::string EnumCodes(const EnumDescriptor& type) {
  std::string codes;
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string code = EnumCode(type, type.value(i)->number());
    if (code.empty()) continue;
    absl::StrAppend(&codes, codes.empty() ? "" : ", ", code);
  }
  return codes;
}

}  // namespace comity
