#include "node/service/refused_events.h"

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

std::string RefusedMark(const Uuid& event_id) {
  return absl::StrCat("refused/", event_id.ToString());
}

}  // namespace

absl::Status CheckNotRefused(const StateReader& store, const Uuid& event_id) {
  ASSIGN_OR_RETURN(const std::string reason,
                   store.ReadMeta(RefusedMark(event_id)));
  if (reason.empty()) return absl::OkStatus();
  return ReasonError(ReasonFromName(reason),
                     "the event was refused before; write a new one");
}

absl::Status NoteRefused(StateWriter& store, const Uuid& event_id,
                         const absl::Status& why) {
  // That is about another event of the same id.
  if (ReasonOf(why) == ErrorReason::kRequestIdReused) return absl::OkStatus();
  return store.PutMeta(RefusedMark(event_id), ReasonName(ReasonOf(why)));
}

}  // namespace comity
