#include "node/cli/issued_certificates.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

constexpr const char* kTime = "%Y-%m-%dT%H:%M:%SZ";

IssuedCertificate Describe(const Certificate& certificate) {
  const auto uris = certificate.UriNames();
  return {certificate.not_after(),
          absl::BytesToHexString(certificate.SerialNumber()),
          certificate.Fingerprint(),
          uris.ok() && uris->size() == 1 ? uris->front() : "issuing CA"};
}

std::string Line(const IssuedCertificate& each) {
  return absl::StrCat(absl::FormatTime(kTime, each.until, absl::UTCTimeZone()),
                      " ", each.serial, " ",
                      absl::BytesToHexString(each.fingerprint), " ", each.name,
                      "\n");
}

absl::StatusOr<std::vector<IssuedCertificate>> ReadIssued(
    const NodeLayout& layout) {
  const auto text = ReadPublicFile(layout.Issued());
  std::vector<IssuedCertificate> issued;
  // A node that is older than this file has none.
  if (ReasonOf(text.status()) == ErrorReason::kNotFound) return issued;
  RETURN_IF_ERROR(text.status());
  for (const absl::string_view line :
       absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 3));
    IssuedCertificate each;
    if (words.size() != 4 ||
        !absl::ParseTime(kTime, words[0], &each.until, nullptr) ||
        words[2].size() != 64) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         layout.Issued() + " does not read");
    }
    each.serial = words[1];
    each.fingerprint = absl::HexStringToBytes(words[2]);
    each.name = words[3];
    issued.push_back(std::move(each));
  }
  return issued;
}

}  // namespace

absl::StatusOr<CertificatesLock> CertificatesLock::Take(
    const NodeLayout& layout) {
  const int fd = open(layout.Certificates().c_str(), O_RDONLY | O_CLOEXEC);
  CertificatesLock lock(fd);
  if (fd < 0 || flock(fd, LOCK_EX) != 0) {
    return ReasonError(ErrorReason::kStoreUnavailable,
                       absl::StrCat("cannot open ", layout.Certificates()));
  }
  return lock;
}

CertificatesLock::~CertificatesLock() {
  if (fd_ >= 0) close(fd_);
}

absl::Status NoteIssued(const NodeLayout& layout,
                        const Certificate& certificate, absl::Time now) {
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  return NoteIssued(lock, layout, certificate, now);
}

absl::Status NoteIssued(const CertificatesLock&, const NodeLayout& layout,
                        const Certificate& certificate, absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<IssuedCertificate> before,
                   ReadIssued(layout));
  const IssuedCertificate added = Describe(certificate);
  std::string text;
  for (const IssuedCertificate& each : before) {
    if (each.until > now && each.fingerprint != added.fingerprint) {
      text += Line(each);
    }
  }
  return WritePublicFile(layout.Issued(), text + Line(added));
}

absl::StatusOr<IssuedCertificate> FindIssued(const NodeLayout& layout,
                                             const std::string& which) {
  const auto file = ReadPublicFile(which);
  if (file.ok()) {
    ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                     Certificate::ListFromPem(*file));
    if (!chain.empty()) return Describe(chain.front());
  }
  const std::string hex =
      absl::AsciiStrToLower(absl::StrReplaceAll(which, {{":", ""}, {"-", ""}}));
  ASSIGN_OR_RETURN(const std::vector<IssuedCertificate> issued,
                   ReadIssued(layout));
  for (const IssuedCertificate& each : issued) {
    if (each.serial == hex || absl::BytesToHexString(each.fingerprint) == hex) {
      return each;
    }
  }
  return ReasonError(
      ErrorReason::kNotFound,
      absl::StrCat("no certificate of that serial number or fingerprint was "
                   "issued here; ",
                   layout.Issued(), " lists those that were"));
}

absl::StatusOr<bool> WasIssuedTo(const NodeLayout& layout,
                                 absl::string_view person) {
  ASSIGN_OR_RETURN(const std::vector<IssuedCertificate> issued,
                   ReadIssued(layout));
  for (const IssuedCertificate& each : issued) {
    const std::vector<absl::string_view> halves =
        absl::StrSplit(each.name, absl::MaxSplits("/operator/", 1));
    if (halves.size() != 2) continue;
    // Organisation, role and person.
    const std::vector<absl::string_view> words = absl::StrSplit(halves[1], '/');
    if (words.size() == 3 && absl::StrCat(words[0], "/", words[2]) == person) {
      return true;
    }
  }
  return false;
}

}  // namespace comity
