#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "node/tabulation/column_table.h"

namespace comity {

// What one revision of a period was published with: its persons, and the
// referrals that were sent in it, by this state and to it. Immutable once
// filled.
struct PublishedColumns {
  PeriodColumns persons;
  // nullopt: the state does not collect them, or an older build published.
  std::optional<PeriodColumns> referrals;
  // What this state received. nullopt without referrals, and of an older build.
  std::optional<PeriodColumns> received = std::nullopt;

  // Errors as PeriodColumns::Parse. Versions 1 to 3 are persons alone.
  static absl::StatusOr<PublishedColumns> Parse(absl::string_view bytes);
  // Version 4: the length of the persons' columns (eight bytes, big-endian),
  // these, and the referrals' columns, both in version 3; without referrals
  // version 3. Version 5: likewise the length of those and the columns of what
  // was received behind them.
  std::string Serialize() const;

  // Whether a row of the person of this record key is among them.
  bool Holds(uint64_t record_key) const;
  // Of everybody who has a row, each once.
  std::vector<uint64_t> RecordKeys() const;
  // Whether nobody and no referral of `other` is missing here; nobody knows it
  // where only one of them has referrals. What `other` did not tell of what was
  // received cannot be missing.
  bool HoldsAllOf(const PublishedColumns& other) const;
  // Whether some persons, referrals or received referrals came since `other`,
  // of which nobody is missing here, or have other codes than there, and fewer
  // of one of these than `few`.
  bool FewChangedSince(const PublishedColumns& other, uint64_t few) const;
  // What the state does not collect and the question asks for: a column, or
  // "referrals", "received referrals"; empty: nothing. Only such questions can
  // be counted.
  std::string NotCollected(const TableQuestion& question) const;
  // The rows that the question counts, which are collected.
  const PeriodColumns& RowsOf(const TableQuestion& question) const;
};

// What stands for the referrals among the columns that a state does not
// collect.
inline constexpr const char* kAllReferrals = "referrals";
// And what an older build did not publish of them.
inline constexpr const char* kReceived = "received referrals";

}  // namespace comity
