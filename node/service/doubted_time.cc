#include "node/service/doubted_time.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::string_view kMetaName = "believed-time";
constexpr absl::Duration kLongestAway = absl::Hours(24 * 45);
constexpr absl::Duration kWrittenApart = absl::Hours(1);
constexpr absl::Duration kAheadOfPartner = absl::Hours(24);
constexpr absl::Duration kHeardLately = absl::Hours(2);
constexpr absl::Duration kConfirmationHolds = absl::Hours(24 * 7);

struct Believed {
  absl::Time last = absl::InfinitePast();
  absl::Time confirmed = absl::InfinitePast();  // by people
};

absl::StatusOr<Believed> ReadBelieved(const StateReader& store) {
  ASSIGN_OR_RETURN(const std::string text,
                   store.ReadMeta(std::string(kMetaName)));
  Believed believed;
  if (text.empty()) return believed;
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  int64_t last = 0;
  int64_t confirmed = 0;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &last) ||
      !absl::SimpleAtoi(words[1], &confirmed)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the last time that this node believed is damaged in "
                       "its store");
  }
  believed.last = absl::FromUnixSeconds(last);
  if (confirmed != 0) believed.confirmed = absl::FromUnixSeconds(confirmed);
  return believed;
}

absl::Status Write(const Believed& believed, StateWriter& store) {
  const bool confirmed = believed.confirmed != absl::InfinitePast();
  return store.PutMeta(
      kMetaName,
      absl::StrCat(absl::ToUnixSeconds(believed.last), " ",
                   confirmed ? absl::ToUnixSeconds(believed.confirmed) : 0));
}

// Whether most partners that were heard of lately say that it is earlier.
bool PartnersDisagree(const NodeContext& node, absl::Time now) {
  int heard = 0;
  int earlier = 0;
  for (const auto& [code, card] : node.partners.Get()->cards()) {
    const auto seen = node.handshakes->Last(code);
    if (!seen || absl::AbsDuration(now - seen->at) > kHeardLately) continue;
    ++heard;
    if (seen->at - seen->facts.now > kAheadOfPartner) ++earlier;
  }
  return 2 * earlier > heard;
}

}  // namespace

absl::Status CheckTime(const NodeContext& node, const StateReader& store,
                       absl::Time now) {
  ASSIGN_OR_RETURN(const Believed believed, ReadBelieved(store));
  if (believed.last != absl::InfinitePast() &&
      now - believed.last >= kLongestAway) {
    return ReasonError(
        ErrorReason::kQuestionExpired,
        absl::StrCat("the clock says ", absl::FormatTime(now), ", ",
                     (now - believed.last) / absl::Hours(24),
                     " days after the last time that this node believed: "
                     "nothing is erased or ended by time"));
  }
  if (absl::AbsDuration(now - believed.confirmed) > kConfirmationHolds &&
      PartnersDisagree(node, now)) {
    return ReasonError(
        ErrorReason::kQuestionExpired,
        absl::StrCat("the clock says ", absl::FormatTime(now),
                     ", and most partners that it is more than a day earlier: "
                     "nothing is erased or ended by time"));
  }
  return absl::OkStatus();
}

absl::Status NoteTime(CommitScope& scope) {
  // What is damaged is for people to confirm.
  ASSIGN_OR_RETURN(Believed believed, ReadBelieved(scope.store()));
  const absl::Duration since = scope.now() - believed.last;
  if (absl::AbsDuration(since) < kWrittenApart) return absl::OkStatus();
  // A clock that lost its time comes back to it.
  if (since <= -kLongestAway) return absl::OkStatus();
  believed.last = scope.now();
  return Write(believed, scope.store());
}

absl::Status ConfirmTime(CommitScope& scope) {
  return Write({scope.now(), scope.now()}, scope.store());
}

void AddTimeCheck(const NodeContext& node, StatusChecks& checks) {
  const absl::Status time = CheckTime(node, node.store, node.clock.Now());
  if (time.ok()) return;
  AddBad(checks, "time", ReasonOf(time), time.message(),
         "set this node's clock, by NTP; if it is right (the node was away for "
         "long, or a partner's clock is wrong): comity retention run "
         "--clock-is-right, which erases what is due by it");
}

}  // namespace comity
