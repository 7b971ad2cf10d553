#include "node/wire/federation_wire.h"

#include <algorithm>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = federation::v1;
constexpr int kMaxSizes = 1000;
constexpr int kMaxHeld = 16;
constexpr int kMaxForks = 2;
constexpr int kMaxEntries = static_cast<int>(kMostWantedEntries);
constexpr size_t kMaxWitnessNote = size_t{4} * 1024;
constexpr int kMaxAgreements = 1000;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

absl::Status TooManyEntries() {
  return Invalid("an exchange asks for at most 128 entries");
}

template <typename Handshake>
void WriteHandshake(const HandshakeFacts& facts, Handshake& out) {
  out.set_protocol_version(facts.protocol_version);
  *out.mutable_now() = ToProtoTime(facts.now);
  for (const auto& agreement : facts.agreements) {
    auto* added = out.add_agreements();
    added->set_agreement_id(agreement.id);
    added->set_revision(agreement.revision);
    added->set_digest(agreement.digest);
  }
}

template <typename Handshake>
absl::StatusOr<HandshakeFacts> ReadHandshake(const Handshake& in) {
  if (in.protocol_version() == 0) {
    return ReasonError(ErrorReason::kFieldMissing,
                       "protocol_version must be set");
  }
  if (in.agreements_size() > kMaxAgreements) {
    return Invalid("a handshake names at most 1000 agreements");
  }
  HandshakeFacts facts;
  facts.protocol_version = in.protocol_version();
  ASSIGN_OR_RETURN(facts.now, FromProtoTime(in.now()));
  for (const auto& agreement : in.agreements()) {
    facts.agreements.push_back(
        {agreement.agreement_id(), agreement.revision(), agreement.digest()});
  }
  return facts;
}

// A bundle carries none.
template <typename Exchange>
void WriteNews(const TrustNews& news, Exchange& out) {
  if (news.held_card == 0) return;
  pb::TrustNews& added = *out.mutable_trust_news();
  added.set_card(news.card);
  added.set_revocations(news.revocations);
  added.set_held_card_serial(news.held_card);
  added.set_held_revocation_sequence(news.held_revocations);
}

absl::StatusOr<TrustNews> ReadNews(const pb::TrustNews& in) {
  if (in.card().size() > kMostCardBytes ||
      in.revocations().size() > kMostRevocationBytes) {
    return Invalid("trust_news holds a card of at most 4 KiB and a list of 8");
  }
  return TrustNews{in.card(), in.revocations(), in.held_card_serial(),
                   in.held_revocation_sequence()};
}

template <typename Exchange>
void WriteStatement(const CheckpointExchange& exchange, Exchange& out) {
  if (exchange.cosigned_checkpoint.empty() && exchange.forks.empty()) return;
  pb::WitnessStatement& statement = *out.mutable_statement();
  statement.set_cosigned_checkpoint(exchange.cosigned_checkpoint);
  for (const ForkNotes& fork : exchange.forks) {
    pb::ForkEvidence& added = *statement.add_forks();
    added.set_held_checkpoint(fork.held);
    added.set_shown_checkpoint(fork.shown);
  }
}

absl::Status ReadStatement(const pb::WitnessStatement& in,
                           CheckpointExchange& exchange) {
  const auto fits = [](const std::string& note) {
    return note.size() <= kMaxWitnessNote;
  };
  bool all_fit = fits(in.cosigned_checkpoint());
  for (const pb::ForkEvidence& fork : in.forks()) {
    all_fit = all_fit && fits(fork.held_checkpoint()) &&
              fits(fork.shown_checkpoint());
    exchange.forks.push_back({fork.held_checkpoint(), fork.shown_checkpoint()});
  }
  if (!all_fit || in.forks_size() > kMaxForks) {
    return Invalid("a witness tells at most 2 forks, in notes of up to 4 KiB");
  }
  exchange.cosigned_checkpoint = in.cosigned_checkpoint();
  return absl::OkStatus();
}

