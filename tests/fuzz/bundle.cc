#include "node/crypto/hpke.h"
#include "node/wire/bundle_file.h"

// A file that a courier brought, and what would be in one that anybody sealed
// to the key on the card.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static auto* random = new comity::SystemRandom();
  static const auto* key = new comity::SecretBytes(comity::NewHpkeKey(*random));
  (void)comity::ParseBundleLabel(bytes);
  // Nobody sealed it to this key.
  if (comity::OpenBundle(bytes, *key).ok()) __builtin_trap();
  const auto content = comity::ParseBundleContent(bytes);
  if (!content.ok()) return 0;
  // One that was read is written and read alike.
  const std::string written = comity::FormatBundleContent(*content);
  const auto again = comity::ParseBundleContent(written);
  if (!again.ok() || comity::FormatBundleContent(*again) != written) {
    __builtin_trap();
  }
  return 0;
}
