#include "node/service/dossier_desk.h"

#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier_export.h"
#include "node/service/referral_steps.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Openings are what the packet told: whoever must not pass it on does not pass
// them on in a file either.
absl::Status AddOpenings(OperatorCall& call, const ReferralRow& row,
                         DossierFile& file) {
  if (row.no_onward_transfer) {
    return ReasonError(ErrorReason::kNoGrant,
                       "the holder forbids to pass the packet on; export "
                       "without --with-openings");
  }
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  for (DossierEntry& entry : file.entries) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     ParseMessageLeaf(entry.event.leaf));
    ASSIGN_OR_RETURN(const EventRow full, call.node().store.ReadEventOpenings(
                                              permit, leaf.request_id));
    ASSIGN_OR_RETURN(entry.event.openings, ParseOpenings(full.openings));
  }
  return absl::OkStatus();
}

absl::Status HandleExportDossier(OperatorCall& call,
                                 const pb::ExportDossierRequest& request,
                                 pb::ExportDossierResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ReferralRow row,
                   FindReferral(call, request.referral_id()));
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(node.store, row.referral_id));
  call.SetPeer(dossier.OtherThan(node.self));
  call.SetDetail(request.with_openings() ? "EXPORT with openings" : "EXPORT");
  ASSIGN_OR_RETURN(DossierFile file,
                   ExportDossier(node.store, node.self, dossier));
  if (file.entries.empty()) {
    return ReasonError(ErrorReason::kReferralStateConflict,
                       "nothing of this referral was sent yet");
  }
  if (request.with_openings()) {
    RETURN_IF_ERROR(AddOpenings(call, row, file));
  }
  response.set_file(FormatDossierFile(file));
  response.set_events(static_cast<uint32_t>(file.entries.size()));
  return absl::OkStatus();
}

class DossierServiceImpl : public pb::DossierService::CallbackService {
 public:
  explicit DossierServiceImpl(OperatorGate& gate) : gate_(gate) {}

  grpc::ServerUnaryReactor* ExportDossier(
      grpc::CallbackServerContext* context,
      const pb::ExportDossierRequest* request,
      pb::ExportDossierResponse* response) override {
    return gate_.Run(context, LocalOperation::kReferralRead, request, response,
                     HandleExportDossier);
  }

 private:
  OperatorGate& gate_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDossierService(OperatorGate& gate) {
  return std::make_unique<DossierServiceImpl>(gate);
}

}  // namespace comity
