#include "node/wire/revocation_file.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::string_view kFirstLine = "comity revoked certificates v1";
constexpr absl::string_view kSignature = "signature: ";
constexpr const char* kTime = "%Y-%m-%dT%H:%M:%SZ";
constexpr size_t kFingerprintDigits = 64;
constexpr size_t kMostBytes = size_t{16} * 1024;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the list of revoked certificates ", what));
}

std::string TimeOf(absl::Time time) {
  return absl::FormatTime(kTime, time, absl::UTCTimeZone());
}

std::string Body(const ParticipantCode& participant,
                 const RevokedCertificates& list) {
  std::string text =
      absl::StrCat(kFirstLine, "\nparticipant: ", participant.text(),
                   "\nsequence: ", list.sequence, "\n");
  for (const auto& [fingerprint, entry] : list.entries) {
    absl::StrAppend(&text, absl::BytesToHexString(fingerprint), " ",
                    TimeOf(entry.since), " ", TimeOf(entry.until), "\n");
  }
  return text;
}

absl::Status AddEntry(absl::string_view line, RevokedCertificates& list) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  RevokedCertificates::Entry entry;
  if (words.size() != 3 || words[0].size() != kFingerprintDigits ||
      !std::all_of(words[0].begin(), words[0].end(),
                   [](unsigned char c) { return absl::ascii_isxdigit(c); }) ||
      !absl::ParseTime(kTime, words[1], &entry.since, nullptr) ||
      !absl::ParseTime(kTime, words[2], &entry.until, nullptr)) {
    return Invalid("has a line that is no entry");
  }
  list.entries.emplace(absl::HexStringToBytes(words[0]), entry);
  return absl::OkStatus();
}

struct SignedList {
  std::string body;
  std::string signature;
  RevokedCertificates list;
};

absl::StatusOr<SignedList> Read(absl::string_view text,
                                const ParticipantCode& participant) {
  if (text.size() > kMostBytes) return Invalid("is longer than 16 KiB");
  const std::vector<std::string> lines =
      absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  if (lines.size() < 4 || lines.size() > 4 + kMostRevoked) {
    return Invalid("has too few or too many lines");
  }
  absl::string_view sequence = lines[2];
  absl::string_view signature = lines.back();
  SignedList read;
  if (!absl::ConsumePrefix(&sequence, "sequence: ") ||
      !absl::SimpleAtoi(sequence, &read.list.sequence) ||
      !absl::ConsumePrefix(&signature, kSignature) ||
      !DecodeBase64(signature, &read.signature)) {
    return Invalid("lacks its sequence or its signature");
  }
  for (size_t i = 3; i + 1 < lines.size(); ++i) {
    RETURN_IF_ERROR(AddEntry(lines[i], read.list));
  }
  // One spelling for each list.
  read.body = Body(participant, read.list);
  if (text != absl::StrCat(read.body, kSignature, signature, "\n")) {
    return Invalid("is not of this participant, or not in its one form");
  }
  return read;
}

}  // namespace

std::string FormatRevocations(const ParticipantCode& participant,
                              const RevokedCertificates& list,
                              const SigningKey& issuing_key) {
  const std::string body = Body(participant, list);
  return absl::StrCat(body, kSignature,
                      absl::Base64Escape(issuing_key.Sign(body)), "\n");
}

absl::StatusOr<RevokedCertificates> ReadRevocations(
    absl::string_view text, const ParticipantCode& participant) {
  ASSIGN_OR_RETURN(SignedList read, Read(text, participant));
  return std::move(read.list);
}

absl::StatusOr<RevokedCertificates> ParseRevocations(
    absl::string_view text, const ParticipantCode& participant,
    const VerifyKey& issuing_key) {
  ASSIGN_OR_RETURN(SignedList read, Read(text, participant));
  RETURN_IF_ERROR(issuing_key.Verify(read.body, read.signature));
  return std::move(read.list);
}

}  // namespace comity
