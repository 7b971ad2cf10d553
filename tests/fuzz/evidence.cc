#include "node/wire/envelope.h"
#include "node/wire/own_leaf.h"

// Leaves, and what stands beside them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kOwnLeafSize = 266;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto leaf = comity::ParseMessageLeaf(bytes);
  // One spelling for each leaf.
  if (leaf.ok() && comity::FormatMessageLeaf(*leaf) != bytes) __builtin_trap();
  const auto openings = comity::ParseOpenings(bytes);
  if (openings.ok()) {
    const std::string written = comity::SerializeOpenings(*openings);
    const auto again = comity::ParseOpenings(written);
    if (!again.ok() || comity::SerializeOpenings(*again) != written) {
      __builtin_trap();
    }
  }
  if (bytes.size() <= kOwnLeafSize) return 0;
  const absl::string_view own = bytes.substr(0, kOwnLeafSize);
  const absl::string_view opening = bytes.substr(kOwnLeafSize);
  if (!comity::OpenOwnEntry(own, opening).ok()) return 0;
  // Whom it is about can be taken out of whatever opens, and nothing else.
  const auto left = comity::WithoutPerson(opening);
  if (!left.ok()) __builtin_trap();
  const auto erased = comity::OpenOwnEntry(own, *left);
  if (!erased.ok() || !erased->person_erased || !erased->subject.empty()) {
    __builtin_trap();
  }
  return 0;
}
