#include "node/service/node_act.h"

#include <utility>

#include "node/audit/own_log.h"
#include "node/service/federation_gate.h"

namespace comity {

absl::StatusOr<uint64_t> LogNodeAct(NodeContext& node, NodeAct act,
                                    CommitScope& scope) {
  OwnEntry own;
  own.kind = OwnKind::kOperatorAction;
  own.time = scope.now();
  own.request_id = act.request_id;
  own.peer = std::move(act.peer);
  if (!act.subject.IsNil()) own.subject = act.subject.ToString();
  own.policy_digest = PolicyDigestOf(*node.policy.Get(scope.now()));
  own.actor = node.self.text();
  own.detail = std::move(act.detail);
  own.about = std::move(act.about);
  return AppendOwn(node.self, own, node.random, scope);
}

}  // namespace comity
