#pragma once

#include <string>
#include <vector>

#include "comity/policy/v1/policy.pb.h"
#include "node/policy/party_names.h"

namespace comity {

// The names of an agreement's parties, of a file that was checked.
std::vector<PartyName> ConvertNames(const policy::v1::Agreement& agreement);

// What is wrong with them; empty: nothing. Each party has one name of 1 to 80
// bytes, with neither parentheses nor quotes, which stand around it, nor what
// nobody sees or what turns the order of letters.
std::vector<std::string> NameFaults(const policy::v1::Agreement& agreement);

}  // namespace comity
