#include "node/wire/case_import.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  comity::CaseImportParser parser(absl::UnixEpoch(), "o");
  if (parser.Read(text.substr(0, size / 2), false).ok()) {
    (void)parser.Read(text.substr(size / 2), true);
  }
  return 0;
}
