#include "node/delivery/collection_times.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::Duration kNotedEvery = absl::Seconds(10);

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("collected/", partner.text());
}

}  // namespace

absl::StatusOr<std::optional<absl::Time>> ReadCollected(
    const StateReader& store, const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(partner)));
  int64_t millis = 0;
  if (!absl::SimpleAtoi(text, &millis)) return std::optional<absl::Time>();
  return absl::FromUnixMillis(millis);
}

void NoteCollected(const StateReader& store, CommitWriter& writer,
                   const ParticipantCode& partner, absl::Time now) {
  const auto noted = ReadCollected(store, partner);
  // A clock that was set back is no reason to keep a time that lies ahead.
  if (noted.ok() && noted->has_value() && now >= **noted &&
      now - **noted < kNotedEvery) {
    return;
  }
  writer.Submit(
      [partner, now](CommitScope& scope) {
        return scope.store().PutMeta(MetaName(partner),
                                     absl::StrCat(absl::ToUnixMillis(now)));
      },
      [](const auto&) {}, partner.text());
}

}  // namespace comity
