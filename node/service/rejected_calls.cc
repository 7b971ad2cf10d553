#include "node/service/rejected_calls.h"

#include "absl/strings/str_cat.h"
#include "node/audit/own_log.h"

namespace comity {
namespace {

constexpr absl::Duration kInterval = absl::Minutes(1);

absl::string_view OriginName(size_t origin) {
  return origin == static_cast<size_t>(CallOrigin::kFederation) ? "federation"
                                                                : "operators";
}

}  // namespace

void RejectedCalls::Count(CallOrigin origin, ErrorReason reason,
                          uint64_t calls) {
  if (calls == 0) return;
  absl::MutexLock lock(&mutex_);
  counts_[static_cast<size_t>(origin)][static_cast<size_t>(reason)] += calls;
  since_ = std::min(since_, clock_.Now());
}

void RejectedCalls::WriteIfDue() {
  {
    absl::MutexLock lock(&mutex_);
    if (clock_.Now() - since_ < kInterval) return;
  }
  Counts taken;
  std::string detail = Take(taken);
  if (detail.empty()) return;
  writer_.Submit(EntryOf(std::move(detail)), [this, taken](const auto& result) {
    if (!result.ok()) PutBack(taken);
  });
}

absl::Status RejectedCalls::WriteAll() {
  Counts taken;
  std::string detail = Take(taken);
  if (detail.empty()) return absl::OkStatus();
  absl::Status status = writer_.Commit(EntryOf(std::move(detail))).status();
  if (!status.ok()) PutBack(taken);
  return status;
}

std::string RejectedCalls::Take(Counts& taken) {
  absl::MutexLock lock(&mutex_);
  taken = counts_;
  counts_ = {};
  std::string detail;
  for (size_t origin = 0; origin < taken.size(); ++origin) {
    for (size_t reason = 0; reason < kReasons; ++reason) {
      const uint64_t calls = taken[origin][reason];
      if (calls == 0) continue;
      absl::StrAppend(&detail, detail.empty() ? "" : ", ", OriginName(origin),
                      " ", ReasonName(static_cast<ErrorReason>(reason)), " ",
                      calls);
    }
  }
  if (!detail.empty()) {
    detail = absl::StrCat("since ", absl::FormatTime(since_), ": ", detail);
  }
  since_ = absl::InfiniteFuture();
  return detail;
}

void RejectedCalls::PutBack(const Counts& taken) {
  for (size_t origin = 0; origin < taken.size(); ++origin) {
    for (size_t reason = 0; reason < kReasons; ++reason) {
      Count(static_cast<CallOrigin>(origin), static_cast<ErrorReason>(reason),
            taken[origin][reason]);
    }
  }
}

CommitBody RejectedCalls::EntryOf(std::string detail) {
  return [this, detail = std::move(detail)](CommitScope& scope) {
    OwnEntry own;
    own.kind = OwnKind::kRejectedCalls;
    own.time = scope.now();
    own.actor = "node";
    own.detail = detail;
    return AppendOwn(self_, own, random_, scope).status();
  };
}

}  // namespace comity
