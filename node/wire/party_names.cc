#include "node/wire/party_names.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace comity {
namespace {

namespace pb = policy::v1;

constexpr size_t kLongestName = 80;

// What FindBadText lets pass of what is not seen: soft hyphen, marks of
// direction, joiners, separators of lines; each as UTF-8.
constexpr std::array<const char*, 12> kUnseen = {
    "\u00ad", "\u061c", "\u180e", "\u200b", "\u200c", "\u200d",
    "\u200e", "\u200f", "\u2028", "\u2029", "\u2060", "\u3164"};

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= kLongestName &&
         text.find_first_of("()\"{}\t\r\n") == std::string::npos &&
         text.front() != ' ' && text.back() != ' ' &&
         std::none_of(kUnseen.begin(), kUnseen.end(), [&text](const char* one) {
           return absl::StrContains(text, one);
         });
}

}  // namespace

std::vector<PartyName> ConvertNames(const pb::Agreement& agreement) {
  std::vector<PartyName> names;
  for (const pb::PartyName& each : agreement.party_name()) {
    PartyName name{each.party(), each.name(), {}};
    if (each.has_fr()) name.in_language["fr"] = each.fr();
    if (each.has_pt()) name.in_language["pt"] = each.pt();
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> NameFaults(const pb::Agreement& agreement) {
  std::vector<std::string> faults;
  std::set<std::string> named;
  const std::set<std::string> parties(agreement.party().begin(),
                                      agreement.party().end());
  for (const pb::PartyName& each : agreement.party_name()) {
    const std::string& code = each.party();
    if (!parties.contains(code)) {
      faults.push_back(
          absl::StrCat("\"", code, "\" has a name and is no party"));
    }
    if (!named.insert(code).second) {
      faults.push_back(
          absl::StrCat("\"", code, "\" is named twice; keep one name"));
    }
    if ((each.has_name() && !IsName(each.name())) ||
        (each.has_fr() && !IsName(each.fr())) ||
        (each.has_pt() && !IsName(each.pt()))) {
      faults.push_back(absl::StrCat(
          "the name of \"", code,
          "\" is 1 to 80 bytes without parentheses, quotes, braces and "
          "characters that nobody sees"));
    }
  }
  return faults;
}

}  // namespace comity
