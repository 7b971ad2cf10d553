#include "node/tabulation/published_columns.h"

#include <algorithm>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/measure.h"

namespace comity {
namespace {

constexpr char kWithSent = 4;
constexpr char kWithReceived = 5;
constexpr size_t kSizeBytes = 8;

absl::Status Damaged() {
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "a published snapshot does not parse");
}

// Takes columns whose length stands in front of them off the bytes.
absl::StatusOr<PeriodColumns> TakeColumns(absl::string_view& bytes) {
  uint64_t size = 0;
  for (const char byte : bytes.substr(0, kSizeBytes)) {
    size = size << 8 | static_cast<unsigned char>(byte);
  }
  if (bytes.size() < kSizeBytes || bytes.size() - kSizeBytes < size) {
    return Damaged();
  }
  const absl::string_view taken = bytes.substr(kSizeBytes, size);
  bytes.remove_prefix(kSizeBytes + size);
  return PeriodColumns::Parse(taken);
}

void AppendColumns(const PeriodColumns& columns, std::string& bytes) {
  const std::string written = columns.Serialize();
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(written.size() >> shift & 0xff));
  }
  bytes.append(written);
}

bool IsOfReferrals(const TableQuestion& question) {
  return UnitOf(question.measure()) == CountedUnit::kReferral;
}

bool IsOfReceived(const TableQuestion& question) {
  return question.measure() == Measure::kReferralsReceived;
}

}  // namespace

absl::StatusOr<PublishedColumns> PublishedColumns::Parse(
    absl::string_view bytes) {
  PublishedColumns columns;
  const char version = bytes.empty() ? '\0' : bytes[0];
  if (version != kWithSent && version != kWithReceived) {
    ASSIGN_OR_RETURN(columns.persons, PeriodColumns::Parse(bytes));
    return columns;
  }
  bytes.remove_prefix(1);
  ASSIGN_OR_RETURN(columns.persons, TakeColumns(bytes));
  if (version == kWithSent) {
    ASSIGN_OR_RETURN(columns.referrals, PeriodColumns::Parse(bytes));
    return columns;
  }
  ASSIGN_OR_RETURN(columns.referrals, TakeColumns(bytes));
  ASSIGN_OR_RETURN(columns.received, PeriodColumns::Parse(bytes));
  return columns;
}

std::string PublishedColumns::Serialize() const {
  if (!referrals.has_value()) return persons.Serialize();
  std::string bytes(1, received.has_value() ? kWithReceived : kWithSent);
  AppendColumns(persons, bytes);
  if (!received.has_value()) return bytes + referrals->Serialize();
  AppendColumns(*referrals, bytes);
  return bytes + received->Serialize();
}

bool PublishedColumns::Holds(uint64_t record_key) const {
  return persons.Holds(record_key) ||
         (referrals.has_value() && referrals->Holds(record_key)) ||
         (received.has_value() && received->Holds(record_key));
}

std::vector<uint64_t> PublishedColumns::RecordKeys() const {
  std::vector<uint64_t> keys = persons.record_keys();
  for (const auto* rows : {&referrals, &received}) {
    if (!rows->has_value()) continue;
    const std::vector<uint64_t>& others = (*rows)->record_keys();
    keys.insert(keys.end(), others.begin(), others.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

bool PublishedColumns::HoldsAllOf(const PublishedColumns& other) const {
  if (referrals.has_value() != other.referrals.has_value()) return false;
  if (other.received.has_value() &&
      (!received.has_value() || !received->HoldsAllOf(*other.received))) {
    return false;
  }
  return persons.HoldsAllOf(other.persons) &&
         (!referrals.has_value() || referrals->HoldsAllOf(*other.referrals));
}

bool PublishedColumns::FewChangedSince(const PublishedColumns& other,
                                       uint64_t few) const {
  const auto in = [few](const PeriodColumns& now, const PeriodColumns& before) {
    const uint64_t changed = now.ChangedSince(before);
    return changed > 0 && changed < few;
  };
  // Of what was not told before nothing can be compared.
  const auto in_both = [&in](const std::optional<PeriodColumns>& now,
                             const std::optional<PeriodColumns>& before) {
    return now.has_value() && before.has_value() && in(*now, *before);
  };
  return in(persons, other.persons) || in_both(referrals, other.referrals) ||
         in_both(received, other.received);
}

std::string PublishedColumns::NotCollected(
    const TableQuestion& question) const {
  if (IsOfReferrals(question) && !referrals.has_value()) return kAllReferrals;
  if (IsOfReceived(question) && !received.has_value()) return kReceived;
  return RowsOf(question).NotCollected(question);
}

const PeriodColumns& PublishedColumns::RowsOf(
    const TableQuestion& question) const {
  if (IsOfReceived(question)) return *received;
  return IsOfReferrals(question) ? *referrals : persons;
}

}  // namespace comity
