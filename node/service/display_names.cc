#include "node/service/display_names.h"

#include "node/policy/party_names.h"
#include "node/wire/policy_labels.h"

namespace comity {

std::optional<operators::v1::DisplayName> DisplayNameOf(
    const PolicySet& set, const ParticipantCode& participant) {
  operators::v1::DisplayName view;
  view.set_participant(participant.text());
  for (const std::string& language : LabelLanguages()) {
    const std::string name = PartyNameOf(set, participant.text(), language);
    if (name.empty()) return std::nullopt;
    (*view.mutable_in_language())[language] = name;
  }
  return view;
}

void AddDisplayNames(
    const PolicySet& set, const std::set<std::string>& codes,
    google::protobuf::RepeatedPtrField<operators::v1::DisplayName>& names) {
  for (const std::string& text : codes) {
    const auto code = ParticipantCode::Create(text);
    if (!code.ok()) continue;
    auto name = DisplayNameOf(set, *code);
    if (name.has_value()) *names.Add() = *std::move(name);
  }
}

}  // namespace comity
