#pragma once

#include "comity/operators/v1/attachment_service.pb.h"
#include "node/service/operator_gate.h"

namespace comity {

// The handlers of AttachmentService, one for each call; see the proto.

absl::Status HandleBeginAttachment(
    OperatorCall& call, const operators::v1::BeginAttachmentRequest& request,
    operators::v1::BeginAttachmentResponse& response);
absl::Status HandleAppendAttachment(
    OperatorCall& call, const operators::v1::AppendAttachmentRequest& request,
    operators::v1::AppendAttachmentResponse& response);
absl::Status HandleFinishAttachment(
    OperatorCall& call, const operators::v1::FinishAttachmentRequest& request,
    operators::v1::FinishAttachmentResponse& response);
absl::Status HandleListAttachments(
    OperatorCall& call, const operators::v1::ListAttachmentsRequest& request,
    operators::v1::ListAttachmentsResponse& response);
absl::Status HandleReadAttachment(
    OperatorCall& call, const operators::v1::ReadAttachmentRequest& request,
    operators::v1::ReadAttachmentResponse& response);
absl::Status HandleDeleteAttachment(
    OperatorCall& call, const operators::v1::DeleteAttachmentRequest& request,
    operators::v1::DeleteAttachmentResponse& response);
absl::Status HandleOfferAttachment(
    OperatorCall& call, const operators::v1::OfferAttachmentRequest& request,
    operators::v1::OfferAttachmentResponse& response);
absl::Status HandleListOffers(OperatorCall& call,
                              const operators::v1::ListOffersRequest& request,
                              operators::v1::ListOffersResponse& response);
absl::Status HandleFetchAttachment(
    OperatorCall& call, const operators::v1::FetchAttachmentRequest& request,
    operators::v1::FetchAttachmentResponse& response);
absl::Status HandleReadOffer(OperatorCall& call,
                             const operators::v1::ReadOfferRequest& request,
                             operators::v1::ReadOfferResponse& response);

}  // namespace comity
