#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace comity {

// One block of a flat form: what it holds by name and key.
struct FlatBlock {
  std::vector<std::pair<std::string, std::string>> leaves;
  std::map<std::string, FlatBlock> blocks;
};

// "a, b" as the flat form writes a list is [a, b] in a file. Texts are quoted
// and escaped, so that no comma of a text is between two quotes.
inline bool IsList(absl::string_view value) {
  return value.find(value.front() == '"' ? "\", \"" : ", ") !=
         absl::string_view::npos;
}

// The flat form spells bytes beyond ASCII and tabs as codes; a file may not.
inline std::string WithoutCodes(absl::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool code = value[i] == '\\' && i + 1 < value.size();
    if (code && value[i + 1] >= '0' && value[i + 1] <= '7') {
      out.push_back(static_cast<char>((value[i + 1] - '0') * 64 +
                                      (value[i + 2] - '0') * 8 +
                                      (value[i + 3] - '0')));
      i += 3;
    } else if (code && (value[i + 1] == 't' || value[i + 1] == 'r')) {
      out.push_back(value[++i] == 't' ? '\t' : '\r');
    } else {
      out.push_back(value[i]);
      if (code) out.push_back(value[++i]);
    }
  }
  return out;
}

inline void PrintBlock(const FlatBlock& block, std::string& out) {
  for (const auto& [name, value] : block.leaves) {
    const bool list = IsList(value);
    absl::StrAppend(&out, name, ": ", list ? "[" : "", WithoutCodes(value),
                    list ? "]" : "", "\n");
  }
  for (const auto& [name, inner] : block.blocks) {
    absl::StrAppend(&out, name.substr(0, name.find('[')), " {\n");
    PrintBlock(inner, out);
    absl::StrAppend(&out, "}\n");
  }
}

// A policy file out of the flat form that its digest is taken over.
inline std::string PrintFlatForm(absl::string_view flat_form) {
  FlatBlock root;
  for (const absl::string_view line :
       absl::StrSplit(flat_form, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> leaf =
        absl::StrSplit(line, absl::MaxSplits(" = ", 1));
    std::vector<std::string> path = absl::StrSplit(leaf.first, '.');
    FlatBlock* block = &root;
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      block = &block->blocks[path[i]];
    }
    block->leaves.emplace_back(path.back(), leaf.second);
  }
  std::string out;
  PrintBlock(root, out);
  return out;
}

}  // namespace comity