template <typename Exchange>
void WriteExchange(const CheckpointExchange& exchange, Exchange& out) {
  out.set_checkpoint(exchange.checkpoint);
  auto* witness = out.mutable_witness();
  witness->set_proved_size(exchange.proved_size);
  for (const std::string& note : exchange.held_checkpoints) {
    witness->add_held_checkpoints(note);
  }
  for (const uint64_t size : exchange.unproved_sizes) {
    witness->add_unproved_sizes(size);
  }
  for (const ChainStep& step : exchange.proofs) {
    auto* added = out.add_proofs();
    added->set_old_size(step.old_size);
    added->set_new_size(step.new_size);
    for (const std::string& hash : step.hashes) added->add_hashes(hash);
  }
  WriteStatement(exchange, out);
  WriteNews(exchange.news, out);
}

template <typename Exchange>
absl::StatusOr<CheckpointExchange> ReadExchange(const Exchange& in) {
  if (in.witness().unproved_sizes_size() > kMaxSizes ||
      in.proofs_size() > kMaxSizes + 1) {
    return Invalid("an exchange names at most 1000 sizes");
  }
  if (in.witness().held_checkpoints_size() > kMaxHeld) {
    return Invalid("an exchange shows at most 16 checkpoints held");
  }
  CheckpointExchange exchange;
  exchange.checkpoint = in.checkpoint();
  exchange.proved_size = in.witness().proved_size();
  exchange.held_checkpoints = {in.witness().held_checkpoints().begin(),
                               in.witness().held_checkpoints().end()};
  exchange.unproved_sizes = {in.witness().unproved_sizes().begin(),
                             in.witness().unproved_sizes().end()};
  if (!std::is_sorted(exchange.unproved_sizes.begin(),
                      exchange.unproved_sizes.end())) {
    return Invalid("unproved_sizes must ascend");
  }
  for (const auto& proof : in.proofs()) {
    exchange.proofs.push_back({proof.old_size(),
                               proof.new_size(),
                               {proof.hashes().begin(), proof.hashes().end()}});
  }
  RETURN_IF_ERROR(ReadStatement(in.statement(), exchange));
  ASSIGN_OR_RETURN(exchange.news, ReadNews(in.trust_news()));
  return exchange;
}

