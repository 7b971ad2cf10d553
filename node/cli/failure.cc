#include "node/cli/failure.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/cli/output.h"

namespace comity {

// Without a default: a new reason must find its exit code here.
int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  if (absl::IsCancelled(status)) return 130;
  switch (ReasonOf(status)) {
    case ErrorReason::kUnspecified:
    case ErrorReason::kInternal:
      return 1;
    case ErrorReason::kFieldMissing:
    case ErrorReason::kFieldInvalid:
    case ErrorReason::kMessageTooLarge:
    case ErrorReason::kDeadlineMissing:
      return 2;
    case ErrorReason::kAgreementNotInForce:
    case ErrorReason::kNoGrant:
    case ErrorReason::kLimitReached:
    case ErrorReason::kPrivacyBudgetSpent:
    case ErrorReason::kLocalAccessDenied:
    case ErrorReason::kRefusedAtHome:
    case ErrorReason::kRoleNotAdmitted:
    case ErrorReason::kCertificateUnknown:
    case ErrorReason::kCertificateExpired:
    case ErrorReason::kCertificateRevoked:
    case ErrorReason::kPartnerSuspended:
    case ErrorReason::kPartnerCollects:
    case ErrorReason::kPolicyInvalid:
    case ErrorReason::kConsentMissing:
    case ErrorReason::kClearanceMissing:
    case ErrorReason::kScreeningMissing:
    case ErrorReason::kImportRejected:
    case ErrorReason::kPeriodNotPublished:
    case ErrorReason::kNotCollected:
      return 3;
    case ErrorReason::kApprovalsMissing:
      return 4;
    case ErrorReason::kPeerUnreachable:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kOverloaded:
    case ErrorReason::kLogUnwritable:
    case ErrorReason::kStoreUnavailable:
    case ErrorReason::kEventTooEarly:
      return 5;
    case ErrorReason::kNotFound:
    case ErrorReason::kNotAvailable:
    case ErrorReason::kPartnerUnknown:
      return 6;
    case ErrorReason::kReferralStateConflict:
    case ErrorReason::kVersionConflict:
    case ErrorReason::kAlreadyExists:
    case ErrorReason::kRequestIdReused:
    case ErrorReason::kQuestionExpired:
      return 7;
    case ErrorReason::kIntegrityFailure:
    case ErrorReason::kEvidenceMissing:
    case ErrorReason::kEvidenceInvalid:
    case ErrorReason::kWrongAudience:
    case ErrorReason::kConsistencyUnproved:
    case ErrorReason::kLogForked:
      return 8;
  }
  return 1;
}

