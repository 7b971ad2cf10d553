#include "node/service/key_change.h"

#include "node/audit/own_anchor.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/trust_change.h"

namespace comity {
namespace {

constexpr const char* kDueName = "anchor-due";

}  // namespace

absl::Status AnchorOwnLog(const NodeContext& node, CommitScope& scope) {
  std::vector<ParticipantCode> partners;
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) partners.push_back(code);
  return AppendAnchors(node.self, partners, node.random, scope);
}

absl::Status AppendKeyChange(const NodeContext& node,
                             const std::vector<std::string>& notes,
                             CommitScope& scope) {
  if (notes.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(AnchorOwnLog(node, scope));
  for (const std::string& note : notes) {
    RETURN_IF_ERROR(AppendTrustChange(node, note, scope));
  }
  // What follows is anchored once its head is signed.
  return scope.store().PutMeta(kDueName, "key change");
}

void NoteKeyChange(NodeContext& node, const std::string& note) {
  node.writer.Submit(
      [&node, note](CommitScope& scope) {
        return AppendKeyChange(node, {note}, scope);
      },
      [](const auto& entries) {
        if (entries.ok()) return;
        Log(LogLevel::kError, "key_change_not_logged",
            {LogField::Public("why", entries.status().message())});
      });
}

absl::StatusOr<bool> IsAnchorDue(const StateReader& store) {
  ASSIGN_OR_RETURN(const std::string due, store.ReadMeta(kDueName));
  return !due.empty();
}

absl::Status SettleAnchorDue(StateWriter& store) {
  return store.PutMeta(kDueName, "");
}

}  // namespace comity
