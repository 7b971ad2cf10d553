#include "absl/strings/str_cat.h"
#include "comity/federation/v1/attachment.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/attachment_steps.h"
#include "node/service/attachment_view.h"
#include "node/service/log_detail.h"
#include "node/wire/enum_code.h"

// Documents of own cases, as the own people keep them.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

constexpr size_t kLargestPiece = kChunkSize * kChunksAtOnce;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

absl::Status NoDocument() {
  return ReasonError(ErrorReason::kNotFound,
                     "the case has no such document; comity case attachments "
                     "lists them");
}

absl::Status OtherContent(MediaType media) {
  return Invalid(absl::StrCat(
      "the content is no ",
      EnumCode(*fed::MediaType_descriptor(), static_cast<int>(media)),
      "; allowed: ", EnumCodes(*fed::MediaType_descriptor())));
}

absl::StatusOr<AttachmentFacts> FactsOf(
    const NodeContext& node, const pb::BeginAttachmentRequest& request) {
  AttachmentFacts facts;
  ASSIGN_OR_RETURN(
      const int kind,
      ParseEnumCode(*fed::AttachmentKind_descriptor(), request.kind()));
  ASSIGN_OR_RETURN(const int media, ParseEnumCode(*fed::MediaType_descriptor(),
                                                  request.media_type()));
  facts.kind = static_cast<AttachmentKind>(kind);
  facts.media = static_cast<MediaType>(media);
  if (!v1::RecordGroup_IsValid(request.group())) {
    return Invalid("the group must be one of the record's");
  }
  facts.group = static_cast<FieldGroup>(request.group());
  facts.names_person =
      !request.without_name() || facts.group == FieldGroup::kIdentity;
  if (!facts.names_person && AlwaysNamesPerson(facts.kind)) {
    return Invalid(absl::StrCat("a ", request.kind(),
                                " says who she is; leave out without_name"));
  }
  facts.size = request.size();
  if (facts.size > kLargestAttachment) {
    return ReasonError(
        ErrorReason::kMessageTooLarge,
        absl::StrCat("a document has at most ", kLargestAttachment >> 20,
                     " MiB; this one has ", facts.size, " bytes"));
  }
  facts.salt = node.random.Bytes(32);
  return facts;
}

// The document of that name, if it belongs to a case that the caller reaches.
// The own log names the case only where `named`: each piece would be a line of
// what she is told.
absl::StatusOr<AttachmentRow> FindDocument(OperatorCall& call,
                                           const std::string& name,
                                           bool named) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(name));
  auto row = call.node().store.ReadAttachment(id);
  if (!row.ok() || row->owner_kind != AttachmentOwner::kCase) {
    return NoDocument();
  }
  ASSIGN_OR_RETURN(const CaseFacts facts,
                   call.node().store.ReadFacts(row->owner));
  RETURN_IF_ERROR(call.PermitOn(facts).status());
  if (named) call.SetSubject(row->owner);
  return row;
}

// Likewise, of one case.
absl::StatusOr<AttachmentRow> FindDocumentOf(OperatorCall& call,
                                             const Uuid& case_id,
                                             const std::string& name) {
  ASSIGN_OR_RETURN(AttachmentRow row, FindDocument(call, name, false));
  if (row.owner != case_id) return NoDocument();
  return row;
}

std::string Words(absl::string_view what, const AttachmentFacts& facts) {
  return absl::StrCat(what, DocumentOf(static_cast<int>(facts.kind)));
}

absl::Status CheckPiece(const AttachmentRow& row,
                        const pb::AppendAttachmentRequest& request) {
  if (row.whole) return Invalid("the document is finished");
  if (request.first_chunk() != row.held) {
    return Invalid(absl::StrCat("the next chunk is number ", row.held));
  }
  const size_t size = request.content().size();
  const auto chunks = static_cast<uint32_t>(ChunkCount(size));
  if (size > kLargestPiece ||
      size != BytesOfChunks(row.facts.size, row.held, chunks)) {
    return Invalid(
        "a piece holds whole chunks of 16 KiB, at most 32, and the last one "
        "ends where the document does");
  }
  if (row.held == 0 && MediaTypeOf(request.content()) != row.facts.media) {
    return OtherContent(row.facts.media);
  }
  return absl::OkStatus();
}

