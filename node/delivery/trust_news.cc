#include "node/delivery/trust_news.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr const char* kNumbers = "own-trust/numbers";
constexpr const char* kCard = "own-trust/card";
constexpr const char* kRevocations = "own-trust/revocations";

// A card's serial and a list's sequence.
struct Numbers {
  uint32_t serial = 0;
  uint64_t sequence = 0;

  bool operator==(const Numbers&) const = default;
};

std::string HeldName(const ParticipantCode& partner) {
  return absl::StrCat("trust-held/", partner.text());
}

std::string Format(const Numbers& numbers) {
  return absl::StrCat(numbers.serial, " ", numbers.sequence);
}

// `unset` where nothing was put.
absl::StatusOr<Numbers> ReadNumbers(const StateReader& store,
                                    const std::string& name,
                                    const Numbers& unset) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(name));
  if (text.empty()) return unset;
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  Numbers numbers;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &numbers.serial) ||
      !absl::SimpleAtoi(words[1], &numbers.sequence)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       absl::StrCat(name, " is damaged in the store"));
  }
  return numbers;
}

absl::StatusOr<Numbers> OwnNumbers(const StateReader& store) {
  return ReadNumbers(store, kNumbers, {});
}

// Who never told pinned a card once.
absl::StatusOr<Numbers> HeldBy(const StateReader& store,
                               const ParticipantCode& partner) {
  return ReadNumbers(store, HeldName(partner), {1, 0});
}

}  // namespace

absl::StatusOr<OwnTrust> ReadOwnTrust(const StateReader& store) {
  ASSIGN_OR_RETURN(const Numbers numbers, OwnNumbers(store));
  ASSIGN_OR_RETURN(std::string card, store.ReadMeta(kCard));
  ASSIGN_OR_RETURN(std::string revocations, store.ReadMeta(kRevocations));
  return OwnTrust{std::move(card), numbers.serial, std::move(revocations),
                  numbers.sequence};
}

absl::Status PutOwnTrust(StateWriter& store, const OwnTrust& own) {
  RETURN_IF_ERROR(store.PutMeta(kNumbers, Format({own.serial, own.sequence})));
  RETURN_IF_ERROR(store.PutMeta(kCard, own.card));
  return store.PutMeta(kRevocations, own.revocations);
}

absl::StatusOr<bool> IsNewsDue(const StateReader& store,
                               const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const Numbers own, OwnNumbers(store));
  ASSIGN_OR_RETURN(const Numbers held, HeldBy(store, partner));
  return own.serial > held.serial || own.sequence > held.sequence;
}

absl::StatusOr<uint32_t> CardHeldBy(const StateReader& store,
                                    const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const Numbers held, HeldBy(store, partner));
  return held.serial;
}

TrustNews HeldOf(const PartnerTable& table, const ParticipantCode& partner) {
  TrustNews news;
  const ParticipantCard* card = table.Find(partner);
  if (card == nullptr) return news;
  news.held_card = card->serial;
  news.held_revocations = table.RevokedBy(partner).sequence;
  return news;
}

absl::StatusOr<TrustNews> NewsFor(const StateReader& store,
                                  const PartnerTable& table,
                                  const ParticipantCode& partner,
                                  const TrustNews& told) {
  TrustNews news = HeldOf(table, partner);
  if (told.held_card == 0) return news;
  ASSIGN_OR_RETURN(const Numbers numbers, OwnNumbers(store));
  const bool card = numbers.serial > told.held_card;
  const bool list = numbers.sequence > told.held_revocations;
  if (!card && !list) return news;
  ASSIGN_OR_RETURN(OwnTrust own, ReadOwnTrust(store));
  // A larger one would be refused, and all that goes with it.
  if (card && own.card.size() <= kMostCardBytes) {
    news.card = std::move(own.card);
  }
  if (list) news.revocations = std::move(own.revocations);
  return news;
}

absl::StatusOr<TrustNews> NewsAgain(const StateReader& store,
                                    const PartnerTable& table,
                                    const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const Numbers held, HeldBy(store, partner));
  TrustNews told;
  told.held_card = held.serial;
  told.held_revocations = held.sequence;
  return NewsFor(store, table, partner, told);
}

void NoteHeldBy(const StateReader& store, CommitWriter& writer,
                const ParticipantCode& partner, const TrustNews& told) {
  if (told.held_card == 0) return;
  const Numbers now{told.held_card, told.held_revocations};
  const auto before = HeldBy(store, partner);
  if (before.ok() && *before == now) return;
  writer.Submit(
      [partner, now](CommitScope& scope) {
        return scope.store().PutMeta(HeldName(partner), Format(now));
      },
      [](const auto&) {}, partner.text());
}

}  // namespace comity
