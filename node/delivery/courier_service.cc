#include "node/delivery/courier_service.h"

#include <algorithm>
#include <utility>

#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/run_aside.h"

namespace comity {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(5);
// How often a partner that is away is looked for.
constexpr absl::Duration kLook = absl::Milliseconds(250);

}  // namespace

CourierService::~CourierService() {
  std::map<ParticipantCode, Line> lines;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (auto& [partner, line] : lines_) line.changed.Signal();
    lines.swap(lines_);
  }
  for (auto& [partner, line] : lines) line.thread.join();
}

void CourierService::Wake() {
  const auto table = parts_.partners.Get();
  absl::MutexLock lock(&mutex_);
  ++wakes_;
  for (const auto& [code, card] : table->cards()) {
    if (stopping_ || lines_.contains(code)) continue;
    std::thread thread = ThreadFor([this, code = code] { Run(code); });
    // Then with the next wake.
    if (!thread.joinable()) continue;
    lines_[code].thread = std::move(thread);
  }
  for (auto& [partner, line] : lines_) line.changed.Signal();
}

void CourierService::PartnerCalled(const ParticipantCode& partner) {
  absl::MutexLock lock(&mutex_);
  const auto line = lines_.find(partner);
  if (line == lines_.end()) return;
  ++line->second.calls;
  if (line->second.failing) line->second.changed.Signal();
}

void CourierService::Run(const ParticipantCode& partner) {
  PartnerRounds rounds(parts_, partner, collecting_, absl::Now());
  Pace pace(limits_, parts_.random);
  Signs seen;
  while (Await(partner, pace, seen)) {
    const auto at_once = rounds.Next(kTimeout, absl::Now());
    const absl::Time now = absl::Now();
    if (at_once.ok()) {
      pace.Succeeded(now);
      if (*at_once) pace.Queued(now);
      continue;
    }
    if (!pace.failing()) {
      Log(LogLevel::kWarning, "delivery_waits",
          {LogField::Public("partner", partner.text()),
           LogField::Public("reason", ReasonName(ReasonOf(at_once.status())))});
    }
    const bool away = IsOutage(at_once.status());
    pace.Failed(now, away);
    // An event that is stuck does not make the mail late.
    if (collecting_.has_value() && !away) pace.Queued(now + collecting_->every);
  }
}

bool CourierService::Await(const ParticipantCode& partner, Pace& pace,
                           Signs& seen) {
  while (true) {
    const bool connected = IsConnected(pace, partner);
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    const auto line = lines_.find(partner);
    if (stopping_ || line == lines_.end()) return false;
    if (std::exchange(seen.wakes, wakes_) != wakes_) pace.Queued(now);
    const uint64_t calls = line->second.calls;
    const bool called = std::exchange(seen.calls, calls) != calls;
    const bool was_connected = std::exchange(seen.connected, connected);
    if (called || (connected && !was_connected)) pace.SignOfLife(now);
    if (pace.due() <= now) return true;
    line->second.failing = pace.failing();
    line->second.changed.WaitWithDeadline(
        &mutex_,
        pace.failing() ? std::min(pace.due(), now + kLook) : pace.due());
  }
}

bool CourierService::IsConnected(const Pace& pace,
                                 const ParticipantCode& partner) {
  if (!pace.failing()) return false;
  const auto peer = parts_.peers.Find(partner);
  return peer.ok() && (*peer)->IsConnected();
}

}  // namespace comity
