#include "node/cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

constexpr absl::string_view kSchema = R"("schema": "comity.cli.v1")";

// Characters, not bytes: what a column is wide.
size_t Width(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The cells under one another, two spaces apart, none at the end.
std::string Padded(const std::vector<std::string>& row,
                   const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    absl::StrAppend(&line, row[i],
                    std::string(widths[i] - Width(row[i]) + 2, ' '));
  }
  absl::StripTrailingAsciiWhitespace(&line);
  return line;
}

}  // namespace

std::string OnOneLine(absl::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  if (FindBadText(line).line == 0) return line;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return line;
}

std::string FormatTable(std::vector<std::vector<std::string>> rows,
                        bool terminal) {
  std::vector<size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = OnOneLine(row[i]);
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    absl::StrAppend(
        &text, terminal ? Padded(row, widths) : absl::StrJoin(row, "\t"), "\n");
  }
  return text;
}

void PrintTable(const std::vector<std::vector<std::string>>& rows) {
  printf("%s", FormatTable(rows, isatty(STDOUT_FILENO) != 0).c_str());
}

std::string JsonQuoted(absl::string_view text) {
  const bool plain = FindBadText(text).line == 0;
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(c);
    } else if (c == '\n') {
      absl::StrAppend(&quoted, "\\n");
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppend(&quoted, absl::StrFormat("\\u%04x", byte));
    } else {
      quoted.push_back(byte >= 0x80 && !plain ? '?' : c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::string FormatJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options)
           .ok()) {
    return "";
  }
  absl::string_view members = text;
  absl::ConsumePrefix(&members, "{\n");
  absl::ConsumePrefix(&members, "{");
  const bool none = absl::StartsWith(members, "}");
  return absl::StrCat("{\n ", kSchema, none ? "\n" : ",\n", members);
}

std::string FormatJson(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text = absl::StrCat("{\n ", kSchema);
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&text, ",\n ", JsonQuoted(name), ": ", JsonQuoted(value));
  }
  return text + "\n}\n";
}

}  // namespace comity