namespace {

// What to do about a request, a certificate or evidence.
std::string StepForCall(ErrorReason reason, absl::string_view command) {
  switch (reason) {
    case ErrorReason::kFieldMissing:
      return absl::StrCat(command, " --help says what must be given");
    case ErrorReason::kFieldInvalid:
      return absl::StrCat(command, " --help says what is allowed");
    case ErrorReason::kMessageTooLarge:
      return "send less at once: shorten the text or split the list";
    case ErrorReason::kDeadlineMissing:
      return "let the client set a deadline on every call, as comity does";
    case ErrorReason::kRequestIdReused:
      return "run the command again, it takes a new request id; comity audit "
             "show says whether the earlier one took effect";
    case ErrorReason::kQuestionExpired:
      return "ask again; if it comes back, compare the clocks with comity "
             "doctor";
    case ErrorReason::kCertificateUnknown:
      return "check the profile (--as DIR); a new person needs comity operator "
             "add, a partner with new keys comity partner add";
    case ErrorReason::kCertificateExpired:
      return "get a new certificate from an administrator: comity operator "
             "renew; comity doctor says how long the node's own lasts, comity "
             "node renew renews it";
    case ErrorReason::kCertificateRevoked:
      return "ask an administrator why; a new certificate comes from comity "
             "operator renew";
    case ErrorReason::kPartnerSuspended:
      return "comity partner list says since when and why; comity partner "
             "resume ends it";
    case ErrorReason::kPartnerCollects:
      return "what can wait goes with its mail (comity referral ask ID); for "
             "the rest call its administrator";
    case ErrorReason::kRoleNotAdmitted:
    case ErrorReason::kLocalAccessDenied:
      return "use a profile whose role may do this: --as DIR; comity policy "
             "list names the local access in force";
    case ErrorReason::kRefusedAtHome:
      return "do what the line above says; comity policy list names the own "
             "files, and an administrator puts another one in force";
    case ErrorReason::kPartnerUnknown:
      return "comity partner list shows the partners; comity partner add CARD "
             "adds one";
    case ErrorReason::kEvidenceMissing:
    case ErrorReason::kEvidenceInvalid:
      return "run comity audit verify, and tell the partner's administrator "
             "what was refused";
    case ErrorReason::kWrongAudience:
      return "compare the cards of both sides: comity partner card --dir DIR "
             "--fingerprint";
    case ErrorReason::kConsistencyUnproved:
      return "try again in a few seconds; if it stays, comity status --probe "
             "and a call to the partner's administrator";
    case ErrorReason::kLogForked:
    case ErrorReason::kIntegrityFailure:
      return "stop, keep everything as it is, run comity audit verify and call "
             "the administrator";
    default:
      return "";
  }
}

// What to do about a refusal or about the state of things.
std::string StepForState(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kAgreementNotInForce:
      return "comity policy compare PARTNER ID and comity status --probe show "
             "both sides; comity policy activate puts a file in force";
    case ErrorReason::kNoGrant:
      return "comity policy list names the agreements in force; ask for other "
             "groups or for another purpose that they grant";
    case ErrorReason::kLimitReached:
      return "try again tomorrow (days end at midnight UTC), or agree on a "
             "higher limit with the partner";
    case ErrorReason::kApprovalsMissing:
      return "another person approves: comity inbox, comity approve ID (files: "
             "comity --as DIR policy sign FILE, or --proposal DIGEST)";
    case ErrorReason::kNotAvailable:
      return "no reason is given across a border; comity referral show ID says "
             "where it stands. Where a danger flag is named above, tell the "
             "other side nothing; else call its case manager";
    case ErrorReason::kPolicyInvalid:
      return "mend the file at the place named above, then comity policy check "
             "FILE";
    case ErrorReason::kNotFound:
      return "check the name; comity case list, comity referral list and "
             "comity partner list show what is there for you";
    case ErrorReason::kAlreadyExists:
      return "look at what is there (comity case find, comity referral list), "
             "or choose another name";
    case ErrorReason::kReferralStateConflict:
      return "comity referral show ID says where it stands and which steps are "
             "open";
    case ErrorReason::kVersionConflict:
      return "comity case show CASE says what it is now; change it again";
    case ErrorReason::kEventTooEarly:
      return "read the bundles in the order in which they were written; what "
             "travels by network comes again by itself";
    case ErrorReason::kScreeningMissing:
      return "record the screening: comity case screen CASE --none, or with "
             "the flags that were found";
    case ErrorReason::kConsentMissing:
      return "record her consent: comity consent record CASE --to PARTNER "
             "--purpose PURPOSE --groups GROUPS --language CODE --channel "
             "SHELTER";
    case ErrorReason::kClearanceMissing:
      return "another person than the one who drafted it clears its risk: "
             "comity referral clear ID --risk LOW --reflection-waived";
    case ErrorReason::kPeriodNotPublished:
      return "a statistician of that state publishes it: comity table publish "
             "--period YEAR; comity table periods shows the own ones";
    case ErrorReason::kNotCollected:
      return "ask for a table without that column; comity indicator list shows "
             "which indicators are collected";
    case ErrorReason::kPrivacyBudgetSpent:
      return "repeat a table that was asked before, it costs nothing; the "
             "budget is new each year";
    case ErrorReason::kImportRejected:
      return "mend the file; comity case import FILE --dry-run --report "
             "rows.tsv lists every rejected value and what is allowed";
    default:
      return "";
  }
}

// What `comity restore` wants to be done; empty: what others want.
std::string StepForRestore(ErrorReason reason) {
  if (reason == ErrorReason::kIntegrityFailure) {
    return "compare the file with another copy of it, and the passphrase with "
           "the one it was made with; nothing was restored";
  }
  return reason == ErrorReason::kAlreadyExists
             ? "name a directory that is empty or not there"
             : "";
}

// What to do about a file that a courier brought.
std::string StepForBundle(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kFieldInvalid:
      return "do what the line above says; comity bundle write at the sender "
             "writes all that waits once more";
    case ErrorReason::kIntegrityFailure:
      return "copy the file again from what the courier carries; if it stays, "
             "let the sender write it again: comity bundle write";
    case ErrorReason::kWrongAudience:
      return "give the file to whom it is for; nobody else can open it";
    default:
      return "";
  }
}

// What to do about a document that goes with a case.
std::string StepForDocument(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kLimitReached:
      return "destroy documents that nobody needs any more: comity case "
             "detach; "
             "an administrator may raise attachment_store_mib in comityd.conf";
    case ErrorReason::kMessageTooLarge:
      return "scan it in grey or at a lower resolution, or split it";
    case ErrorReason::kAlreadyExists:
      return "name a file that is not there, or a document that is not offered";
    case ErrorReason::kIntegrityFailure:
      return "run the command again; if this comes back, tell the "
             "administrators of both sides";
    default:
      return "";
  }
}

