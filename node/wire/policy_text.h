#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace comity {

// A fault in a text-format file. Line and column count from 1.
struct TextFault {
  int line = 0;
  int column = 0;
  std::string message;
};

// Reads text format more strictly than protobuf does (policy.md 1.1): UTF-8
// without NUL, byte order mark or bidirectional controls; enum values by name;
// no adjacent strings; no codes for characters; plain numbers; true and false
// only. `tree` gets the places of all fields. Returns the faults; if there are
// any, `message` is what could be read (a value that its list lacks as the
// first of the list), to find further faults and nothing else.
std::vector<TextFault> ReadStrictText(
    absl::string_view text, google::protobuf::Message* message,
    google::protobuf::TextFormat::ParseInfoTree* tree);

}  // namespace comity
