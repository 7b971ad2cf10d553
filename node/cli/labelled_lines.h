#pragma once

#include <algorithm>
#include <cstdio>
#include <string>

#include "node/cli/command.h"
#include "node/cli/wording.h"

namespace comity {

// Lines of a thing that is shown: the label of a key in the reader's language,
// and what there is. `words` outlives it.
class LabelledLines {
 public:
  explicit LabelledLines(const Wording& words) : words_(words) {}

  // Nothing where there is no text; without a key under the line before.
  void Print(const char* key, const std::string& text) const {
    if (text.empty()) return;
    std::string label = *key == '\0' ? "" : words_.Text(key);
    // Letters, not bytes.
    const auto letters = std::count_if(label.begin(), label.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    if (letters < 10) label.append(static_cast<size_t>(10 - letters), ' ');
    printf("  %s %s\n", label.c_str(), OnOneLine(text).c_str());
  }

 private:
  const Wording& words_;
};

}  // namespace comity
