#include "node/cli/bundle_commands.h"

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/bundle_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/output_file.h"
#include "node/identity/private_file.h"
#include "node/wire/bundle_file.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Bundles = pb::BundleService;

// Hundreds of events, each with its evidence.
constexpr std::chrono::seconds kTimeout{60};

struct WriteOptions {
  std::string partner;
  std::string output;
};

absl::Status Write(const WriteOptions& options, CommandContext& context) {
  pb::WriteBundleRequest request;
  request.set_partner(options.partner);
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Bundles, pb::WriteBundleResponse>(
                       &Bundles::Stub::WriteBundle, request, kTimeout)));
  const bool wrote = !response.file().empty();
  if (wrote) {
    OutputFile output(options.output);
    output.stream() << response.file();
    RETURN_IF_ERROR(output.Keep());
  }
  if (context.PrintedJson({{"partner", options.partner},
                           {"file", wrote ? options.output : ""},
                           {"events", absl::StrCat(response.events())},
                           {"receipts", absl::StrCat(response.receipts())},
                           {"left", absl::StrCat(response.left())},
                           {"news", response.news() ? "yes" : "no"},
                           {"audit_entry_id", response.audit_entry_id()}})) {
    return absl::OkStatus();
  }
  if (!wrote) {
    printf("nothing waits for %s: no file was written\n",
           options.partner.c_str());
    return absl::OkStatus();
  }
  printf(
      "%u event(s) and %u receipt(s)%s, sealed to %s, written to %s (entry "
      "%s); nothing counts as delivered until a receipt comes back\n",
      response.events(), response.receipts(),
      response.news() ? ", and news of the own certificates" : "",
      options.partner.c_str(), options.output.c_str(),
      response.audit_entry_id().c_str());
  if (response.left() > 0) {
    printf(
        "%u more event(s) wait: the next bundle takes them, once receipts "
        "for these came back\n",
        response.left());
  }
  return absl::OkStatus();
}

void PrintRead(const pb::ReadBundleResponse& response) {
  printf("bundle of %s, written %s\n", response.sender().c_str(),
         TimeText(response.written_at()).c_str());
  if (response.news()) {
    printf("news of the certificates of %s was taken over\n",
           response.sender().c_str());
  }
  if (response.events() + response.refused() + response.receipts() > 0) {
    printf("%u event(s) stored, %u refused, %u receipt(s) stored",
           response.events(), response.refused(), response.receipts());
    if (response.known() > 0) printf(", %u known before", response.known());
  } else if (response.faults().empty() && response.news()) {
    printf("no mail that is new");
  } else if (response.faults().empty()) {
    printf("nothing new: what it holds was read before, nothing was changed");
  } else {
    printf("nothing was stored");
  }
  printf(" (entry %s)\n", response.audit_entry_id().c_str());
}

absl::Status Read(const std::string& file, CommandContext& context) {
  pb::ReadBundleRequest request;
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(*request.mutable_file(), ReadPublicFile(file));
  RETURN_IF_ERROR(ParseBundleLabel(request.file()).status());
  ASSIGN_OR_RETURN(const auto response,
                   (context.Call<Bundles, pb::ReadBundleResponse>(
                       &Bundles::Stub::ReadBundle, request, kTimeout)));
  if (!context.PrintedJson(response)) PrintRead(response);
  if (response.faults().empty()) return absl::OkStatus();
  const pb::BundleFault& first = response.faults(0);
  return ReasonError(
      ReasonFromName(first.reason()),
      absl::StrCat(first.count(), " message(s) were not taken in, the rest ",
                   "was: ", first.message()));
}

}  // namespace

void AddBundleCommands(CLI::App& app, CommandContext& context) {
  CLI::App* noun =
      app.add_subcommand("bundle", "Mail by courier, where no line reaches");
  noun->require_subcommand(1);
  auto out = std::make_shared<WriteOptions>();
  CLI::App* verb =
      AddVerb(*noun, "write",
              "Seal what waits for a partner into a file that only it opens",
              "  comity bundle write --to NG --out for-ng.bundle",
              [out, &context] { return Write(*out, context); });
  verb->add_option("--to", out->partner, "The partner's code")->required();
  verb->add_option("--out", out->output, "The file to write")->required();
  auto in = std::make_shared<std::string>();
  verb = AddVerb(*noun, "read",
                 "Take in a partner's file; receipts go with the next one back",
                 "  comity bundle read from-ne.bundle",
                 [in, &context] { return Read(*in, context); });
  verb->add_option("file", *in, "The file")->required();
}

}  // namespace comity
