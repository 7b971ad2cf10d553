#include "node/wire/service_code.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/domain/code_lists.h"

namespace comity {

absl::StatusOr<std::string> ServiceCode(absl::string_view text) {
  constexpr const char* kList = "plan_type";
  std::string code = CodeFor(kList, text);
  if (!code.empty()) return code;
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("\"", text,
                                  "\" is no kind of service; "
                                  "allowed: ",
                                  absl::StrJoin(CodesOf(kList), ", ")));
}

}  // namespace comity
