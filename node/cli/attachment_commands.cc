#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/byte_progress.h"
#include "node/cli/command.h"
#include "node/cli/document_file.h"
#include "node/cli/groups.h"
#include "node/wire/enum_code.h"

// Documents of a case.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Attachments = pb::AttachmentService;

constexpr std::chrono::seconds kLongCall{60};

struct AttachOptions {
  std::string name;
  std::string file;
  std::string kind;
  std::string group;
  std::string media_type;
  bool without_name = false;
};

std::string MediaCode(MediaType media) {
  return EnumCode(*fed::MediaType_descriptor(), static_cast<int>(media));
}

std::string GroupName(int group) {
  return std::string(Name(static_cast<FieldGroup>(group)));
}

// One run of comity case attach.
class AttachRun {
 public:
  AttachRun(const AttachOptions& options, CommandContext& context)
      : options_(options), context_(context) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(DocumentFile file, DocumentFile::Open(options_.file));
    RETURN_IF_ERROR(Begin(file));
    const absl::StatusOr<pb::FinishAttachmentResponse> done = SendWhole(file);
    if (!done.ok()) {
      // The node drops it in any case; this way it does so now.
      Drop();
      return done.status();
    }
    if (context_.PrintedJson(*done)) return absl::OkStatus();
    const pb::Attachment& made = done->attachment();
    printf("document %s: %s, %s, %lu bytes, group %s%s (entry %s)\n",
           made.attachment_id().c_str(), options_.kind.c_str(),
           MediaCode(file.media()).c_str(),
           static_cast<unsigned long>(made.size()), options_.group.c_str(),
           made.names_person() ? ", says who she is" : "",
           done->audit_entry_id().c_str());
    return absl::OkStatus();
  }

 private:
  absl::Status Begin(const DocumentFile& file) {
    pb::BeginAttachmentRequest begin;
    begin.set_request_id(context_.NewRequestId());
    begin.set_case_id(options_.name);
    begin.set_kind(options_.kind);
    begin.set_media_type(MediaCode(file.media()));
    if (!options_.media_type.empty() &&
        options_.media_type != begin.media_type()) {
      return ReasonError(
          ErrorReason::kFieldInvalid,
          absl::StrCat(options_.file, " is a ", begin.media_type(), ", and no ",
                       options_.media_type));
    }
    google::protobuf::RepeatedField<int> groups;
    RETURN_IF_ERROR(ParseGroupNames({options_.group}, &groups));
    begin.set_group(static_cast<v1::RecordGroup>(groups[0]));
    begin.set_without_name(options_.without_name);
    begin.set_size(file.size());
    ASSIGN_OR_RETURN(const auto begun,
                     (context_.Call<Attachments, pb::BeginAttachmentResponse>(
                         &Attachments::Stub::BeginAttachment, begin)));
    id_ = begun.attachment_id();
    return absl::OkStatus();
  }

  absl::StatusOr<pb::FinishAttachmentResponse> SendWhole(DocumentFile& file) {
    ASSIGN_OR_RETURN(const std::string digest, Send(file));
    return Finish(digest);
  }

  absl::StatusOr<std::string> Send(DocumentFile& file) {
    ByteProgress progress("attached", context_.quiet);
    return file.Read([&](uint32_t first, std::string piece) -> absl::Status {
      pb::AppendAttachmentRequest append;
      append.set_request_id(context_.NewRequestId());
      append.set_attachment_id(id_);
      append.set_first_chunk(first);
      append.set_content(std::move(piece));
      progress.Show(first * kChunkSize + append.content().size(), file.size());
      return context_
          .Call<Attachments, pb::AppendAttachmentResponse>(
              &Attachments::Stub::AppendAttachment, append, kLongCall)
          .status();
    });
  }

  absl::StatusOr<pb::FinishAttachmentResponse> Finish(
      const std::string& digest) {
    pb::FinishAttachmentRequest finish;
    finish.set_request_id(context_.NewRequestId());
    finish.set_attachment_id(id_);
    finish.set_digest(digest);
    return context_.Call<Attachments, pb::FinishAttachmentResponse>(
        &Attachments::Stub::FinishAttachment, finish, kLongCall);
  }

  void Drop() {
    pb::DeleteAttachmentRequest drop;
    drop.set_request_id(context_.NewRequestId());
    drop.set_case_id(options_.name);
    drop.set_attachment_id(id_);
    context_
        .Call<Attachments, pb::DeleteAttachmentResponse>(
            &Attachments::Stub::DeleteAttachment, drop)
        .status()
        .IgnoreError();
  }

  const AttachOptions& options_;
  CommandContext& context_;
  std::string id_;
};

