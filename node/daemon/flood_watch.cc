#include "node/daemon/flood_watch.h"

#include "absl/strings/str_cat.h"
#include "node/base/log.h"
#include "node/service/partner_suspension.h"
#include "node/service/trust_change.h"

namespace comity {

Listener::Hooks FloodWatch::HooksFor(CallOrigin origin) {
  return {[this, origin](const std::string& address) {
            return node_.connections.BytesOf(origin, address);
          },
          [this, origin](const std::string& address) {
            return node_.connections.CallerOf(origin, address);
          },
          [this, origin](const std::string& address) {
            if (origin == CallOrigin::kFederation) {
              record_.Accepted(address, clock_.Now());
            }
          },
          [this, origin](const std::string& address) {
            if (origin == CallOrigin::kFederation) {
              record_.Ended(address, clock_.Now());
            }
          },
          [this, origin](const FloodedConnection& connection) {
            Note(origin, connection);
          }};
}

// Where nobody is to blame it is counted: junk buys no commit.
void FloodWatch::Note(CallOrigin origin, const FloodedConnection& connection) {
  Log(LogLevel::kWarning, "connection_cut",
      {LogField::Public("why", "it sent what no call explains"),
       LogField::Public("bytes", absl::StrCat(connection.received))});
  node_.rejected.Count(origin, ErrorReason::kOverloaded);
  if (origin == CallOrigin::kOperators) return;
  const auto caller = ParticipantCode::Create(
      node_.connections.CallerOf(origin, connection.address));
  const auto blamed =
      record_.Blame(caller.ok() ? std::optional(*caller) : std::nullopt,
                    connection.accepted_at, clock_.Now());
  if (!blamed) return;
  NoteTrustChange(
      node_, absl::StrCat("connection of ", blamed->text(), " cut: a flood of ",
                          connection.received, " bytes"));
}

void FloodWatch::Tick() {
  for (const ParticipantCode& partner : record_.TakeDue(clock_.Now())) {
    const absl::Status status = SuspendByNode(
        node_, partner,
        absl::StrCat(FloodRecord::kStrikes, " floods within an hour"));
    if (status.ok()) {
      partners_changed_();
      continue;
    }
    Log(LogLevel::kError, "partner_not_suspended",
        {LogField::Public("why", status.message())});
  }
}

}  // namespace comity
