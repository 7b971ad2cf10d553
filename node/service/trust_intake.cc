#include "node/service/trust_intake.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/trust_news.h"
#include "node/service/admin_desk.h"
#include "node/service/card_report.h"
#include "node/service/trust_change.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"

namespace comity {
namespace {

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("revocations/", partner.text());
}

// What of the news is new, to be put into the store, and what the own log is to
// say of it. Empty texts: nothing.
struct NewTrust {
  std::string card;
  std::string revocations;
  std::vector<std::string> notes;
};

absl::StatusOr<ParticipantCard> PinnedCard(const StateReader& store,
                                           const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                   store.ListPartnerCards());
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(ParticipantCard card, ParseCard(text));
    if (card.code == partner) return card;
  }
  return ReasonError(ErrorReason::kPartnerUnknown, "no such partner");
}

// Whether the card that names `next` says that it replaced `pinned`.
bool Follows(const VerifyKey& pinned, const VerifyKeys& next) {
  return std::find(next.begin(), next.end(), pinned) != next.end();
}

// The root before is the pinned one, or what the pinned card names as such, or
// has ended: no other becomes an anchor, and one that ended none again.
bool KeepsAnchors(const ParticipantCard& pinned, const ParticipantCard& next) {
  if (!next.past_root.has_value()) return true;
  const std::string past = next.past_root->root.Fingerprint();
  if (next.root.Fingerprint() != pinned.root.Fingerprint()) {
    return past == pinned.root.Fingerprint();
  }
  return pinned.past_root.has_value() &&
         past == pinned.past_root->root.Fingerprint();
}

// Whatever else a card changes, people look at first.
absl::Status CheckRenewal(const ParticipantCard& pinned,
                          const ParticipantCard& next) {
  RETURN_IF_ERROR(CheckSuccessor(pinned, next));
  if (next.name == pinned.name && next.commission == pinned.commission &&
      next.endpoints == pinned.endpoints &&
      next.bundle_key == pinned.bundle_key && KeepsAnchors(pinned, next) &&
      Follows(pinned.log_key, next.LogKeys()) &&
      Follows(pinned.witness_key, next.WitnessKeys())) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the card changes more than the issuing CA and what it "
                     "names as past: an administrator adds it by comity "
                     "partner add");
}

std::string WhatIsNew(const ParticipantCard& pinned,
                      const ParticipantCard& next) {
  std::string text;
  if (next.root.Fingerprint() != pinned.root.Fingerprint()) {
    text += ", with a new root";
  } else if (pinned.past_root.has_value() && !next.past_root.has_value()) {
    text += ", which ends the root before";
  }
  if (next.issuing.Fingerprint() != pinned.issuing.Fingerprint()) {
    text += ", with a new issuing CA";
  }
  if (next.log_key != pinned.log_key) {
    text += ", with a new log key";
  }
  if (next.witness_key != pinned.witness_key) {
    text += ", with a new witness key";
  }
  return text;
}

absl::Status JudgeCard(const std::string& text, ParticipantCard& card,
                       NewTrust& trust) {
  ASSIGN_OR_RETURN(ParticipantCard next, ParseCard(text));
  // An old one that comes late.
  if (next.serial <= card.serial) return absl::OkStatus();
  RETURN_IF_ERROR(CheckRenewal(card, next));
  trust.card = text;
  trust.notes.push_back(absl::StrCat("card ", next.serial, " of ",
                                     card.code.text(), " taken over",
                                     WhatIsNew(card, next)));
  card = std::move(next);
  return absl::OkStatus();
}

absl::Status JudgeRevocations(const StateReader& store, const std::string& text,
                              const ParticipantCard& card, NewTrust& trust) {
  ASSIGN_OR_RETURN(
      const RevokedCertificates next,
      ParseRevocations(text, card.code, card.issuing.public_key()));
  const auto kept = KeptRevocations(store, card);
  // What does not read is written anew.
  if (kept.ok() && next.sequence <= kept->sequence) return absl::OkStatus();
  trust.revocations = text;
  trust.notes.push_back(absl::StrCat(
      "list ", next.sequence, " of ", next.entries.size(),
      " certificates revoked by ", card.code.text(), " taken over"));
  return absl::OkStatus();
}

absl::StatusOr<NewTrust> Judge(const StateReader& store,
                               const ParticipantCode& partner,
                               const TrustNews& news) {
  NewTrust trust;
  ASSIGN_OR_RETURN(ParticipantCard card, PinnedCard(store, partner));
  if (!news.card.empty()) {
    RETURN_IF_ERROR(JudgeCard(news.card, card, trust));
  }
  if (!news.revocations.empty()) {
    RETURN_IF_ERROR(JudgeRevocations(store, news.revocations, card, trust));
  }
  return trust;
}

