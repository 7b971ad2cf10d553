#include "node/store/facts_codec.h"
#include "node/tabulation/published_columns.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)comity::DecodeFacts(bytes);
  const auto columns = comity::PublishedColumns::Parse(bytes);
  if (columns.ok()) (void)columns->Serialize();
  return 0;
}
