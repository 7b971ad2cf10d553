#include "node/store/facts_codec.h"
#include "node/tabulation/column_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)comity::DecodeFacts(bytes);
  const auto columns = comity::PeriodColumns::Parse(bytes);
  if (columns.ok()) (void)columns->Serialize();
  return 0;
}
