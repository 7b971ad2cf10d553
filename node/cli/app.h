#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/cli/command.h"

namespace comity {

// The whole command line: every noun with its verbs. Borrows the context.
std::unique_ptr<CLI::App> MakeApp(CommandContext& context);

// Runs one command line, without the program's name. Errors go to stderr; the
// result is the exit code.
int RunCommandLine(const std::vector<std::string>& arguments,
                   CommandContext& context);

// The verb of `verbs` that `word` most probably meant; empty if none is near.
std::string NearestWord(const std::string& word,
                        const std::vector<std::string>& verbs);

}  // namespace comity
