#include "node/service/trust_change.h"

#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/federation_gate.h"
#include "node/wire/own_leaf.h"

namespace comity {

absl::Status AppendTrustChange(const NodeContext& node, const std::string& what,
                               CommitScope& scope) {
  OwnEntry entry;
  entry.kind = OwnKind::kTrustChange;
  entry.time = scope.now();
  entry.request_id = NewUuid(node.random);
  entry.actor = node.self.text();
  entry.policy_digest = PolicyDigestOf(*node.policy.Get(scope.now()));
  entry.detail = what;
  const SealedOwnEntry sealed = SealOwnEntry(entry, node.random);
  return scope.Append(OwnLogOrigin(node.self), sealed.leaf, sealed.opening)
      .status();
}

void NoteTrustChange(NodeContext& node, const std::string& what) {
  node.writer.Submit(
      [&node, what](CommitScope& scope) {
        return AppendTrustChange(node, what, scope);
      },
      [](const auto& entries) {
        if (entries.ok()) return;
        Log(LogLevel::kError, "trust_change_not_logged",
            {LogField::Public("why", entries.status().message())});
      });
}

}  // namespace comity
