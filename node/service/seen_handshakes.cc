#include "node/service/seen_handshakes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace comity {
namespace {

constexpr size_t kDigestSize = 32;
constexpr size_t kLongestId = 64;
// More than the time that a handshake may take.
constexpr absl::Duration kOvertaken = absl::Seconds(10);

// The ids that policy files may have: anything else deceives who reads it.
bool IsWellFormed(const HandshakeFacts::AgreementFacts& agreement) {
  const std::string& id = agreement.id;
  return !id.empty() && id.size() <= kLongestId &&
         agreement.digest.size() == kDigestSize &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

}  // namespace

void SeenHandshakes::Note(const ParticipantCode& partner, HandshakeFacts facts,
                          absl::Time now) {
  std::erase_if(facts.agreements,
                [](const auto& each) { return !IsWellFormed(each); });
  absl::MutexLock lock(&mutex_);
  const auto held = seen_.find(partner);
  if (held != seen_.end() && held->second.facts.now > facts.now &&
      held->second.facts.now - facts.now < kOvertaken) {
    return;
  }
  seen_.insert_or_assign(partner, Seen{std::move(facts), now});
}

std::optional<SeenHandshakes::Seen> SeenHandshakes::Last(
    const ParticipantCode& partner) const {
  absl::MutexLock lock(&mutex_);
  const auto held = seen_.find(partner);
  if (held == seen_.end()) return std::nullopt;
  return held->second;
}

}  // namespace comity
