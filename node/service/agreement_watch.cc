#include "node/service/agreement_watch.h"

#include <algorithm>

#include "node/base/status_macros.h"
#include "node/service/federation_service.h"

namespace comity {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(2);
// Two that pair shake hands at last when both have added the other.
constexpr absl::Duration kFirstPause = absl::Seconds(2);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

std::string HourOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H", time, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<HandshakeFacts> ShakeHands(NodeContext& node,
                                          const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const auto peer, node.peers.Find(partner));
  ASSIGN_OR_RETURN(HandshakeFacts theirs,
                   peer->Handshake(OwnHandshake(node, partner), kTimeout));
  node.handshakes->Note(partner, theirs, node.clock.Now());
  return theirs;
}

void AgreementWatch::Tick() {
  const absl::Time now = node_.clock.Now();
  Settle();
  const auto table = node_.partners.Get();
  // One that comes back is new.
  std::erase_if(lines_, [&](const auto& each) {
    return !each.second.call.valid() && table->Find(each.first) == nullptr;
  });
  const uint64_t version = node_.policy.Get(now)->version();
  for (const auto& [code, card] : table->cards()) {
    if (card.CollectsMail() || table->IsSuspended(code)) continue;
    Visit(code, version, now);
  }
}

void AgreementWatch::Settle() {
  for (auto& [code, line] : lines_) {
    if (!line.call.valid() || line.call.wait_for(std::chrono::seconds(0)) !=
                                  std::future_status::ready) {
      continue;
    }
    if (line.call.get().ok()) line.again = absl::InfiniteFuture();
  }
}

void AgreementWatch::Visit(const ParticipantCode& partner, uint64_t version,
                           absl::Time now) {
  Line& line = lines_[partner];
  const std::string hour = HourOf(now);
  const bool news = line.version != version || line.hour != hour;
  if ((!news && line.again > now) || line.call.valid()) return;
  line.version = version;
  line.hour = hour;
  line.pause = news ? kFirstPause : std::min(2 * line.pause, kLongestPause);
  line.again = now + line.pause;
  std::future<absl::Status> call = start_(
      [&node = node_, partner] { return ShakeHands(node, partner).status(); });
  // Here it would delay everybody else: it is made after the pause.
  if (call.wait_for(std::chrono::seconds(0)) == std::future_status::deferred) {
    return;
  }
  line.call = std::move(call);
}

}  // namespace comity
