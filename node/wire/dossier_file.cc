#include "node/wire/dossier_file.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

constexpr absl::string_view kHeader = "comity-dossier@v1";

void AppendLine(std::string& text, absl::string_view key,
                absl::string_view bytes) {
  absl::StrAppend(&text, key, " ", absl::Base64Escape(bytes), "\n");
}

void AppendMessage(std::string& text, absl::string_view key,
                   const Message& message) {
  AppendLine(text, key, message.leaf);
  AppendLine(text, "payload", message.payload);
  AppendLine(text, "salt", message.salt);
  AppendLine(text, "proof", message.proof);
  for (const FieldOpening& opening : message.openings) {
    absl::StrAppend(&text, "opening ", static_cast<int>(opening.group), " ",
                    absl::Base64Escape(opening.salt), " ",
                    absl::Base64Escape(opening.value), "\n");
  }
}

// Walks over the lines and counts them, for messages.
class Lines {
 public:
  explicit Lines(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

  bool TakeHeader() { return lines_[at_++] == kHeader; }
  bool AtEnd() const { return at_ + 1 >= lines_.size(); }
  bool NextIs(absl::string_view key) const {
    return !AtEnd() && absl::StartsWith(lines_[at_], absl::StrCat(key, " "));
  }
  absl::StatusOr<absl::string_view> Take(absl::string_view key) {
    absl::string_view line = AtEnd() ? "" : lines_[at_];
    ++at_;
    if (absl::ConsumePrefix(&line, absl::StrCat(key, " "))) return line;
    return Fails(absl::StrCat("\"", key, "\" is missing"));
  }
  absl::StatusOr<std::string> TakeBytes(absl::string_view key) {
    ASSIGN_OR_RETURN(const absl::string_view text, Take(key));
    return Decode(text);
  }
  absl::StatusOr<std::string> Decode(absl::string_view text) const {
    std::string bytes;
    if (absl::Base64Unescape(text, &bytes)) return bytes;
    return Fails("not base64");
  }
  // About the line taken last.
  absl::Status Fails(absl::string_view what) const {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       absl::StrCat("line ", at_, " of the dossier: ", what));
  }

 private:
  std::vector<absl::string_view> lines_;
  size_t at_ = 0;
};

absl::StatusOr<FieldOpening> TakeOpening(Lines& lines) {
  ASSIGN_OR_RETURN(const absl::string_view text, lines.Take("opening"));
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  int group = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &group) || group < 0 ||
      group > 16) {
    return lines.Fails("not an opening");
  }
  FieldOpening opening{static_cast<FieldGroup>(group), "", ""};
  ASSIGN_OR_RETURN(opening.salt, lines.Decode(parts[1]));
  ASSIGN_OR_RETURN(opening.value, lines.Decode(parts[2]));
  return opening;
}

absl::StatusOr<Message> TakeMessage(Lines& lines, absl::string_view key,
                                    absl::string_view type) {
  Message message;
  message.type = std::string(type);
  ASSIGN_OR_RETURN(message.leaf, lines.TakeBytes(key));
  ASSIGN_OR_RETURN(message.payload, lines.TakeBytes("payload"));
  ASSIGN_OR_RETURN(message.salt, lines.TakeBytes("salt"));
  ASSIGN_OR_RETURN(message.proof, lines.TakeBytes("proof"));
  while (lines.NextIs("opening")) {
    ASSIGN_OR_RETURN(FieldOpening opening, TakeOpening(lines));
    message.openings.push_back(std::move(opening));
  }
  return message;
}

absl::StatusOr<DossierFile> TakeHead(Lines& lines) {
  ASSIGN_OR_RETURN(const absl::string_view id, lines.Take("referral"));
  const auto referral = Uuid::Parse(id);
  if (!referral.ok()) return lines.Fails("not a referral's id");
  ASSIGN_OR_RETURN(const absl::string_view codes, lines.Take("parties"));
  const std::vector<absl::string_view> parts = absl::StrSplit(codes, ' ');
  if (parts.size() != 2) return lines.Fails("not two parties");
  const auto holder = ParticipantCode::Create(parts[0]);
  const auto receiver = ParticipantCode::Create(parts[1]);
  if (!holder.ok() || !receiver.ok()) return lines.Fails("not two parties");
  return DossierFile{*referral, {*holder, *receiver}, {}};
}

}  // namespace

std::string FormatDossierFile(const DossierFile& file) {
  std::string text = absl::StrCat(
      kHeader, "\nreferral ", file.referral_id.ToString(), "\nparties ",
      file.parties.holder.text(), " ", file.parties.receiver.text(), "\n");
  for (const DossierEntry& entry : file.entries) {
    AppendMessage(text, "event", entry.event);
    if (entry.receipt.has_value()) {
      AppendMessage(text, "receipt", *entry.receipt);
    }
  }
  return text;
}

absl::StatusOr<DossierFile> ParseDossierFile(absl::string_view text) {
  Lines lines(text);
  if (!lines.TakeHeader()) return lines.Fails("no dossier of version 1");
  ASSIGN_OR_RETURN(DossierFile file, TakeHead(lines));
  while (!lines.AtEnd()) {
    if (file.entries.size() == kMaxDossierEvents) {
      return lines.Fails("more events than a referral has");
    }
    DossierEntry entry;
    ASSIGN_OR_RETURN(entry.event, TakeMessage(lines, "event", kEventType));
    if (lines.NextIs("receipt")) {
      ASSIGN_OR_RETURN(entry.receipt,
                       TakeMessage(lines, "receipt", kReceiptType));
    }
    file.entries.push_back(std::move(entry));
  }
  // One spelling only: then a changed byte is a changed value.
  if (FormatDossierFile(file) != text) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the dossier is not spelled as it was exported");
  }
  return file;
}

}  // namespace comity
