#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace comity {

// What one code of a CTDC file says of a person, and where the record keeps it.
struct CtdcMeaning {
  enum class Place {
    kNowhere,  // `code` says why
    kAgeBand,
    kAgeClass,
    kControl,
    kControlGroup,
    kDuration,
    kExploitation,
    kGender,
    kGenderGroup,
    kIndustry,
    kIntimatePartner,
    kRecruiter,
    kSex,
    kSexExploitation,
    kSource,  // of the data, beside the dialect's own
  };
  Place place = Place::kNowhere;
  const char* code = "";
};

// A code as the file spells it, dashes of any kind and letter case aside.
struct CtdcCode {
  std::string spelling;
  std::vector<CtdcMeaning> meanings;  // none: not recorded, or not so
  std::string key;                    // CtdcKey of the spelling
};

// A column of a CTDC file.
struct CtdcColumn {
  enum class Kind {
    kCodes,
    kYear,                 // of registration
    kCitizenship,          // ISO 3166, two or three letters
    kExploitationCountry,  // the same
    kText,                 // any text, which no field is for
  };
  const char* name = "";
  Kind kind = Kind::kCodes;
  std::vector<CtdcCode> codes = {};
  const char* also = nullptr;  // a second spelling of the name
  bool optional = false;       // not in every release
};

// One way in which the Counter Trafficking Data Collaborative's public files,
// or copies of them, are laid out (domain.md 3.1). Immutable.
struct CtdcDialect {
  const char* name = "";
  const char* source = "";           // x_provenance of its cases
  std::vector<const char*> missing;  // what stands where nothing is recorded
  std::vector<CtdcColumn> columns;
};

// What two spellings of one code have in common: "9--17" and "9-17".
std::string CtdcKey(absl::string_view text);

// All of them; node/decisions/2026-11-30-ctdc-files-are-read-by-dialect.md
// says what is kept of each.
const std::vector<CtdcDialect>& CtdcDialects();

}  // namespace comity