absl::Status AddOffers(const StoreReader& store, const Uuid& attachment_id,
                       google::protobuf::RepeatedPtrField<std::string>* in) {
  ASSIGN_OR_RETURN(const std::vector<OfferedAttachment> offers,
                   store.ListOffersOf(attachment_id));
  for (const OfferedAttachment& each : offers) {
    in->Add(each.referral_id.ToString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleBeginAttachment(OperatorCall& call,
                                   const pb::BeginAttachmentRequest& request,
                                   pb::BeginAttachmentResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(request.request_id()));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  AttachmentRow row;
  row.id = id;
  row.owner = *permit.case_id();
  ASSIGN_OR_RETURN(row.facts, FactsOf(node, request));
  row.reserved = row.facts.size;
  row.begun_at = call.now();
  call.SetDetail(absl::StrCat(Words("BEGUN", row.facts), kPiece));
  response.set_attachment_id(id.ToString());
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(DropUnfinished(scope));
        RETURN_IF_ERROR(
            CheckRoom(node, scope.store(), row.owner, row.reserved));
        return scope.store().InsertAttachment(row);
      })
      .status();
}

absl::Status HandleAppendAttachment(OperatorCall& call,
                                    const pb::AppendAttachmentRequest& request,
                                    pb::AppendAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const AttachmentRow found,
                   FindDocument(call, request.attachment_id(), false));
  call.SetDetail("APPENDED");
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const AttachmentRow row,
                         scope.store().ReadAttachment(found.id));
        RETURN_IF_ERROR(CheckPiece(row, request));
        response.set_held_chunks(row.held +
                                 ChunkCount(request.content().size()));
        return scope.store().PutChunks(row.id, row.held, request.content());
      })
      .status();
}

absl::Status HandleFinishAttachment(OperatorCall& call,
                                    const pb::FinishAttachmentRequest& request,
                                    pb::FinishAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const AttachmentRow found,
                   FindDocument(call, request.attachment_id(), true));
  bool kept = false;
  RETURN_IF_ERROR(
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(AttachmentRow row,
                             scope.store().ReadAttachment(found.id));
            if (row.whole) return Invalid("the document is finished");
            ASSIGN_OR_RETURN(row.facts.digest,
                             scope.store().DigestAttachment(row.id));
            kept = row.held == ChunkCount(row.facts.size) &&
                   row.facts.digest == request.digest();
            call.SetDetail(Words(kept ? "ATTACHED" : "DROPPED", row.facts));
            if (!kept) {
              // What did not happen is decided anew.
              call.ExpectRepeat();
              return scope.store().DeleteAttachment(row.id);
            }
            *response.mutable_attachment() = AttachmentViewOf(row);
            return scope.store().PutAttachmentFacts(row.id, row.facts, true);
          })
          .status());
  if (kept) return absl::OkStatus();
  return ReasonError(ErrorReason::kIntegrityFailure,
                     "what arrived is not what was read; nothing is kept");
}

absl::Status HandleListAttachments(OperatorCall& call,
                                   const pb::ListAttachmentsRequest& request,
                                   pb::ListAttachmentsResponse& response) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const std::vector<AttachmentRow> rows,
                   store.ListAttachments(*permit.case_id()));
  for (const AttachmentRow& row : rows) {
    if (!row.whole) continue;
    pb::Attachment& view = *response.add_attachments();
    view = AttachmentViewOf(row);
    view.set_digest(row.facts.digest);
    RETURN_IF_ERROR(AddOffers(store, row.id, view.mutable_offered_in()));
  }
  return absl::OkStatus();
}

absl::Status HandleReadAttachment(OperatorCall& call,
                                  const pb::ReadAttachmentRequest& request,
                                  pb::ReadAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(
      const AttachmentRow row,
      FindDocumentOf(call, *permit.case_id(), request.attachment_id()));
  if (!row.whole) return NoDocument();
  call.SetDetail(absl::StrCat(Words("READ", row.facts),
                              request.first_chunk() > 0 ? kPiece : ""));
  ASSIGN_OR_RETURN(*response.mutable_content(),
                   call.node().store.ReadChunks(
                       permit, row.id, request.first_chunk(), kChunksAtOnce));
  response.set_size(row.facts.size);
  return absl::OkStatus();
}

absl::Status HandleDeleteAttachment(OperatorCall& call,
                                    const pb::DeleteAttachmentRequest& request,
                                    pb::DeleteAttachmentResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(
      const AttachmentRow row,
      FindDocumentOf(call, *permit.case_id(), request.attachment_id()));
  call.SetDetail(Words("DETACHED", row.facts));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(
            AddOffers(scope.store(), row.id, response.mutable_offered_in()));
        return scope.store().DeleteAttachment(row.id);
      })
      .status();
}

}  // namespace comity