absl::Status List(const std::string& name, CommandContext& context) {
  pb::ListAttachmentsRequest request;
  request.set_case_id(name);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Attachments, pb::ListAttachmentsResponse>(
                       &Attachments::Stub::ListAttachments, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.attachments().empty()) printf("no documents\n");
  std::vector<std::vector<std::string>> rows;
  for (const pb::Attachment& each : response.attachments()) {
    rows.push_back({each.attachment_id(),
                    EnumCode(*fed::AttachmentKind_descriptor(), each.kind()),
                    EnumCode(*fed::MediaType_descriptor(), each.media_type()),
                    GroupName(each.group()),
                    absl::StrCat(each.size(), " bytes"),
                    TimeText(each.attached_at()),
                    each.names_person() ? "says who she is" : "",
                    each.offered_in().empty()
                        ? ""
                        : absl::StrCat("offered in ",
                                       absl::StrJoin(each.offered_in(), " "))});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

struct GetOptions {
  std::string name;
  std::string id;
  std::string out;
};

absl::Status Get(const GetOptions& options, CommandContext& context) {
  RETURN_IF_ERROR(WriteDocument(
      options.out, [&](uint32_t first) -> absl::StatusOr<DocumentPiece> {
        pb::ReadAttachmentRequest request;
        request.set_case_id(options.name);
        request.set_attachment_id(options.id);
        request.set_first_chunk(first);
        ASSIGN_OR_RETURN(
            auto response,
            (context.Call<Attachments, pb::ReadAttachmentResponse>(
                &Attachments::Stub::ReadAttachment, request, kLongCall)));
        return DocumentPiece{std::move(*response.mutable_content()),
                             response.size()};
      }));
  if (!context.PrintedJson({{"file", options.out}})) {
    printf("written to %s, for your eyes alone\n", options.out.c_str());
  }
  return absl::OkStatus();
}

absl::Status Detach(const std::string& name, const std::string& id,
                    CommandContext& context) {
  pb::DeleteAttachmentRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_case_id(name);
  request.set_attachment_id(id);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Attachments, pb::DeleteAttachmentResponse>(
                       &Attachments::Stub::DeleteAttachment, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  printf("document destroyed (entry %s)\n", response.audit_entry_id().c_str());
  for (const std::string& referral : response.offered_in()) {
    printf(
        "  it was offered in referral %s: what was fetched there stays there "
        "until consent is withdrawn\n",
        referral.c_str());
  }
  return absl::OkStatus();
}

void AddAttach(CLI::App& noun, CommandContext& context) {
  auto options = std::make_shared<AttachOptions>();
  CLI::App* verb = AddVerb(
      noun, "attach", "Attach a document to a case",
      "  comity case attach NE-7 scan.pdf --kind MEDICAL_REPORT --group "
      "MEDICAL\n"
      "  comity case attach NE-7 plan.pdf --kind NEEDS_ASSESSMENT --group "
      "NEEDS --without-name",
      [options, &context] { return AttachRun(*options, context).Run(); });
  verb->add_option("case", options->name, "Case id or local reference")
      ->required();
  verb->add_option("file", options->file,
                   "A PDF, JPEG or PNG of at most 20 MiB; its name is kept "
                   "nowhere")
      ->required();
  verb->add_option("--kind", options->kind,
                   EnumCodes(*fed::AttachmentKind_descriptor()))
      ->required();
  verb->add_option("--group", options->group,
                   "The record group that it belongs to, such as MEDICAL")
      ->required();
  verb->add_option("--media-type", options->media_type,
                   "PDF, JPEG or PNG; left out: what the file says");
  verb->add_flag("--without-name", options->without_name,
                 "It does not say who she is; else it leaves only where her "
                 "identity may, too");
}

void AddReading(CLI::App& noun, CommandContext& context) {
  auto name = std::make_shared<std::string>();
  AddVerb(noun, "attachments", "List the documents of a case",
          "  comity case attachments NE-7",
          [name, &context] { return List(*name, context); })
      ->add_option("case", *name, "Case id or local reference")
      ->required();
  CLI::App* attachment =
      noun.add_subcommand("attachment", "One document of a case");
  attachment->require_subcommand(1);
  auto get = std::make_shared<GetOptions>();
  CLI::App* verb =
      AddVerb(*attachment, "get", "Write a document of a case into a file",
              "  comity case attachment get NE-7 ID --out report.pdf",
              [get, &context] { return Get(*get, context); });
  verb->add_option("case", get->name, "Case id or local reference")->required();
  verb->add_option("id", get->id, "The document's id")->required();
  verb->add_option("--out", get->out, "A file that is not there yet")
      ->required();
}

void AddDetach(CLI::App& noun, CommandContext& context) {
  auto name = std::make_shared<std::string>();
  auto id = std::make_shared<std::string>();
  CLI::App* verb =
      AddVerb(noun, "detach", "Destroy a document of a case",
              "  comity case detach NE-7 ID",
              [name, id, &context] { return Detach(*name, *id, context); });
  verb->add_option("case", *name, "Case id or local reference")->required();
  verb->add_option("id", *id, "The document's id")->required();
}

}  // namespace

void AddAttachmentVerbs(CLI::App& case_noun, CommandContext& context) {
  AddAttach(case_noun, context);
  AddReading(case_noun, context);
  AddDetach(case_noun, context);
}

}  // namespace comity
