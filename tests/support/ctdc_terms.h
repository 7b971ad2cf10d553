#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "node/wire/case_import.h"

namespace comity {

// What an operator says of a public file.
inline ImportTerms CtdcTerms() {
  ImportTerms terms = {absl::FromUnixSeconds(0), "ORG/a"};
  terms.reference_prefix = "CTDC-0123456789ab-";
  terms.screening_none_recorded = true;
  return terms;
}

inline std::string TextOfFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace comity
