#include "node/service/refused_events.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::string_view kRefused = "refused/";
constexpr absl::string_view kWithdrawn = "withdrawn/";

// By two bytes of the id, as four letters.
std::string PlaceOf(absl::string_view kind, const ParticipantCode& partner,
                    const Uuid& id) {
  return absl::StrCat(kind, partner.text(), "/", id.ToString().substr(0, 4));
}

// What was noted of the id; empty if nothing, or another took its place.
absl::StatusOr<std::string> ReadMark(const StateReader& store,
                                     absl::string_view kind,
                                     const ParticipantCode& partner,
                                     const Uuid& id) {
  ASSIGN_OR_RETURN(const std::string mark,
                   store.ReadMeta(PlaceOf(kind, partner, id)));
  absl::string_view what = mark;
  if (!absl::ConsumePrefix(&what, absl::StrCat(id.ToString(), " "))) return "";
  return std::string(what);
}

absl::Status PutMark(StateWriter& store, absl::string_view kind,
                     const ParticipantCode& partner, const Uuid& id,
                     absl::string_view what) {
  return store.PutMeta(PlaceOf(kind, partner, id),
                       absl::StrCat(id.ToString(), " ", what));
}

}  // namespace

absl::Status CheckNotRefused(const StateReader& store,
                             const ParticipantCode& partner,
                             const Uuid& event_id) {
  ASSIGN_OR_RETURN(const std::string reason,
                   ReadMark(store, kRefused, partner, event_id));
  if (reason.empty()) return absl::OkStatus();
  return ReasonError(ReasonFromName(reason),
                     "the event was refused before; write a new one");
}

absl::Status NoteRefused(StateWriter& store, const ParticipantCode& partner,
                         const Uuid& event_id, const absl::Status& why) {
  // That is about another event of the same id.
  if (ReasonOf(why) == ErrorReason::kRequestIdReused) return absl::OkStatus();
  return PutMark(store, kRefused, partner, event_id, ReasonName(ReasonOf(why)));
}

absl::Status CheckNotWithdrawn(const StateReader& store,
                               const ParticipantCode& partner,
                               const Uuid& referral_id) {
  ASSIGN_OR_RETURN(const std::string mark,
                   ReadMark(store, kWithdrawn, partner, referral_id));
  if (mark.empty()) return absl::OkStatus();
  return ReasonError(ErrorReason::kReferralStateConflict,
                     "consent to this referral was withdrawn before it came");
}

absl::Status NoteWithdrawn(StateWriter& store, const ParticipantCode& partner,
                           const Uuid& referral_id) {
  return PutMark(store, kWithdrawn, partner, referral_id, "withdrawn");
}

}  // namespace comity
