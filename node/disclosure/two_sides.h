#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace comity {

// One state's figures of the referrals between it and another one, by codes.
struct SideFigures {
  std::map<std::vector<std::string>, uint64_t> shown;
  // No figure lies further from the count behind it; 0: they are the counts.
  // nullopt: nobody knows.
  std::optional<uint32_t> largest_error = 0;
  // Counted at home: a cell that is not shown is zero, and not hidden.
  bool others_are_zero = false;
};

// What two figures of the same referrals say of each other.
enum class SidesVerdict : uint8_t {
  kEqual,             // both are exact
  kWithinProtection,  // the difference may be protection alone
  kDiffers,           // no protection moves figures that far
  kUntold,            // one is hidden, or its error is not known
};

// The words for a verdict.
absl::string_view SidesWords(SidesVerdict verdict);

// One cell, as the sender counts it and as the receiver does.
struct TwoSides {
  std::vector<std::string> codes;
  std::optional<uint64_t> sent;
  std::optional<uint64_t> received;
  SidesVerdict verdict = SidesVerdict::kUntold;
};

// The cells that one of them shows, by codes. It tells no more than the figures
// that were told.
std::vector<TwoSides> CompareSides(const SideFigures& sent,
                                   const SideFigures& received);

}  // namespace comity
