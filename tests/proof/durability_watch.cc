#include "tests/proof/durability_watch.h"

#include "comity/federation/v1/federation_service.pb.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/crypto/note.h"
#include "node/wire/message_leaf.h"
#include "tests/support/status_matchers.h"

namespace comity {

namespace fed = federation::v1;

void DurabilityWatch::Watch(LossyLink& link, LinkedNode& asker,
                            LinkedNode& answerer) {
  disks_.push_back(*asker.OpenFromDisk());
  const Store& from = *disks_.back();
  disks_.push_back(*answerer.OpenFromDisk());
  const Store& to = *disks_.back();
  link.AddTap([this, &from, &to](LinkCall call, const std::string& request,
                                 const std::string* answer) {
    if (answer == nullptr) {
      CheckRequest(call, request, from);
    } else {
      CheckAnswer(call, *answer, to);
    }
  });
}

void DurabilityWatch::CheckRequest(LinkCall call, const std::string& bytes,
                                   const Store& disk) {
  if (call == LinkCall::kDeliver) {
    fed::DeliverEventsRequest request;
    ASSERT_TRUE(request.ParseFromString(bytes));
    for (const fed::Envelope& each : request.events()) CheckLogged(each, disk);
  } else if (call == LinkCall::kCollect) {
    fed::CollectEventsRequest request;
    ASSERT_TRUE(request.ParseFromString(bytes));
    for (const fed::Envelope& each : request.receipts()) {
      CheckLogged(each, disk);
      CheckReceipt(each, disk);
    }
  } else if (call == LinkCall::kAskCase) {
    fed::AnswerCaseQueryRequest request;
    ASSERT_TRUE(request.ParseFromString(bytes));
    CheckLogged(request.question(), disk);
  }
}

void DurabilityWatch::CheckAnswer(LinkCall call, const std::string& bytes,
                                  const Store& disk) {
  if (call == LinkCall::kDeliver) {
    fed::DeliverEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    for (const fed::Envelope& each : response.receipts()) {
      CheckLogged(each, disk);
      CheckReceipt(each, disk);
    }
  } else if (call == LinkCall::kCollect) {
    fed::CollectEventsResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    for (const fed::Envelope& each : response.events()) CheckLogged(each, disk);
  } else if (call == LinkCall::kAskCase) {
    fed::AnswerCaseQueryResponse response;
    ASSERT_TRUE(response.ParseFromString(bytes));
    CheckLogged(response.answer(), disk);
  }
}

void DurabilityWatch::CheckLogged(const fed::Envelope& envelope,
                                  const Store& disk) {
  ++messages_;
  const auto message = ParseEnvelope(envelope);
  ASSERT_OK(message);
  const auto leaf = ParseMessageLeaf(message->leaf);
  ASSERT_OK(leaf);
  const auto proof = ParseLogProof(message->proof);
  ASSERT_OK(proof);
  const auto logged = disk.ReadLeaves(
      PartnerLogOrigin(leaf->sender, leaf->receiver), proof->index, 1, false);
  ASSERT_OK(logged);
  ASSERT_EQ(logged->size(), 1u) << "a message left that is not in the log";
  EXPECT_EQ(logged->at(0).leaf, message->leaf);
}

void DurabilityWatch::CheckReceipt(const fed::Envelope& envelope,
                                   const Store& disk) {
  const auto message = ParseEnvelope(envelope);
  ASSERT_OK(message);
  const auto leaf = ParseMessageLeaf(message->leaf);
  ASSERT_OK(leaf);
  fed::EventReceipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(message->payload));
  const auto event = disk.ReadEvent(leaf->request_id);
  if (receipt.has_refusal()) {
    EXPECT_FALSE(event.ok()) << "an event is refused and kept";
    ++refusals_[receipt.refusal().reason()];
    return;
  }
  ASSERT_OK(event) << "a receipt left for an event that is not durable";
  EXPECT_EQ(event->receipt_leaf, message->leaf);
  EXPECT_EQ(event->receipt_payload, message->payload);
}

}  // namespace comity
