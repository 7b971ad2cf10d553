#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// A node's configuration with defaults filled in (proto/comity/config/v1).
struct NodeConfig {
  std::string participant;
  std::string name;
  bool commission = false;
  std::string federation_address;  // empty if outbound_only
  std::string operator_address;
  int max_in_flight_per_partner = 64;
  int max_in_flight = 256;
  int max_deadline_ms = 10000;
  int operator_threads = 16;
  int draft_days = 30;
  int max_connections = 512;          // of each listener
  int max_connections_per_host = 16;  // of partners' listener
  int max_calls_per_second_per_partner = 1000;
  int closed_case_days = 0;  // 0: own cases are never erased by time
  int attachment_store_mib = 10240;
  bool outbound_only = false;  // partners cannot call: it collects its mail
  int collect_seconds = 30;
  std::string notify_hook;          // empty: none
  std::string key_passphrase_file;  // empty: none
  std::string token_pin_file;       // empty: none
};

// FIELD_INVALID with line and column for a file that does not read strictly.
absl::StatusOr<NodeConfig> ParseConfig(absl::string_view text);
// The file with every setting and what it means.
std::string FormatConfig(const NodeConfig& config);

// What an operator's client needs.
struct Profile {
  std::string participant;
  std::string operator_address;
  std::string anchors_file;
  std::string certificate_file;
  std::string key_file;
};

absl::StatusOr<Profile> ParseProfile(absl::string_view text);
std::string FormatProfile(const Profile& profile);

}  // namespace comity
