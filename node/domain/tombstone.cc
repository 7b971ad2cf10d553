#include "node/domain/tombstone.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "node/domain/enum_names.h"

namespace comity {
namespace {

constexpr std::array kGrounds = {
    "UNSET",    "SUBJECT_REQUEST", "CONSENT_WITHDRAWN", "RECORDED_IN_ERROR",
    "UNLAWFUL", "COURT_ORDER",     "RETENTION_ENDED"};

}  // namespace

absl::string_view Name(ErasureGround value) { return NameIn(kGrounds, value); }

template <>
ErasureGround FromName(absl::string_view name) {
  return FromNameIn<ErasureGround>(kGrounds, name);
}

std::string ErasedText(const Tombstone& left) {
  return absl::StrCat(
      "the case was erased on ",
      absl::FormatTime("%Y-%m-%d", left.erased_at, absl::UTCTimeZone()), " by ",
      left.role == Role::kUnset ? "the node itself" : Name(left.role),
      ", ground ", Name(left.ground));
}

}  // namespace comity
