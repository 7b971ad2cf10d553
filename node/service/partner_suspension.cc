#include "node/service/partner_suspension.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/admin_desk.h"
#include "node/service/trust_change.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr size_t kLongestWhy = 200;

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("suspended/", partner.text());
}

}  // namespace

absl::StatusOr<std::optional<Suspension>> ReadSuspension(
    const StateReader& store, const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string value, store.ReadMeta(MetaName(partner)));
  if (value.empty()) return std::optional<Suspension>();
  const std::vector<std::string> parts =
      absl::StrSplit(value, absl::MaxSplits(' ', 1));
  int64_t nanos = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &nanos)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       absl::StrCat("the suspension of ", partner.text(),
                                    " is damaged in the store; comity partner "
                                    "resume writes it anew"));
  }
  return Suspension{absl::FromUnixNanos(nanos), parts[1]};
}

absl::Status PutSuspension(StateWriter& store, const ParticipantCode& partner,
                           const Suspension& suspension) {
  return store.PutMeta(
      MetaName(partner),
      absl::StrCat(absl::ToUnixNanos(suspension.since), " ", suspension.why));
}

absl::Status SuspendByNode(NodeContext& node, const ParticipantCode& partner,
                           const std::string& why) {
  RETURN_IF_ERROR(
      node.writer
          .Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(const auto before,
                             ReadSuspension(scope.store(), partner));
            if (before) return absl::OkStatus();
            RETURN_IF_ERROR(AppendTrustChange(
                node, absl::StrCat(partner.text(), " suspended: ", why),
                scope));
            return PutSuspension(scope.store(), partner, {scope.now(), why});
          })
          .status());
  return LoadPartners(node);
}

absl::Status HandleSuspendPartner(OperatorCall& call,
                                  const pb::SuspendPartnerRequest& request,
                                  pb::SuspendPartnerResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode partner,
                   KnownPartner(node, request.participant()));
  if (request.why().size() > kLongestWhy ||
      absl::StrContains(request.why(), '\n')) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "why is one line of at most 200 bytes");
  }
  const auto table = node.partners.Get();
  const ParticipantCard* card = table->Find(partner);
  response.set_collects(card != nullptr && card->CollectsMail());
  if (table->IsSuspended(partner)) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       partner.text() +
                           " is suspended already; comity partner "
                           "list says since when");
  }
  call.SetPeer(partner);
  call.SetDetail("SUSPENDED " + request.why());
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return PutSuspension(scope.store(), partner,
                                             {scope.now(), request.why()});
                      })
                      .status());
  return LoadPartners(node);
}

absl::Status HandleResumePartner(OperatorCall& call,
                                 const pb::ResumePartnerRequest& request,
                                 pb::ResumePartnerResponse&) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode partner,
                   KnownPartner(node, request.participant()));
  if (!node.partners.Get()->IsSuspended(partner)) {
    return ReasonError(ErrorReason::kNotFound,
                       partner.text() + " is not suspended");
  }
  call.SetPeer(partner);
  call.SetDetail("RESUMED");
  RETURN_IF_ERROR(call.Commit([&](CommitScope& scope) {
                        return scope.store().PutMeta(MetaName(partner), "");
                      })
                      .status());
  return LoadPartners(node);
}

}  // namespace comity
