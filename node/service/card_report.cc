#include "node/service/card_report.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/trust_news.h"
#include "node/service/trust_change.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

constexpr absl::Duration kShown = absl::Hours(24 * 7);

// A card that was refused.
struct Refused {
  uint32_t pinned = 0;  // serial of the card that was in force
  absl::Time at;
  std::string why;
};

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("card-refused/", partner.text());
}

// None if there is none, or it is older than it is shown.
absl::StatusOr<std::optional<Refused>> ReadRefused(
    const StateReader& store, const ParticipantCode& partner, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(partner)));
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::MaxSplits(' ', 2));
  Refused refused;
  int64_t seconds = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[0], &refused.pinned) ||
      !absl::SimpleAtoi(words[1], &seconds)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       MetaName(partner) + " is damaged in the store");
  }
  refused.at = absl::FromUnixSeconds(seconds);
  refused.why = words[2];
  if (now - refused.at >= kShown) return std::nullopt;
  return refused;
}

std::string WaitingName(const ParticipantCode& partner) {
  return absl::StrCat("card-waits/", partner.text());
}

// Serial of the partner's card that waits for people; 0: none was noted.
absl::StatusOr<uint32_t> ReadWaiting(const StateReader& store,
                                     const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string text,
                   store.ReadMeta(WaitingName(partner)));
  uint32_t serial = 0;
  if (text.empty() || absl::SimpleAtoi(text, &serial)) return serial;
  return ReasonError(ErrorReason::kIntegrityFailure,
                     WaitingName(partner) + " is damaged in the store");
}

bool IsKnown(const std::optional<Refused>& refused, uint32_t pinned) {
  return refused.has_value() && refused->pinned == pinned;
}

void Add(StatusChecks& checks, absl::string_view subject, ErrorReason reason,
         absl::string_view detail, absl::string_view fix) {
  auto* check = checks.Add();
  check->set_subject(std::string(subject));
  check->set_ok(reason == ErrorReason::kUnspecified);
  check->set_detail(std::string(detail));
  check->set_fix(std::string(fix));
  if (!check->ok()) check->set_reason(std::string(ReasonName(reason)));
}

void AddCardLost(StatusChecks& checks, uint32_t held, uint32_t own) {
  Add(checks, "own card", ErrorReason::kVersionConflict,
      absl::StrCat("the partner holds card ", held, " of this node, and card ",
                   own,
                   " is here: this node was restored from a backup of before "
                   "that card, without the keys that it names"),
      "tell the partner's administrator, who adds the card that is here: "
      "comity "
      "partner add CARD --restored. Then replace and revoke again here what "
      "was replaced and revoked since the backup (comity node rotate-key, "
      "renew-ca, revoke)");
}

absl::Status CheckOwnCardAt(const NodeContext& node,
                            const ParticipantCode& partner,
                            StatusChecks& checks) {
  ASSIGN_OR_RETURN(const uint32_t held, CardHeldBy(node.store, partner));
  const auto own = ParseCard(OwnCardText(node));
  if (!own.ok() || held == own->serial) return absl::OkStatus();
  if (held > own->serial) {
    AddCardLost(checks, held, own->serial);
    return absl::OkStatus();
  }
  const std::string detail = absl::StrCat("the partner holds card ", held,
                                          " of this node, not ", own->serial);
  // Any other card is on its way, or waits for the partner's people.
  if (!own->past_root.has_value()) {
    Add(checks, "own card", ErrorReason::kUnspecified, detail, "");
    return absl::OkStatus();
  }
  Add(checks, "own card", ErrorReason::kPeerUnreachable, detail,
      "it takes the card with its next exchange: see that it is reached "
      "(comity status --probe), and do not end the root before until then; if "
      "it refuses the card, its own comity status says why");
  return absl::OkStatus();
}

}  // namespace

void NoteForgedCard(NodeContext& node, const ParticipantCode& partner,
                    const std::string& why) {
  const auto table = node.partners.Get();
  const ParticipantCard* card = table->Find(partner);
  if (card == nullptr) return;
  const uint32_t pinned = card->serial;
  const auto known = ReadRefused(node.store, partner, node.clock.Now());
  // What is damaged is written anew.
  if (known.ok() && IsKnown(*known, pinned)) return;
  node.writer.Submit(
      [&node, partner, why, pinned](CommitScope& scope) -> absl::Status {
        const auto noted = ReadRefused(scope.store(), partner, scope.now());
        if (noted.ok() && IsKnown(*noted, pinned)) return absl::OkStatus();
        RETURN_IF_ERROR(scope.store().PutMeta(
            MetaName(partner),
            absl::StrCat(pinned, " ", absl::ToUnixSeconds(scope.now()), " ",
                         why)));
        return AppendTrustChange(
            node, absl::StrCat("card of ", partner.text(), " refused: ", why),
            scope);
      },
      [](const auto& entries) {
        if (entries.ok()) return;
        Log(LogLevel::kError, "refused_card_not_noted",
            {LogField::Public("why", entries.status().message())});
      },
      partner.text());
}

void NoteWaitingCard(NodeContext& node, const ParticipantCode& partner,
                     uint32_t serial) {
  const auto known = ReadWaiting(node.store, partner);
  if (known.ok() && *known == serial) return;
  node.writer.Submit(
      [partner, serial](CommitScope& scope) {
        return scope.store().PutMeta(WaitingName(partner),
                                     absl::StrCat(serial));
      },
      [](const auto& entries) {
        if (entries.ok()) return;
        Log(LogLevel::kError, "waiting_card_not_noted",
            {LogField::Public("why", entries.status().message())});
      },
      partner.text());
}

void CheckRoots(const NodeContext& node, StatusChecks& checks) {
  const auto card = ParseCard(OwnCardText(node));
  if (!card.ok() || !card->past_root.has_value()) return;
  Add(checks, "root", ErrorReason::kUnspecified,
      absl::StrCat("card ", card->serial,
                   " names a new root, and the one before is trusted still: "
                   "when all partners hold the card, comity node rotate-root "
                   "--finish"),
      "");
}

absl::Status CheckCards(const NodeContext& node, const ParticipantCard& pinned,
                        StatusChecks& checks) {
  RETURN_IF_ERROR(CheckOwnCardAt(node, pinned.code, checks));
  ASSIGN_OR_RETURN(const uint32_t waiting,
                   ReadWaiting(node.store, pinned.code));
  if (waiting > pinned.serial) {
    Add(checks, "card", ErrorReason::kVersionConflict,
        absl::StrCat("the partner told of its card ", waiting,
                     ", which changes more than this node takes by itself; "
                     "card ",
                     pinned.serial, " is in force"),
        "let its administrator send that card, compare its fingerprint, and "
        "add it: comity partner add CARD");
  }
  ASSIGN_OR_RETURN(const std::optional<Refused> refused,
                   ReadRefused(node.store, pinned.code, node.clock.Now()));
  if (!IsKnown(refused, pinned.serial)) return absl::OkStatus();
  Add(checks, "card", ErrorReason::kEvidenceInvalid,
      absl::StrCat("a card of the partner's was refused at ",
                   absl::FormatTime(refused->at), ": ", refused->why),
      "ask its administrator, over another channel, whether the root was "
      "replaced. If it was: comity partner remove, and partner add with the "
      "fingerprint that you compared; if not, somebody has its TLS key");
  return absl::OkStatus();
}

}  // namespace comity
