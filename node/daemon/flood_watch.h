#pragma once

#include <functional>

#include "node/daemon/flood_record.h"
#include "node/daemon/listener.h"
#include "node/service/node_context.h"

namespace comity {

// What becomes of floods: who is to blame, the own log's entry, and the
// suspension of a partner that floods again and again. Thread-safe. Borrows its
// parts.
class FloodWatch {
 public:
  // `clock` is the listeners' clock. `partners_changed` is called after a
  // suspension.
  FloodWatch(NodeContext& node, const Clock& clock,
             std::function<void()> partners_changed)
      : node_(node),
        clock_(clock),
        partners_changed_(std::move(partners_changed)) {}

  // For the listener of that origin.
  Listener::Hooks HooksFor(CallOrigin origin);

  // A partner's certificate was good enough for partners' listener.
  void LetIn(const ParticipantCode& partner) {
    record_.LetIn(partner, clock_.Now());
  }

  // Suspends whose time has come. To be called about once a second.
  void Tick();

 private:
  void Note(CallOrigin origin, const FloodedConnection& connection);

  NodeContext& node_;
  const Clock& clock_;
  const std::function<void()> partners_changed_;
  FloodRecord record_;
};

}  // namespace comity
