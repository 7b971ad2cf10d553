#include "node/wire/case_import.h"

namespace {

// In two pieces, as far as the first one is read.
void Read(absl::string_view text, comity::ImportTerms terms) {
  comity::CaseImportParser parser(std::move(terms));
  if (parser.Read(text.substr(0, text.size() / 2), false).ok()) {
    (void)parser.Read(text.substr(text.size() / 2), true);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  comity::ImportTerms terms = {absl::UnixEpoch(), "o"};
  Read(text, terms);
  terms.reference_prefix = "F-";
  terms.screening_none_recorded = true;
  Read(text, terms);
  return 0;
}
