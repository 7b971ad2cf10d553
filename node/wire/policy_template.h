#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace comity {

// What is filled into a template of policy/templates.
struct TemplateValues {
  std::string id;  // emergency: left out, made of the parties
  std::string title;
  std::string instrument;           // empty: to be named
  std::vector<std::string> party;   // of national and local: the one node
  std::optional<absl::Time> from;   // of agreements
  std::optional<absl::Time> until;  // emergency: left out, 30 days after from
  std::vector<std::string> organisation;  // ngo
  std::string commission;                 // counts: who asks the parties
};

// The names that can be asked for, such as "bilateral", in alphabetical order.
std::vector<std::string> TemplateNames();

// The text of a policy file without findings. FIELD_INVALID for an unknown
// name or a value that the loader refuses, FIELD_MISSING naming the value that
// the template needs.
absl::StatusOr<std::string> FillTemplate(absl::string_view name,
                                         const TemplateValues& values);

// Reads a day, "2026-12-01", as its first moment in UTC, or an RFC 3339 time in
// UTC. FIELD_INVALID.
absl::StatusOr<absl::Time> ParseDay(absl::string_view text);

}  // namespace comity
