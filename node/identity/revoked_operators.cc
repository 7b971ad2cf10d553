#include "node/identity/revoked_operators.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

constexpr absl::string_view kFirstLine = "comity revoked operators v1\n";
constexpr const char* kTime = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

absl::StatusOr<RevocationList> RevocationList::Parse(absl::string_view text) {
  const absl::Status invalid =
      ReasonError(ErrorReason::kFieldInvalid,
                  "the list of revoked operators does not read");
  if (!absl::ConsumePrefix(&text, kFirstLine)) return invalid;
  RevocationList list;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) return invalid;
    const std::pair<absl::string_view, absl::string_view> words =
        absl::StrSplit(text.substr(0, end), absl::MaxSplits(' ', 1));
    absl::Time at;
    if (!absl::ParseTime(kTime, words.first, &at, nullptr) ||
        words.second.find('/') == absl::string_view::npos) {
      return invalid;
    }
    list.Revoke(std::string(words.second), at);
    text.remove_prefix(end + 1);
  }
  return list;
}

std::string RevocationList::Format() const {
  std::string text(kFirstLine);
  for (const auto& [name, at] : entries_) {
    absl::StrAppend(&text, absl::FormatTime(kTime, at, absl::UTCTimeZone()),
                    " ", name, "\n");
  }
  return text;
}

void RevocationList::Revoke(const std::string& name, absl::Time at) {
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(at));
  const auto [entry, added] = entries_.emplace(name, second);
  if (!added) entry->second = std::max(entry->second, second);
}

absl::Time RevocationList::RevokedAt(absl::string_view name) const {
  const auto entry = entries_.find(name);
  return entry == entries_.end() ? absl::InfinitePast() : entry->second;
}

bool RevokedOperators::Holds(absl::string_view name, absl::Time not_before,
                             absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Refresh();
  const absl::Time at = list_.RevokedAt(name);
  return not_before <= at && at <= now;
}

absl::StatusOr<std::vector<std::string>> RevokedOperators::TakeNew() {
  absl::MutexLock lock(&mutex_);
  Refresh();
  const absl::Status failure = std::exchange(failure_, absl::OkStatus());
  RETURN_IF_ERROR(failure);
  return std::exchange(new_, {});
}

void RevokedOperators::Refresh() {
  const std::string mark = FileMark(path_);
  if (mark.empty() || mark == mark_) return;
  mark_ = mark;
  const auto text = ReadPublicFile(path_);
  auto list = text.ok() ? RevocationList::Parse(*text)
                        : absl::StatusOr<RevocationList>(text.status());
  if (!list.ok()) {
    failure_ = list.status();
    return;
  }
  for (const auto& [name, at] : list->entries()) {
    if (at > list_.RevokedAt(name)) new_.push_back(name);
  }
  list_ = *std::move(list);
}

}  // namespace comity
