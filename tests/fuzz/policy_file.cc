#include "node/wire/policy_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const comity::PolicyFileResult result = comity::LoadPolicyFile("f", text);
  // Either a body or a finding, never both and never neither.
  if (result.body.has_value() == !result.findings.empty()) __builtin_trap();
  return 0;
}
