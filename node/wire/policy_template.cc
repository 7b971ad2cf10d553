#include "node/wire/policy_template.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/embedded_text.h"
#include "node/wire/policy_file.h"

namespace comity {
namespace {

constexpr std::array kNames = {
    "bilateral",        "counts",          "emergency", "local",
    "national-default", "national-strict", "ngo"};
constexpr absl::string_view kEmergency = "emergency";
constexpr absl::Duration kEmergencyDefault = absl::Hours(24 * 30);

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

std::string QuotedList(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  for (std::string& text : texts) text = Quoted(text);
  return absl::StrJoin(texts, ", ");
}

std::string TimeText(absl::Time time) {
  return Quoted(
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()));
}

// Where time is short nobody thinks of a name: "ne-ng-emergency".
std::string IdOfEmergency(std::vector<std::string> party) {
  std::sort(party.begin(), party.end());
  return absl::StrCat(absl::AsciiStrToLower(absl::StrJoin(party, "-")), "-",
                      kEmergency);
}

// One placeholder: how it is written, whether its value was given, what the
// value is called and what stands for it.
struct Filling {
  const char* mark;
  bool given;
  const char* option;
  std::string text;
};

std::vector<Filling> FillingsOf(absl::string_view name,
                                const TemplateValues& values) {
  std::vector<std::string> party = values.party;
  std::string members;
  for (const std::string& code : party) {
    absl::StrAppend(&members, "    member { participant: ", Quoted(code),
                    " }\n");
  }
  if (!values.commission.empty()) party.push_back(values.commission);
  std::optional<absl::Time> until = values.until;
  if (name == kEmergency && values.from.has_value() && !until.has_value()) {
    until = *values.from + kEmergencyDefault;
  }
  std::string id = values.id;
  if (name == kEmergency && id.empty()) id = IdOfEmergency(values.party);
  return {
      {"$ID$", !id.empty(), "--id", Quoted(id)},
      {"$TITLE$", !values.title.empty(), "--title", Quoted(values.title)},
      {"$INSTRUMENT$", true, "--instrument",
       Quoted(values.instrument.empty() ? "To be named before signing"
                                        : values.instrument)},
      {"$PARTIES$", party.size() > 1, "--party (two or more)",
       QuotedList(party)},
      {"$MEMBERS$", !members.empty(), "--party", members},
      {"$COMMISSION$", !values.commission.empty(), "--commission",
       Quoted(values.commission)},
      {"$NODE$", party.size() == 1, "--party (one)", QuotedList(party)},
      {"$ORGANISATIONS$", !values.organisation.empty(), "--organisation",
       QuotedList(values.organisation)},
      {"$FROM$", values.from.has_value(), "--from",
       TimeText(values.from.value_or(absl::UnixEpoch()))},
      {"$UNTIL$", until.has_value(), "--until",
       TimeText(until.value_or(absl::UnixEpoch()))},
  };
}

}  // namespace

std::vector<std::string> TemplateNames() {
  return {std::begin(kNames), std::end(kNames)};
}

absl::StatusOr<std::string> FillTemplate(absl::string_view name,
                                         const TemplateValues& values) {
  std::string text(EmbeddedText(absl::StrCat("templates/", name, ".template")));
  if (text.empty()) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("there is no template \"", name, "\"; there are ",
                     absl::StrJoin(TemplateNames(), ", ")));
  }
  // All at once, so that no value is searched for marks.
  std::vector<std::pair<std::string, std::string>> replacements;
  std::vector<std::string> missing;
  for (Filling& filling : FillingsOf(name, values)) {
    if (!absl::StrContains(text, filling.mark)) continue;
    if (!filling.given) missing.emplace_back(filling.option);
    replacements.emplace_back(filling.mark, std::move(filling.text));
  }
  if (!missing.empty()) {
    return ReasonError(ErrorReason::kFieldMissing,
                       absl::StrCat("the template \"", name, "\" needs ",
                                    absl::StrJoin(missing, ", ")));
  }
  text = absl::StrReplaceAll(text, replacements);
  const PolicyFileResult loaded = LoadPolicyFile(name, text);
  if (!loaded.findings.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("the filled template does not load: ",
                                    loaded.findings.front().message));
  }
  return text;
}

absl::StatusOr<absl::Time> ParseDay(absl::string_view text) {
  absl::Time time;
  if ((text.size() == 10 &&
       absl::ParseTime("%Y-%m-%d", text, absl::UTCTimeZone(), &time,
                       nullptr)) ||
      (absl::EndsWith(text, "Z") &&
       absl::ParseTime(absl::RFC3339_sec, text, &time, nullptr))) {
    return time;
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("\"", text,
                                  "\" is no date; write 2026-12-01 or "
                                  "2026-12-01T00:00:00Z"));
}

}  // namespace comity
