#include "tests/proof/lossy_link.h"

#include "comity/federation/v1/federation_service.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/federation_wire.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// What is on its way at one time, at most.
constexpr size_t kMaxHeld = 64;

template <typename Response>
absl::StatusOr<Response> Parse(const std::string& bytes) {
  Response response;
  if (!response.ParseFromString(bytes)) {
    return ReasonError(ErrorReason::kInternal, "the answer is no message");
  }
  return response;
}

absl::Status NotHere() {
  return ReasonError(ErrorReason::kInternal, "no test asks this");
}

absl::Status NoAnswer() {
  return ReasonError(ErrorReason::kDeadlineExceeded, "no answer came");
}

}  // namespace

absl::StatusOr<HandshakeFacts> LossyLink::Handshake(const HandshakeFacts& facts,
                                                    absl::Duration) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   Carry(LinkCall::kHandshake,
                         FormatHandshakeRequest(facts).SerializeAsString()));
  ASSIGN_OR_RETURN(const auto response, Parse<fed::HandshakeResponse>(bytes));
  return ParseHandshake(response);
}

absl::StatusOr<Message> LossyLink::AskCase(const Message& question,
                                           absl::Duration) {
  fed::AnswerCaseQueryRequest request;
  *request.mutable_question() = FormatEnvelope(question);
  ASSIGN_OR_RETURN(const std::string bytes,
                   Carry(LinkCall::kAskCase, request.SerializeAsString()));
  ASSIGN_OR_RETURN(const auto response,
                   Parse<fed::AnswerCaseQueryResponse>(bytes));
  return ParseEnvelope(response.answer());
}

absl::StatusOr<std::vector<Message>> LossyLink::Deliver(
    const std::vector<Message>& events, absl::Duration) {
  fed::DeliverEventsRequest request;
  for (const Message& event : events) {
    *request.add_events() = FormatEnvelope(event);
  }
  ASSIGN_OR_RETURN(const std::string bytes,
                   Carry(LinkCall::kDeliver, request.SerializeAsString()));
  ASSIGN_OR_RETURN(const auto response,
                   Parse<fed::DeliverEventsResponse>(bytes));
  std::vector<Message> receipts;
  for (const fed::Envelope& receipt : response.receipts()) {
    ASSIGN_OR_RETURN(Message message, ParseEnvelope(receipt));
    receipts.push_back(std::move(message));
  }
  return receipts;
}

absl::StatusOr<CollectedMail> LossyLink::Collect(const MailRequest& request,
                                                 absl::Duration) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   Carry(LinkCall::kCollect,
                         FormatMailRequest(request).SerializeAsString()));
  ASSIGN_OR_RETURN(const auto response,
                   Parse<fed::CollectEventsResponse>(bytes));
  return ParseCollectedMail(response);
}

absl::StatusOr<CheckpointExchange> LossyLink::Exchange(
    const CheckpointExchange& ours, absl::Duration) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   Carry(LinkCall::kExchange,
                         FormatExchangeRequest(ours).SerializeAsString()));
  ASSIGN_OR_RETURN(const auto response,
                   Parse<fed::ExchangeCheckpointsResponse>(bytes));
  return ParseExchange(response);
}

absl::StatusOr<Message> LossyLink::AskTable(const Message&, absl::Duration) {
  return NotHere();
}
absl::StatusOr<Message> LossyLink::AskSubject(const Message&, absl::Duration) {
  return NotHere();
}
absl::StatusOr<Message> LossyLink::AskAttachment(const Message&,
                                                 absl::Duration) {
  return NotHere();
}
absl::StatusOr<std::vector<AgreementText>> LossyLink::ReadAgreement(
    const std::string&, absl::Duration) {
  return NotHere();
}

absl::StatusOr<std::string> LossyLink::Carry(LinkCall call,
                                             const std::string& bytes) {
  ++calls_;
  if (cut_)
    return ReasonError(ErrorReason::kPeerUnreachable, "the line is cut");
  for (const Tap& tap : taps_) tap(call, bytes, nullptr);
  const LinkFaults faults =
      faults_.of_deliveries_alone && call != LinkCall::kDeliver ? LinkFaults()
                                                                : faults_;
  if (Happens(300)) ReleaseOne();
  if (Happens(faults.request_lost)) return NoAnswer();
  if (Happens(faults.held)) {
    if (held_.size() >= kMaxHeld) ReleaseOne();
    held_.push_back({call, bytes});
    return NoAnswer();
  }
  absl::StatusOr<std::string> answer = Arrive(call, bytes);
  if (Happens(faults.repeated)) answer = Arrive(call, bytes);
  if (Happens(faults.copied) && held_.size() < kMaxHeld) {
    held_.push_back({call, bytes});
  }
  if (Happens(faults.answer_lost)) return NoAnswer();
  return answer;
}

absl::StatusOr<std::string> LossyLink::Arrive(LinkCall call,
                                              const std::string& bytes) {
  absl::StatusOr<std::string> answer = to_.Answer(from_, call, bytes);
  if (!answer.ok()) return answer;
  for (const Tap& tap : taps_) tap(call, bytes, &*answer);
  return answer;
}

void LossyLink::ReleaseOne() {
  if (held_.empty()) return;
  const size_t index = random_() % held_.size();
  const OnItsWay late = std::move(held_[index]);
  held_.erase(held_.begin() + static_cast<ptrdiff_t>(index));
  Arrive(late.call, late.bytes).status().IgnoreError();
}

void LossyLink::ReleaseAll() {
  while (!held_.empty()) ReleaseOne();
}

}  // namespace comity
