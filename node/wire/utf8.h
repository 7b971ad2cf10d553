#pragma once

#include "absl/strings/string_view.h"

namespace comity {

// A place in a text, from 1; line 0 means "nowhere".
struct TextPlace {
  int line = 0;
  int column = 0;  // in bytes
};

// The first place that is not plain UTF-8 text (RFC 3629): broken or overlong
// bytes, NUL or control characters other than tab and line ends, a byte order
// mark, bidirectional controls.
TextPlace FindBadText(absl::string_view text);

}  // namespace comity