// What to do about a published table.
std::string StepForAudit(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kPolicyInvalid:
      return "hide more cells, or publish what comity table ask gives, and "
             "audit it again";
    case ErrorReason::kImportRejected:
      return "give it what comity table ask --output FILE.csv writes, or the "
             "file of UNODC's data portal as it comes";
    default:
      return "";
  }
}

// Where what a command did not find is listed, by the noun; empty: where cases
// and referrals are.
std::string StepForMissing(absl::string_view command) {
  if (absl::StartsWith(command, "comity node ")) {
    return absl::StrCat(
        "look whether the directories and files are those that are meant; ",
        command, " --help says where each is looked for");
  }
  static constexpr auto kListed =
      std::to_array<std::pair<absl::string_view, absl::string_view>>({
          {"policy",
           "comity policy list, list --proposals and log show what the "
           "node holds; files are named by their path"},
          {"audit",
           "comity audit show lists the entries of the own log; files are "
           "named by their path"},
          {"emergency",
           "comity emergency list shows them; reviews that wait are in "
           "comity inbox"},
          {"approve", "comity inbox lists what waits for approval"},
          {"partner",
           "comity partner list names the partners; a card is named by "
           "its path"},
          {"table",
           "comity table periods lists what is published; files are named "
           "by their path"},
          {"indicator", "comity indicator list names them"},
          {"release", "comity release list shows those that were saved"},
      });
  for (const auto& [noun, step] : kListed) {
    if (absl::StartsWith(absl::StrCat(command, " "),
                         absl::StrCat("comity ", noun, " "))) {
      return absl::StrCat("check the name; ", step);
    }
  }
  return "";
}

// What one command wants to be done; empty: what others want.
std::string StepForCommand(ErrorReason reason, absl::string_view command) {
  if (command == "comity doctor") {
    return "do what each line above says, then run comity doctor again";
  }
  if (command == "comity table audit") return StepForAudit(reason);
  if (command == "comity bundle read") return StepForBundle(reason);
  if (absl::StrContains(command, " attach")) return StepForDocument(reason);
  if (command == "comity restore") return StepForRestore(reason);
  if (reason == ErrorReason::kNotFound) return StepForMissing(command);
  if (reason == ErrorReason::kReferralStateConflict &&
      absl::StartsWith(command, "comity emergency ")) {
    return "comity emergency list says where it stands";
  }
  if (reason == ErrorReason::kAlreadyExists &&
      absl::StartsWith(command, "comity node ")) {
    return "do what the line above says; nothing was changed";
  }
  if (reason == ErrorReason::kVersionConflict &&
      (absl::StartsWith(command, "comity node ") ||
       command == "comity table publish")) {
    return "run the command again";
  }
  if (reason == ErrorReason::kAlreadyExists &&
      absl::StartsWith(command, "comity policy ")) {
    return "comity policy log lists every revision that was in force here; "
           "comity policy rollback ID puts the one before back";
  }
  return "";
}

}  // namespace

std::string NextStep(ErrorReason reason, absl::string_view command) {
  std::string step = StepForCommand(reason, command);
  if (!step.empty()) return step;
  switch (reason) {
    case ErrorReason::kPeerUnreachable:
      return "see that comityd runs and that the address answers: comity "
             "doctor; a certificate that ended or was revoked closes the line "
             "as well: comity operator renew; then try again";
    case ErrorReason::kDeadlineExceeded:
      return "try again; comity doctor says who does not answer in time";
    case ErrorReason::kOverloaded:
      return "wait a minute and try again";
    case ErrorReason::kStoreUnavailable:
      return "look at the file or directory named above, its permissions and "
             "the free space; comity doctor checks the node's own";
    case ErrorReason::kLogUnwritable:
      return "nothing left the node; comity doctor looks at its disk, then try "
             "again";
    case ErrorReason::kInternal:
    case ErrorReason::kUnspecified:
      return "give the administrator this text and the time; comityd's own "
             "messages say more, and comity doctor looks for a cause";
    default:
      break;
  }
  step = StepForCall(reason, command);
  return step.empty() ? StepForState(reason) : step;
}

std::string FormatFailure(const absl::Status& status, absl::string_view command,
                          bool json) {
  const ErrorReason reason = ReasonOf(status);
  const bool interrupted = absl::IsCancelled(status);
  const std::string next =
      interrupted ? "run the command again" : NextStep(reason, command);
  const absl::string_view name =
      interrupted ? "INTERRUPTED" : ReasonName(reason);
  if (!json) {
    return absl::StrCat("error: ", name,
                        "\n  why: ", OnOneLine(status.message()),
                        "\n  next: ", next, "\n");
  }
  return absl::StrCat(R"({"schema":"comity.cli.v1","error":{"reason":)",
                      JsonQuoted(name), R"(,"message":)",
                      JsonQuoted(status.message()), R"(,"next":)",
                      JsonQuoted(next), "}}\n");
}

}  // namespace comity
