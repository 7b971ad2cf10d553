#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace comity {

// A bash script that completes nouns, verbs and options of `app`, and file
// names where a value is expected.
std::string FormatBashCompletion(const CLI::App& app);

}  // namespace comity
