#pragma once

#include <map>

#include "node/delivery/outbox.h"

namespace comity {

// Everything may leave, unless a test says otherwise of an event. Used by one
// thread.
class ScriptedDepartures : public Departures {
 public:
  absl::StatusOr<Departure> Decide(const StoreReader&,
                                   const OutboxRow& waiting) const override {
    const auto scripted = scripted_.find(waiting.event_id);
    return scripted == scripted_.end() ? Departure::kWhole : scripted->second;
  }
  // What is withheld leaves bare from then on.
  absl::Status Withhold(const OutboxRow& waiting, CommitScope&) const override {
    auto scripted = scripted_.find(waiting.event_id);
    if (scripted != scripted_.end() &&
        scripted->second == Departure::kTooMuch) {
      scripted->second = Departure::kBare;
    }
    return absl::OkStatus();
  }
  void Script(const Uuid& event_id, Departure departure) {
    scripted_[event_id] = departure;
  }

 private:
  mutable std::map<Uuid, Departure> scripted_;
};

}  // namespace comity
