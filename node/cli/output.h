#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace comity {

// How results are written: tables, and JSON that programs read.

// Text from elsewhere, as a line may hold it: ends of lines and tabs are
// spaces, and what else a terminal obeys, or is no plain UTF-8 text, becomes
// "?".
std::string OnOneLine(absl::string_view text);

// Rows in columns for people, or separated by tabs for programs; without
// spaces or tabs at the ends of lines. Each cell as OnOneLine gives it.
std::string FormatTable(std::vector<std::vector<std::string>> rows,
                        bool terminal);
// Prints rows in columns on a terminal, with tabs elsewhere.
void PrintTable(const std::vector<std::vector<std::string>>& rows);

// A JSON string of `text`, with its quotes. Bytes that are no plain UTF-8 text
// become "?".
std::string JsonQuoted(absl::string_view text);

// One JSON object that starts with "schema": "comity.cli.v1". Empty if the
// message has text that is not UTF-8.
std::string FormatJson(const google::protobuf::Message& message);
std::string FormatJson(
    const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace comity
