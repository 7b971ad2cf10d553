#include "node/policy/phrasebook.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace comity {
namespace {

constexpr std::array kFrameKeys = {"Frame.AGREEMENT",
                                   "Frame.NATIONAL",
                                   "Frame.LOCAL",
                                   "Frame.IDENTITY",
                                   "Frame.REVISION",
                                   "Frame.PARTIES",
                                   "Frame.PARTY_NAME",
                                   "Frame.LANGUAGE",
                                   "Frame.INSTRUMENT",
                                   "Frame.VALIDITY",
                                   "Frame.EMERGENCY",
                                   "Frame.GROUP",
                                   "Frame.MEMBER",
                                   "Frame.MEMBER_FROM",
                                   "Frame.MEMBER_UNTIL",
                                   "Frame.MEMBER_BETWEEN",
                                   "Frame.GROUP_RULE",
                                   "Frame.GROUP_NAME",
                                   "Frame.DEADLINES",
                                   "Frame.STATED_LENGTH",
                                   "Frame.DEFAULT_LENGTH",
                                   "Frame.EVERY_RELEASE",
                                   "Frame.RULE",
                                   "Frame.DENY_RULE",
                                   "Frame.REQUIRE_RULE",
                                   "Frame.DISCLOSES",
                                   "Frame.DISCLOSES_MUTUALLY",
                                   "Frame.ASKED_BY",
                                   "Frame.ROLE",
                                   "Frame.ORGANISATION",
                                   "Frame.EVERY_ORGANISATION",
                                   "Frame.OPERATION",
                                   "Frame.PURPOSE",
                                   "Frame.BASIS",
                                   "Frame.INDICATOR",
                                   "Frame.COLUMNS",
                                   "Frame.MEASURE",
                                   "Frame.GRANT_WHEN",
                                   "Frame.DENY_WHEN",
                                   "Frame.CONSENT",
                                   "Frame.AGE",
                                   "Frame.RISK_ANY_OF",
                                   "Frame.RISK_NONE_OF",
                                   "Frame.ORIGIN",
                                   "Frame.EXPLOITATION",
                                   "Frame.STAGE",
                                   "Frame.RECORD_AGE",
                                   "Frame.RELEASE",
                                   "Frame.RELEASE_NOTHING",
                                   "Frame.BREAK_GLASS",
                                   "Frame.GRANT_UNTIL",
                                   "Frame.NOTE",
                                   "Frame.REDACT",
                                   "Frame.APPROVALS",
                                   "Frame.NOTIFY",
                                   "Frame.MAX_PER_HOUR",
                                   "Frame.MAX_PER_DAY",
                                   "Frame.MAX_PER_MONTH",
                                   "Frame.MAX_PER_OFFICER",
                                   "Frame.THRESHOLD",
                                   "Frame.BUDGET",
                                   "Frame.COUNT_METHOD",
                                   "Frame.AGGREGATION",
                                   "Frame.LINKED_TABLES",
                                   "Frame.LINKED_TABLES_USUAL",
                                   "Frame.EPSILON",
                                   "Frame.EPSILON_ASKER",
                                   "Frame.EPSILON_ALL",
                                   "Frame.DELTA",
                                   "Frame.DELTA_BUDGET",
                                   "Frame.DELTA_BUDGET_USUAL",
                                   "Frame.RETENTION",
                                   "Frame.NO_ONWARD",
                                   "Frame.REFUSES",
                                   "Frame.WITHHOLDS",
                                   "Frame.REASON",
                                   "Frame.OVERRIDE",
                                   "Frame.ADDS",
                                   "Frame.MAY",
                                   "Frame.SCOPE",
                                   "Frame.PERSON",
                                   "Frame.FROM",
                                   "Frame.UNTIL",
                                   "Frame.AND",
                                   "Frame.OR",
                                   "Frame.SEMICOLON",
                                   "Frame.CLOSING_AGREEMENT",
                                   "Frame.CLOSING_NATIONAL",
                                   "Frame.CLOSING_LOCAL",
                                   "Frame.DIGEST"};
static_assert(std::size(kFrameKeys) == static_cast<size_t>(Frame::kDigest) + 1);

}  // namespace

absl::Span<const char* const> FrameKeys() { return kFrameKeys; }

std::string Phrasebook::Word(absl::string_view key) const {
  const auto found = words_.find(std::string(key));
  if (found != words_.end()) return found->second;
  return std::string(key.substr(key.find('.') + 1));
}

std::string Phrasebook::Fill(
    absl::string_view key,
    const std::map<std::string, std::string>& filled) const {
  std::vector<std::pair<std::string, std::string>> replacements;
  replacements.reserve(filled.size());
  for (const auto& [name, text] : filled) {
    replacements.emplace_back(absl::StrCat("{", name, "}"), text);
  }
  return absl::StrReplaceAll(Word(key), replacements);
}

std::string Phrasebook::Sentence(
    Frame frame, const std::map<std::string, std::string>& filled) const {
  return Fill(kFrameKeys.at(static_cast<size_t>(frame)), filled);
}

}  // namespace comity
