#include "node/identity/token_file.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

constexpr absl::string_view kFirstLine = "comity key in a token v1\n";

}  // namespace

bool IsTokenFile(absl::string_view text) {
  return absl::StartsWith(text, kFirstLine);
}

std::string FormatTokenFile(const TokenKeyPlace& place) {
  return absl::StrCat(kFirstLine, "module: ", place.module,
                      "\ntoken: ", place.token, "\nkey: ", place.key, "\n");
}

absl::StatusOr<TokenKeyPlace> ParseTokenFile(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() == 5) {
    TokenKeyPlace place{std::string(absl::StripPrefix(lines[1], "module: ")),
                        std::string(absl::StripPrefix(lines[2], "token: ")),
                        std::string(absl::StripPrefix(lines[3], "key: "))};
    // One spelling.
    if (FormatTokenFile(place) == text) return place;
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "a key file says that the key is in a token, and not "
                     "where: module, token and key, a line each");
}

}  // namespace comity