absl::StatusOr<std::vector<Message>> ReadEnvelopes(
    const google::protobuf::RepeatedPtrField<pb::Envelope>& envelopes) {
  if (envelopes.size() > static_cast<int>(kMostEventsInCall)) {
    return Invalid("one call carries at most 8 events or receipts");
  }
  std::vector<Message> messages;
  for (const pb::Envelope& envelope : envelopes) {
    ASSIGN_OR_RETURN(Message message, ParseEnvelope(envelope));
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace

pb::HandshakeRequest FormatHandshakeRequest(const HandshakeFacts& facts) {
  pb::HandshakeRequest request;
  WriteHandshake(facts, request);
  return request;
}

pb::HandshakeResponse FormatHandshakeResponse(const HandshakeFacts& facts) {
  pb::HandshakeResponse response;
  WriteHandshake(facts, response);
  response.set_serving(facts.serving);
  return response;
}

absl::StatusOr<HandshakeFacts> ParseHandshake(
    const pb::HandshakeRequest& request) {
  return ReadHandshake(request);
}

absl::StatusOr<HandshakeFacts> ParseHandshake(
    const pb::HandshakeResponse& response) {
  ASSIGN_OR_RETURN(HandshakeFacts facts, ReadHandshake(response));
  facts.serving = response.serving();
  return facts;
}

pb::ExchangeCheckpointsRequest FormatExchangeRequest(
    const CheckpointExchange& exchange) {
  pb::ExchangeCheckpointsRequest request;
  WriteExchange(exchange, request);
  for (const uint64_t index : exchange.wanted_entries) {
    request.add_wanted_entries(index);
  }
  return request;
}

pb::ExchangeCheckpointsResponse FormatExchangeResponse(
    const CheckpointExchange& exchange) {
  pb::ExchangeCheckpointsResponse response;
  WriteExchange(exchange, response);
  for (const GivenEntry& entry : exchange.entries) {
    pb::ProvedEntry& added = *response.add_entries();
    added.set_index(entry.index);
    added.set_leaf(entry.leaf);
    added.set_proof(entry.proof);
  }
  return response;
}

absl::StatusOr<CheckpointExchange> ParseExchange(
    const pb::ExchangeCheckpointsRequest& request) {
  ASSIGN_OR_RETURN(CheckpointExchange exchange, ReadExchange(request));
  if (request.wanted_entries_size() > kMaxEntries) return TooManyEntries();
  exchange.wanted_entries = {request.wanted_entries().begin(),
                             request.wanted_entries().end()};
  return exchange;
}

absl::StatusOr<CheckpointExchange> ParseExchange(
    const pb::ExchangeCheckpointsResponse& response) {
  ASSIGN_OR_RETURN(CheckpointExchange exchange, ReadExchange(response));
  if (response.entries_size() > kMaxEntries) return TooManyEntries();
  for (const pb::ProvedEntry& entry : response.entries()) {
    exchange.entries.push_back({entry.index(), entry.leaf(), entry.proof()});
  }
  return exchange;
}

pb::CollectEventsRequest FormatMailRequest(const MailRequest& request) {
  pb::CollectEventsRequest out;
  for (const Message& receipt : request.receipts) {
    *out.add_receipts() = FormatEnvelope(receipt);
  }
  out.set_max_events(static_cast<uint32_t>(request.max_events));
  for (const Uuid& id : request.held_up) {
    out.add_held_up_event_ids(id.ToBytes());
  }
  return out;
}

pb::CollectEventsResponse FormatCollectedMail(const CollectedMail& mail) {
  pb::CollectEventsResponse out;
  for (const Message& event : mail.events) {
    *out.add_events() = FormatEnvelope(event);
  }
  out.set_more(mail.more);
  return out;
}

absl::StatusOr<MailRequest> ParseMailRequest(
    const pb::CollectEventsRequest& request) {
  if (request.held_up_event_ids_size() > static_cast<int>(kMostHeldUp)) {
    return Invalid("a caller names at most 64 events that it could not take");
  }
  MailRequest read;
  ASSIGN_OR_RETURN(read.receipts, ReadEnvelopes(request.receipts()));
  if (request.max_events() > 0 && request.max_events() < kMostEventsInCall) {
    read.max_events = request.max_events();
  }
  for (const std::string& bytes : request.held_up_event_ids()) {
    ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(bytes));
    read.held_up.push_back(id);
  }
  return read;
}

absl::StatusOr<CollectedMail> ParseCollectedMail(
    const pb::CollectEventsResponse& response) {
  CollectedMail mail;
  ASSIGN_OR_RETURN(mail.events, ReadEnvelopes(response.events()));
  mail.more = response.more();
  return mail;
}

pb::ExchangeAgreementResponse FormatAgreementFiles(
    const std::vector<AgreementText>& files) {
  pb::ExchangeAgreementResponse response;
  for (const AgreementText& each : files) {
    pb::AgreementFile& file = *response.add_files();
    file.set_text(each.text);
    file.set_proposed(each.proposed);
    if (!each.switch_at) continue;
    *file.mutable_switch_at() = ToProtoTime(*each.switch_at);
  }
  return response;
}

absl::StatusOr<std::vector<AgreementText>> ParseAgreementFiles(
    const pb::ExchangeAgreementResponse& response) {
  if (response.files_size() > kMostAgreementFiles) {
    return Invalid("an agreement is held in at most 3 files");
  }
  std::vector<AgreementText> files;
  for (const pb::AgreementFile& file : response.files()) {
    AgreementText& text = files.emplace_back();
    text.text = file.text();
    text.proposed = file.proposed();
    if (!file.has_switch_at()) continue;
    ASSIGN_OR_RETURN(text.switch_at, FromProtoTime(file.switch_at()));
  }
  return files;
}

}  // namespace comity
