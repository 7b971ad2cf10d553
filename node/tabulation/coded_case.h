#pragma once

#include <map>
#include <string>
#include <vector>

#include "node/base/uuid.h"

namespace comity {

// The coded columns of one case, or of one referral of a case, as tables count
// them. A column that may have several codes counts the person once under each;
// none is ever empty: what was not recorded is "unknown".
struct CodedCase {
  Uuid case_id;
  // Of registration, or in which the referral was sent; 0: not known, and never
  // counted.
  int year = 0;
  std::map<std::string, std::vector<std::string>> columns;
};

}  // namespace comity
