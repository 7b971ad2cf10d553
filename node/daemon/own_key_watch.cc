#include "node/daemon/own_key_watch.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

std::string MarkOf(const NodeLayout& layout) {
  return absl::StrCat(
      FileMark(layout.LogKey()), " ", FileMark(layout.LogKeyBefore()), " ",
      FileMark(layout.WitnessKey()), " ", FileMark(layout.WitnessKeyBefore()),
      " ", FileMark(layout.Card()));
}

}  // namespace

LogKeys LogKeysOf(const OwnKeys& keys, const ParticipantCard& card) {
  return {keys.log, keys.log_beside, keys.witness, keys.witness_beside,
          card.past_log_keys};
}

absl::StatusOr<bool> OwnKeyWatch::Refresh() {
  const std::string mark = MarkOf(files_.layout());
  if (mark != mark_) {
    mark_ = mark;
    fits_ = false;
    const absl::Status taken = TakeKeys();
    node_.untaken->Note("log and witness key", taken);
    RETURN_IF_ERROR(taken);
  }
  return fits_ && node_.clock.Now() >= settled_at_;
}

absl::Status OwnKeyWatch::RenewOwnHeads() {
  ASSIGN_OR_RETURN(const std::vector<std::string> logs,
                   LogsToRenew(node_.store, signer_));
  // A commit that runs may yet end with a head that one key alone signed.
  if (logs.empty() && !joined_) return absl::OkStatus();
  return node_.writer
      .Commit([this](CommitScope& scope) {
        return RenewHeads(scope.store(), signer_);
      })
      .status();
}

absl::Status OwnKeyWatch::TakeKeys() {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(files_.layout().Card()));
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
  ASSIGN_OR_RETURN(const OwnKeys keys, ReadOwnKeys(files_, card));
  joined_ = signer_.Replace(LogKeysOf(keys, card)) || joined_;
  const absl::Status renewed = RenewOwnHeads();
  // Then once more with the next look.
  if (!renewed.ok()) mark_.clear();
  RETURN_IF_ERROR(renewed);
  if (joined_ && started_) {
    Log(LogLevel::kInfo, "log_key_joined");
    // What was proved before is answered, or given up, by then.
    settled_at_ = node_.clock.Now() +
                  2 * absl::Milliseconds(node_.config.max_deadline_ms);
  }
  joined_ = false;
  started_ = true;
  fits_ = true;
  return absl::OkStatus();
}

}  // namespace comity
