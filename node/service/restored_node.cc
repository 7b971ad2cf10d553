#include "node/service/restored_node.h"

#include "absl/strings/str_cat.h"
#include "node/audit/restore_mark.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/trust_change.h"

namespace comity {

absl::Status TakeUpRestored(NodeContext& node) {
  ASSIGN_OR_RETURN(const absl::Time made_at, RestoredFrom(node.store));
  if (made_at == absl::InfinitePast()) return absl::OkStatus();
  const std::string made =
      absl::FormatTime(absl::RFC3339_sec, made_at, absl::UTCTimeZone());
  RETURN_IF_ERROR(
      node.writer
          .Commit([&](CommitScope& scope) -> absl::Status {
            RETURN_IF_ERROR(SpendWhatIsOpen(scope));
            return AppendTrustChange(
                node,
                absl::StrCat("restored from the backup of ", made,
                             ": limits and budgets of the periods that are "
                             "open count as spent, and published revisions "
                             "take no new questions"),
                scope);
          })
          .status());
  Log(LogLevel::kWarning, "restored_from_backup",
      {LogField::Public("made", made)});
  return absl::OkStatus();
}

}  // namespace comity
