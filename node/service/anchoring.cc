#include "node/service/anchoring.h"

#include "absl/strings/str_cat.h"
#include "node/audit/own_anchor.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/service/key_change.h"

namespace comity {
namespace {

constexpr const char* kMetaName = "anchored-hour";

std::string HourOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H", time, absl::UTCTimeZone());
}

}  // namespace

absl::Status Anchoring::Start() {
  ASSIGN_OR_RETURN(
      const AnchorVerdict verdict,
      CheckAnchors(node_.store, node_.self, AnchorsLookedAt::kNewest));
  if (!verdict.status.ok()) {
    return ReasonError(
        ErrorReason::kIntegrityFailure,
        absl::StrCat(
            verdict.status.message(),
            "; keep the data directory as it is for whoever looks "
            "into it, and restore the newest backup (comity restore)"));
  }
  ASSIGN_OR_RETURN(hour_, node_.store.ReadMeta(kMetaName));
  // A node's first anchor is that of the next full hour.
  if (hour_.empty()) hour_ = HourOf(node_.clock.Now());
  return absl::OkStatus();
}

bool Anchoring::IsDue(const std::string& hour) const {
  if (hour != hour_) return true;
  const auto behind_change = IsAnchorDue(node_.store);
  return behind_change.ok() && *behind_change;
}

void Anchoring::Tick() {
  if (busy_.exchange(true)) return;
  const std::string hour = HourOf(node_.clock.Now());
  if (!IsDue(hour)) {
    busy_ = false;
    return;
  }
  node_.writer.Submit(
      [this, hour](CommitScope& scope) { return Append(scope, hour); },
      [this, hour](const auto& entries) {
        if (entries.ok()) {
          hour_ = hour;
          wake_();
        } else {
          Log(LogLevel::kWarning, "anchors_wait",
              {LogField::Public("why", entries.status().message())});
        }
        busy_ = false;
      });
}

absl::Status Anchoring::Append(CommitScope& scope, const std::string& hour) {
  RETURN_IF_ERROR(AnchorOwnLog(node_, scope));
  RETURN_IF_ERROR(SettleAnchorDue(scope.store()));
  return scope.store().PutMeta(kMetaName, hour);
}

}  // namespace comity
