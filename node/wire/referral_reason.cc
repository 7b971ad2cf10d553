#include "node/wire/referral_reason.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/domain/code_lists.h"

namespace comity {
namespace {

constexpr const char* kList = "referral_reason";

}  // namespace

absl::StatusOr<std::string> ReferralReasonCode(absl::string_view text) {
  if (text.empty()) return std::string();
  std::string code = CodeFor(kList, text);
  if (!code.empty()) return code;
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("\"", text, "\" is no reason to refer somebody; allowed: ",
                   absl::StrJoin(CodesOf(kList), ", ")));
}

bool IsReferralReason(absl::string_view code) {
  const auto& codes = CodesOf(kList);
  return code.empty() ||
         std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace comity