// Judges once more, in the transaction that keeps it.
absl::Status Keep(const NodeContext& node, const ParticipantCode& partner,
                  const TrustNews& news, CommitScope& scope) {
  ASSIGN_OR_RETURN(const NewTrust trust, Judge(scope.store(), partner, news));
  if (!trust.card.empty()) {
    RETURN_IF_ERROR(scope.store().PutPartnerCard(partner.text(), trust.card));
  }
  if (!trust.revocations.empty()) {
    RETURN_IF_ERROR(
        scope.store().PutMeta(MetaName(partner), trust.revocations));
  }
  for (const std::string& note : trust.notes) {
    RETURN_IF_ERROR(AppendTrustChange(node, note, scope));
  }
  return absl::OkStatus();
}

void TellRefused(const ParticipantCode& partner, const absl::Status& why) {
  Log(LogLevel::kWarning, "trust_news_refused",
      {LogField::Public("partner", partner.text()),
       LogField::Public("why", why.message())});
}

// Whether nobody signed it whom the pinned card trusts.
bool IsForged(const StateReader& store, const ParticipantCode& partner,
              const std::string& text) {
  if (text.empty()) return false;
  const auto pinned = PinnedCard(store, partner);
  if (!pinned.ok()) return false;
  const auto card = ParseCard(text);
  if (!card.ok()) return true;
  return card->serial > pinned->serial &&
         card->root.Fingerprint() != pinned->root.Fingerprint() &&
         !CheckSuccessor(*pinned, *card).ok();
}

// Serial of a newer card that the pinned root answers for, and which is for
// people to take; 0 if it is none.
uint32_t WaitsForPeople(const StateReader& store,
                        const ParticipantCode& partner,
                        const std::string& text) {
  const auto pinned = PinnedCard(store, partner);
  const auto card = ParseCard(text);
  if (!pinned.ok() || !card.ok() || card->code != partner ||
      card->serial <= pinned->serial || !CheckSuccessor(*pinned, *card).ok() ||
      CheckRenewal(*pinned, *card).ok()) {
    return 0;
  }
  return card->serial;
}

void Refuse(NodeContext& node, const ParticipantCode& partner,
            const TrustNews& news, const absl::Status& why) {
  TellRefused(partner, why);
  const uint32_t waiting = WaitsForPeople(node.store, partner, news.card);
  if (waiting != 0) return NoteWaitingCard(node, partner, waiting);
  if (!IsForged(node.store, partner, news.card)) return;
  NoteForgedCard(node, partner, std::string(why.message()));
}

}  // namespace

void TakeTrustNews(NodeContext& node, const ParticipantCode& partner,
                   const TrustNews& news) {
  if (news.card.empty() && news.revocations.empty()) return;
  // Junk buys no commit.
  const auto trust = Judge(node.store, partner, news);
  if (!trust.ok()) return Refuse(node, partner, news, trust.status());
  if (trust->notes.empty()) return;
  node.writer.Submit(
      [&node, partner, news](CommitScope& scope) {
        return Keep(node, partner, news, scope);
      },
      [&node, partner](const auto& entries) {
        absl::Status status = entries.status();
        if (status.ok()) status = LoadPartners(node);
        if (!status.ok()) TellRefused(partner, status);
      },
      partner.text());
}

absl::StatusOr<bool> TakeCarriedNews(NodeContext& node,
                                     const ParticipantCode& partner,
                                     const TrustNews& news) {
  if (news.card.empty() && news.revocations.empty()) return false;
  ASSIGN_OR_RETURN(const NewTrust trust, Judge(node.store, partner, news));
  if (trust.notes.empty()) return false;
  RETURN_IF_ERROR(node.writer
                      .Commit([&](CommitScope& scope) {
                        return Keep(node, partner, news, scope);
                      })
                      .status());
  RETURN_IF_ERROR(LoadPartners(node));
  return true;
}

absl::StatusOr<RevokedCertificates> KeptRevocations(
    const StateReader& store, const ParticipantCard& card) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(card.code)));
  if (text.empty()) return RevokedCertificates();
  auto list = ReadRevocations(text, card.code);
  if (!list.ok()) {
    return ReasonError(
        ErrorReason::kIntegrityFailure,
        absl::StrCat("what ", card.code.text(),
                     " revoked is damaged in the store; its next list mends "
                     "it"));
  }
  if (!ParseRevocations(text, card.code, card.issuing.public_key()).ok()) {
    list->sequence = 0;
  }
  return *std::move(list);
}

std::string OwnCardText(const NodeContext& node) {
  const auto own = ReadOwnTrust(node.store);
  return own.ok() && own->serial > 0 ? own->card : node.card;
}

}  // namespace comity
