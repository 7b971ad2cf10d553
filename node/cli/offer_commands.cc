#include <algorithm>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/byte_progress.h"
#include "node/cli/command.h"
#include "node/cli/document_file.h"
#include "node/cli/referral_output.h"
#include "node/domain/vocabulary.h"
#include "node/wire/enum_code.h"

// Documents that a referral offers.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Attachments = pb::AttachmentService;

absl::Status Offer(const std::string& referral, const std::string& document,
                   CommandContext& context) {
  pb::OfferAttachmentRequest request;
  request.set_request_id(context.NewRequestId());
  request.set_referral_id(referral);
  request.set_attachment_id(document);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Attachments, pb::OfferAttachmentResponse>(
                       &Attachments::Stub::OfferAttachment, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  PrintReferral(response.referral());
  printf("  offered as %s (entry %s); it leaves when it is fetched\n",
         request.request_id().c_str(), response.audit_entry_id().c_str());
  return absl::OkStatus();
}

std::string HeldText(const pb::Offer& offer) {
  if (offer.whole()) return "fetched";
  if (offer.held_chunks() == 0) return "";
  return absl::StrCat(offer.held_chunks() * 100 / offer.attachment().chunks(),
                      " % fetched");
}

absl::Status List(const std::string& referral, CommandContext& context) {
  pb::ListOffersRequest request;
  request.set_referral_id(referral);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Attachments, pb::ListOffersResponse>(
                       &Attachments::Stub::ListOffers, request)));
  if (context.PrintedJson(response)) return absl::OkStatus();
  if (response.offers().empty()) printf("no documents are offered\n");
  std::vector<std::vector<std::string>> rows;
  for (const pb::Offer& each : response.offers()) {
    const fed::AttachmentOffer& offer = each.attachment();
    rows.push_back(
        {each.offer_id(),
         EnumCode(*fed::AttachmentKind_descriptor(), offer.kind()),
         EnumCode(*fed::MediaType_descriptor(), offer.media_type()),
         std::string(Name(static_cast<FieldGroup>(offer.group()))),
         absl::StrCat("up to ", offer.chunks() * kChunkSize / 1024, " KiB"),
         TimeText(each.offered_at()),
         offer.names_person() ? "says who she is" : "", HeldText(each)});
  }
  PrintTable(rows);
  return absl::OkStatus();
}

struct GetOptions {
  std::string referral;
  std::string id;
  std::string out;
};

// One run of comity referral attachment get.
class GetRun {
 public:
  GetRun(const GetOptions& options, CommandContext& context)
      : options_(options), context_(context) {}

  absl::Status Run() {
    RETURN_IF_ERROR(CheckNoFile(options_.out));
    absl::Status fetched = FetchAll();
    if (!fetched.ok()) {
      if (held_ > 0 && !context_.quiet) {
        fprintf(stderr,
                "%u of %u chunks came; the same command goes on from there\n",
                held_, chunks_);
      }
      return fetched;
    }
    RETURN_IF_ERROR(Write());
    if (!context_.PrintedJson({{"file", options_.out}})) {
      printf("written to %s, for your eyes alone\n", options_.out.c_str());
    }
    return absl::OkStatus();
  }

 private:
  // Each call asks the holder for some chunks. An answer must come within 10
  // seconds: on a slow line, fewer are asked for.
  absl::Status FetchAll() {
    ByteProgress progress("fetched", context_.quiet);
    uint32_t most = kChunksAtOnce;
    while (true) {
      pb::FetchAttachmentRequest request;
      request.set_request_id(context_.NewRequestId());
      request.set_referral_id(options_.referral);
      request.set_offer_id(options_.id);
      request.set_chunks(most);
      const auto response =
          context_.Call<Attachments, pb::FetchAttachmentResponse>(
              &Attachments::Stub::FetchAttachment, request);
      if (ReasonOf(response.status()) == ErrorReason::kDeadlineExceeded &&
          most > 1) {
        most /= 2;
        continue;
      }
      RETURN_IF_ERROR(response.status());
      held_ = response->held_chunks();
      chunks_ = response->chunks();
      progress.Show(held_ * kChunkSize, chunks_ * kChunkSize);
      if (response->whole()) return absl::OkStatus();
    }
  }

  absl::Status Write() {
    return WriteDocument(
        options_.out, [&](uint32_t first) -> absl::StatusOr<DocumentPiece> {
          pb::ReadOfferRequest request;
          request.set_referral_id(options_.referral);
          request.set_offer_id(options_.id);
          request.set_first_chunk(first);
          ASSIGN_OR_RETURN(auto response,
                           (context_.Call<Attachments, pb::ReadOfferResponse>(
                               &Attachments::Stub::ReadOffer, request)));
          return DocumentPiece{std::move(*response.mutable_content()),
                               response.size()};
        });
  }

  const GetOptions& options_;
  CommandContext& context_;
  uint32_t held_ = 0;
  uint32_t chunks_ = 0;
};

void AddOffer(CLI::App& noun, CommandContext& context) {
  auto referral = std::make_shared<std::string>();
  auto document = std::make_shared<std::string>();
  CLI::App* verb = AddVerb(
      noun, "attach", "Offer a document of the case to the receiver",
      "  comity case attachments NE-7\n  comity referral attach ID DOCUMENT",
      [referral, document, &context] {
        return Offer(*referral, *document, context);
      });
  verb->add_option("referral", *referral, "The referral's id")->required();
  verb->add_option("document", *document, "The document's id")->required();
}

}  // namespace

void AddOfferVerbs(CLI::App& referral, CommandContext& context) {
  AddOffer(referral, context);
  auto id = std::make_shared<std::string>();
  AddVerb(referral, "attachments", "List the documents that it offers",
          "  comity referral attachments ID",
          [id, &context] { return List(*id, context); })
      ->add_option("referral", *id, "The referral's id")
      ->required();
  CLI::App* attachment =
      referral.add_subcommand("attachment", "One document that it offers");
  attachment->require_subcommand(1);
  auto get = std::make_shared<GetOptions>();
  CLI::App* verb =
      AddVerb(*attachment, "get",
              "Fetch a document from the holder and write it into a file",
              "  comity referral attachments ID\n"
              "  comity referral attachment get ID OFFER --out report.pdf",
              [get, &context] { return GetRun(*get, context).Run(); });
  verb->add_option("referral", get->referral, "The referral's id")->required();
  verb->add_option("offer", get->id, "The offer's id")->required();
  verb->add_option("--out", get->out, "A file that is not there yet")
      ->required();
}

}  // namespace comity
