#include "node/tabulation/published_columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/measure.h"

namespace comity {
namespace {

constexpr char kVersion = 4;
constexpr size_t kSizeBytes = 8;

}  // namespace

absl::StatusOr<PublishedColumns> PublishedColumns::Parse(
    absl::string_view bytes) {
  PublishedColumns columns;
  if (bytes.empty() || bytes[0] != kVersion) {
    ASSIGN_OR_RETURN(columns.persons, PeriodColumns::Parse(bytes));
    return columns;
  }
  bytes.remove_prefix(1);
  uint64_t size = 0;
  for (const char byte : bytes.substr(0, kSizeBytes)) {
    size = size << 8 | static_cast<unsigned char>(byte);
  }
  if (bytes.size() < kSizeBytes || bytes.size() - kSizeBytes < size) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a published snapshot does not parse");
  }
  bytes.remove_prefix(kSizeBytes);
  ASSIGN_OR_RETURN(columns.persons,
                   PeriodColumns::Parse(bytes.substr(0, size)));
  ASSIGN_OR_RETURN(columns.referrals, PeriodColumns::Parse(bytes.substr(size)));
  return columns;
}

std::string PublishedColumns::Serialize() const {
  std::string first = persons.Serialize();
  if (!referrals.has_value()) return first;
  std::string bytes(1, kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(first.size() >> shift & 0xff));
  }
  return absl::StrCat(bytes, first, referrals->Serialize());
}

bool PublishedColumns::Holds(uint64_t record_key) const {
  return persons.Holds(record_key) ||
         (referrals.has_value() && referrals->Holds(record_key));
}

std::vector<uint64_t> PublishedColumns::RecordKeys() const {
  std::vector<uint64_t> keys = persons.record_keys();
  if (referrals.has_value()) {
    const std::vector<uint64_t>& others = referrals->record_keys();
    keys.insert(keys.end(), others.begin(), others.end());
    std::sort(keys.begin(), keys.end());
  }
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

bool PublishedColumns::HoldsAllOf(const PublishedColumns& other) const {
  if (referrals.has_value() != other.referrals.has_value()) return false;
  return persons.HoldsAllOf(other.persons) &&
         (!referrals.has_value() || referrals->HoldsAllOf(*other.referrals));
}

std::string PublishedColumns::NotCollected(
    const TableQuestion& question) const {
  const bool of_referrals =
      UnitOf(question.measure()) == CountedUnit::kReferral;
  if (of_referrals && !referrals.has_value()) return kAllReferrals;
  return RowsOf(question).NotCollected(question);
}

const PeriodColumns& PublishedColumns::RowsOf(
    const TableQuestion& question) const {
  return UnitOf(question.measure()) == CountedUnit::kReferral ? *referrals
                                                              : persons;
}

}  // namespace comity
