#include "node/service/bundle_desk.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/bundle_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/bundle_writer.h"
#include "node/delivery/shown_heads.h"
#include "node/service/bundle_intake.h"
#include "node/service/outbox_departures.h"
#include "node/service/trust_intake.h"
#include "node/service/waking.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;

absl::StatusOr<ParticipantCard> FindReceiver(const NodeContext& node,
                                             const std::string& code) {
  ASSIGN_OR_RETURN(const ParticipantCode partner,
                   ParticipantCode::Create(code));
  const auto table = node.partners.Get();
  const ParticipantCard* card = table->Find(partner);
  if (card == nullptr) {
    return ReasonError(ErrorReason::kPartnerUnknown,
                       absl::StrCat(code, " is no partner"));
  }
  if (card->bundle_key.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("the card of ", code,
                                    " has no bundle key; ask for a newer card, "
                                    "and add it with comity partner add"));
  }
  return *card;
}

absl::Status HandleWriteBundle(OperatorCall& call,
                               const pb::WriteBundleRequest& request,
                               pb::WriteBundleResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCard card,
                   FindReceiver(node, request.partner()));
  ASSIGN_OR_RETURN(const ParticipantCard own, ParseCard(OwnCardText(node)));
  call.SetPeer(card.code);
  call.SetDetail("BUNDLE WRITTEN, nothing waited");
  const OutboxDepartures departures(node);
  const auto partners = node.partners.Get();
  // In a commit of its own: what it logs is proved once that stands.
  RETURN_IF_ERROR(node.writer
                      .Commit([&](CommitScope& scope) {
                        return WithholdFromOutbox(departures, card.code, scope);
                      })
                      .status());
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const GatheredBundle gathered,
                         GatherBundle(scope.store(),
                                      {node.self, node.signer, *partners,
                                       departures, scope.now()},
                                      card.code));
        if (gathered.empty()) return absl::OkStatus();
        const BundleContent& content = gathered.content;
        ASSIGN_OR_RETURN(*response.mutable_file(),
                         SealBundle({node.self, card.code, own.serial,
                                     card.serial, scope.now()},
                                    content, card.bundle_key, node.random));
        response.set_events(static_cast<uint32_t>(content.events.size()));
        response.set_receipts(static_cast<uint32_t>(content.receipts.size()));
        response.set_left(gathered.left);
        response.set_news(gathered.has_news());
        call.SetDetail(
            absl::StrCat("BUNDLE WRITTEN ", response.events(), " events, ",
                         response.receipts(), " receipts",
                         response.news() ? ", news of certificates" : ""));
        return NoteShownHeads(scope.store(), card.code, {gathered.head_size});
      })
      .status();
}

class BundleServiceImpl : public pb::BundleService::CallbackService {
 public:
  BundleServiceImpl(OperatorGate& gate, NodeContext& node,
                    std::function<void()> wake)
      : gate_(gate), intake_(node), wake_(std::move(wake)) {}

  grpc::ServerUnaryReactor* WriteBundle(
      grpc::CallbackServerContext* context,
      const pb::WriteBundleRequest* request,
      pb::WriteBundleResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralSend, request, response,
                     HandleWriteBundle);
  }
  grpc::ServerUnaryReactor* ReadBundle(
      grpc::CallbackServerContext* context,
      const pb::ReadBundleRequest* request,
      pb::ReadBundleResponse* response) override {
    return gate_.Run(
        context, LocalOperation::kReferralSend, request, response,
        Waking(wake_, [this](auto& call, const auto& in, auto& out) {
          return intake_.Read(call, in, out);
        }));
  }

 private:
  OperatorGate& gate_;
  BundleIntake intake_;
  std::function<void()> wake_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBundleService(OperatorGate& gate,
                                                 NodeContext& node,
                                                 std::function<void()> wake) {
  return std::make_unique<BundleServiceImpl>(gate, node, std::move(wake));
}

}  // namespace comity
