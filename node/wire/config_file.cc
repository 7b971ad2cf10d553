#include "node/wire/config_file.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "comity/config/v1/config.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr int kMaxCollect = 86400;

class FirstFault : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) {
      text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ",
                           message);
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

absl::Status ParseText(absl::string_view text,
                       google::protobuf::Message& message) {
  FirstFault fault;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&fault);
  if (!parser.ParseFromString(std::string(text), &message)) {
    return ReasonError(ErrorReason::kFieldInvalid, fault.text());
  }
  return absl::OkStatus();
}

int OrDefault(uint32_t value, int fallback) {
  return value == 0 ? fallback : static_cast<int>(value);
}

absl::Status CheckSettings(const NodeConfig& config) {
  if (config.participant.empty() || config.operator_address.empty() ||
      (config.federation_address.empty() && !config.outbound_only)) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "participant, federation_address and operator_address "
                       "must be set");
  }
  if (config.outbound_only && !config.federation_address.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "an outbound_only node has no federation_address: no "
                       "partner calls it; leave one of the two out");
  }
  if (config.collect_seconds < 0 || config.collect_seconds > kMaxCollect) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "collect_seconds is at most 86400, a day");
  }
  if (!config.notify_hook.empty() && config.notify_hook.front() != '/') {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "notify_hook is the whole path of a program, from / on, "
                       "without arguments");
  }
  return absl::OkStatus();
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"\n");
}

}  // namespace

absl::StatusOr<NodeConfig> ParseConfig(absl::string_view text) {
  config::v1::NodeConfig read;
  RETURN_IF_ERROR(ParseText(text, read));
  NodeConfig config;
  config.participant = read.participant();
  config.name = read.name();
  config.commission = read.commission();
  config.federation_address = read.federation_address();
  config.operator_address = read.operator_address();
  config.max_in_flight_per_partner =
      OrDefault(read.max_in_flight_per_partner(), 64);
  config.max_in_flight = OrDefault(read.max_in_flight(), 256);
  config.max_deadline_ms = OrDefault(read.max_deadline_ms(), 10000);
  config.operator_threads = OrDefault(read.operator_threads(), 16);
  config.draft_days = OrDefault(read.draft_days(), 30);
  config.max_connections = OrDefault(read.max_connections(), 512);
  config.max_connections_per_host =
      OrDefault(read.max_connections_per_host(), 16);
  config.max_calls_per_second_per_partner =
      OrDefault(read.max_calls_per_second_per_partner(), 1000);
  config.closed_case_days = static_cast<int>(read.closed_case_days());
  config.attachment_store_mib = OrDefault(read.attachment_store_mib(), 10240);
  config.notify_hook = read.notify_hook();
  config.key_passphrase_file = read.key_passphrase_file();
  config.token_pin_file = read.token_pin_file();
  config.outbound_only = read.outbound_only();
  config.collect_seconds = OrDefault(read.collect_seconds(), 30);
  RETURN_IF_ERROR(CheckSettings(config));
  return config;
}

std::string FormatConfig(const NodeConfig& config) {
  return absl::StrCat(
      "# Configuration of a Comity node. Restart comityd after a change.\n\n",
      "# The participant's code and name; they stand in its certificates and\n",
      "# card, so changing them here alone makes the node refuse to start.\n",
      "participant: ", Quoted(config.participant),
      "name: ", Quoted(config.name),
      "\n# A commission holds no records and only asks.\n",
      "commission: ", config.commission ? "true" : "false",
      "\n\n# Where partners' nodes call; also written on the card.\n",
      "federation_address: ", Quoted(config.federation_address),
      "\n# True for a node that partners cannot call: no port is open to "
      "them,\n",
      "# federation_address is empty, the card names none, and the node\n",
      "# collects its mail, every so many seconds (1 to 86400). What a "
      "partner\n",
      "# sends, withdrawals too, reaches it then and not before.\n",
      "outbound_only: ", config.outbound_only ? "true" : "false",
      "\ncollect_seconds: ", config.collect_seconds, "\n",
      "\n# Where the own people call.\n",
      "operator_address: ", Quoted(config.operator_address),
      "\n# Calls of one partner, and of all partners, that run at once; more\n",
      "# are refused as OVERLOADED.\n",
      "max_in_flight_per_partner: ", config.max_in_flight_per_partner,
      "\nmax_in_flight: ", config.max_in_flight,
      "\n# Calls a second of one partner, on average.\n",
      "max_calls_per_second_per_partner: ",
      config.max_calls_per_second_per_partner,
      "\n# Connections to each listener, and of one address to partners'.\n",
      "max_connections: ", config.max_connections,
      "\nmax_connections_per_host: ", config.max_connections_per_host,
      "\n\n# Longest time a call may ask for, in milliseconds.\n",
      "max_deadline_ms: ", config.max_deadline_ms,
      "\n\n# Threads that serve the own people's calls.\n",
      "operator_threads: ", config.operator_threads,
      "\n\n# Days after which a draft of a referral that was not sent is "
      "gone.\n",
      "draft_days: ", config.draft_days,
      "\n\n# Days after which an own case is erased whose referrals are over, "
      "one of\n",
      "# them completed; counted from their last event. 0: never.\n",
      "closed_case_days: ", config.closed_case_days,
      "\n\n# MiB of the store that documents may take, own and received.\n",
      "attachment_store_mib: ", config.attachment_store_mib,
      "\n\n# A program that is run for each notice that a policy demands, "
      "with\n",
      "# three arguments: whom it is for, such as DPO_AT_HOLDER; what "
      "happened;\n",
      "# the own log's entry. It gets no person data, 10 seconds, and is "
      "tried\n",
      "# again after a failure. Empty: none.\n",
      "notify_hook: ", Quoted(config.notify_hook),
      "\n# Where the passphrase of the keys is, if comity node protect-keys "
      "made one\n",
      "# and systemd does not give it: a path outside of this directory. "
      "Empty:\n",
      "# whoever starts comityd is asked.\n",
      "key_passphrase_file: ", Quoted(config.key_passphrase_file),
      "\n# The same for the PIN of the token, if keys are in one.\n",
      "token_pin_file: ", Quoted(config.token_pin_file));
}

absl::StatusOr<Profile> ParseProfile(absl::string_view text) {
  config::v1::Profile read;
  RETURN_IF_ERROR(ParseText(text, read));
  return Profile{read.participant(), read.operator_address(),
                 read.anchors_file(), read.certificate_file(), read.key_file()};
}

std::string FormatProfile(const Profile& profile) {
  return absl::StrCat("participant: ", Quoted(profile.participant),
                      "operator_address: ", Quoted(profile.operator_address),
                      "anchors_file: ", Quoted(profile.anchors_file),
                      "certificate_file: ", Quoted(profile.certificate_file),
                      "key_file: ", Quoted(profile.key_file));
}

}  // namespace comity
