#include "node/service/import_terms.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr size_t kLongestPrefix = 32;
constexpr size_t kSha256Size = 32;
constexpr size_t kDigestShown = 12;  // hexadecimal digits of a reference
constexpr uint32_t kFirstYear = 1900;
constexpr uint32_t kLastYear = 2199;

absl::Status InvalidTerm(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

bool IsReferencePrefix(absl::string_view prefix) {
  return prefix.size() <= kLongestPrefix &&
         std::all_of(prefix.begin(), prefix.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

absl::StatusOr<ImportTerms> TermsOf(const OperatorCall& call,
                                    const pb::BeginImportRequest& request) {
  ImportTerms terms = {call.now(), call.caller().OperatorName(),
                       request.dialect()};
  const std::vector<std::string> known = ImportDialectNames();
  if (!terms.dialect.empty() &&
      std::find(known.begin(), known.end(), terms.dialect) == known.end()) {
    return InvalidTerm(absl::StrCat("there is no dialect \"", terms.dialect,
                                    "\"; there are ",
                                    absl::StrJoin(known, ", ")));
  }
  if (request.year() != 0 &&
      (request.year() < kFirstYear || request.year() > kLastYear)) {
    return InvalidTerm("the year must be one of 1900 to 2199");
  }
  terms.year = request.year();
  terms.screening_none_recorded = request.screening_none_recorded();
  if (request.reference_prefix().empty()) return terms;
  if (!IsReferencePrefix(request.reference_prefix())) {
    return InvalidTerm(
        "the reference prefix must be at most 32 letters, digits, \"-\", \"_\" "
        "or \".\"");
  }
  if (request.file_sha256().size() != kSha256Size) {
    return InvalidTerm(
        "a reference prefix needs file_sha256, the 32 bytes of the file's "
        "SHA-256");
  }
  terms.reference_prefix = absl::StrCat(
      request.reference_prefix(),
      absl::BytesToHexString(request.file_sha256()).substr(0, kDigestShown),
      "-");
  return terms;
}

}  // namespace comity
