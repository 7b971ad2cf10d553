#include "node/service/policy_proposals.h"

#include <algorithm>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/page_size.h"
#include "node/service/policy_signers.h"
#include "node/wire/policy_file.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
constexpr size_t kLargestShared = 256 << 10;
constexpr absl::Duration kTimeout = absl::Seconds(5);

absl::StatusOr<pb::Proposal> ViewOf(const NodeContext& node,
                                    const PolicyProposal& proposal) {
  pb::Proposal view;
  view.set_kind(proposal.kind);
  view.set_policy_id(proposal.id);
  view.set_revision(proposal.revision);
  view.set_digest(proposal.digest);
  view.set_text(proposal.text);
  view.set_proposed_by(proposal.proposed_by);
  *view.mutable_proposed_at() = ToProtoTime(proposal.proposed_at);
  ASSIGN_OR_RETURN(const std::set<std::string> signers,
                   StoredSignersOf(node, proposal.signatures, proposal.digest,
                                   node.clock.Now()));
  for (const std::string& signer : signers) view.add_signers(signer);
  return view;
}

// Adds the signatures of `more` that `file` does not hold yet.
void MergeSignatures(const pb::PolicyFile& more, pb::PolicyFile& file) {
  for (const pb::PolicySignature& signature : more.signatures()) {
    const bool known = std::any_of(
        file.signatures().begin(), file.signatures().end(),
        [&](const auto& each) {
          return each.certificate_chain() == signature.certificate_chain();
        });
    if (!known) *file.add_signatures() = signature;
  }
}

bool IsAgreementOf(const ParticipantCode& partner, const std::string& text) {
  const PolicyFileResult loaded = LoadPolicyFile("agreement", text);
  if (!loaded.body.has_value()) return false;
  const auto* agreement = std::get_if<Agreement>(&loaded.body->body);
  return agreement != nullptr &&
         std::find(agreement->party.begin(), agreement->party.end(),
                   partner.text()) != agreement->party.end();
}

// Copies as the operator sees them; what a partner sent is read by our loader.
void AddCopies(const std::vector<AgreementText>& files,
               google::protobuf::RepeatedPtrField<pb::AgreementCopy>& copies) {
  for (const AgreementText& file : files) {
    auto* copy = copies.Add();
    copy->set_text(file.text);
    copy->set_proposed(file.proposed);
    if (file.switch_at) {
      *copy->mutable_switch_at() = ToProtoTime(*file.switch_at);
    }
    const PolicyFileResult loaded = LoadPolicyFile("agreement", file.text);
    if (!loaded.body.has_value()) continue;
    copy->set_revision(loaded.body->revision());
    copy->set_digest(loaded.body->digest);
    copy->set_flat_form(loaded.body->flat_form);
  }
}

bool IsInForce(const pb::AgreementCopy& copy) {
  return !copy.proposed() && !copy.has_switch_at() && !copy.digest().empty();
}

bool ShareOneInForce(const pb::CompareAgreementResponse& response) {
  for (const pb::AgreementCopy& ours : response.ours()) {
    for (const pb::AgreementCopy& theirs : response.theirs()) {
      if (IsInForce(ours) && IsInForce(theirs) &&
          ours.digest() == theirs.digest()) {
        return true;
      }
    }
  }
  return false;
}

// Files in force and with a switch ahead. None of what cannot be read: whoever
// asks sees what is there.
void AddVersions(const NodeContext& node, const std::string& agreement_id,
                 std::vector<AgreementText>& files) {
  const absl::Time now = node.clock.Now();
  const auto rows = node.store.ListPolicies(now);
  if (!rows.ok()) return;
  for (const PolicyRow& row : *rows) {
    if (row.kind != "agreement" || row.id != agreement_id) continue;
    const bool waits = row.effective_at > now;
    files.push_back({row.text, /*proposed=*/false,
                     waits ? std::optional(row.effective_at) : std::nullopt});
  }
}

void AddProposals(const NodeContext& node, const std::string& agreement_id,
                  std::vector<AgreementText>& files) {
  const auto proposals = node.store.ListProposals();
  if (!proposals.ok()) return;
  for (const PolicyProposal& each : *proposals) {
    if (each.kind == "agreement" && each.id == agreement_id) {
      files.push_back({each.text, /*proposed=*/true, std::nullopt});
    }
  }
}

}  // namespace

absl::Status HandleProposePolicy(OperatorCall& call,
                                 const pb::ProposePolicyRequest& request,
                                 pb::ProposePolicyResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(
      const PolicyFileBody body,
      LoadPolicyBody(request.file().file_name(), request.file().text()));
  RETURN_IF_ERROR(AssemblePolicySet(node.self.text(), {body}).status());
  RETURN_IF_ERROR(
      SignersOf(node, request.file(), body.digest, node.clock.Now()).status());
  call.SetDetail(absl::StrCat("PROPOSED ", body.kind(), " ", body.id(), "@",
                              body.revision()));
  PolicyProposal proposal{body.kind(), body.id(), body.revision(), body.digest,
                          request.file().text()};
  const CommitBody effect = [&](CommitScope& scope) -> absl::Status {
    proposal.proposed_by = call.caller().OperatorName();
    proposal.proposed_at = scope.now();
    pb::PolicyFile file = request.file();
    ASSIGN_OR_RETURN(const std::vector<PolicyProposal> held,
                     scope.store().ListProposals());
    for (const PolicyProposal& each : held) {
      if (each.digest != proposal.digest) continue;
      pb::PolicyFile before;
      before.ParseFromString(each.signatures);
      MergeSignatures(before, file);
      proposal.proposed_by = each.proposed_by;
      proposal.proposed_at = each.proposed_at;
    }
    proposal.signatures = StoredSignatures(file);
    ASSIGN_OR_RETURN(*response.mutable_proposal(), ViewOf(node, proposal));
    return scope.store().PutProposal(proposal);
  };
  return call.Commit(effect).status();
}

absl::Status HandleListProposals(OperatorCall& call,
                                 const pb::ListProposalsRequest& request,
                                 pb::ListProposalsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<PolicyProposal> proposals,
                   node.store.ListProposals());
  ASSIGN_OR_RETURN(const auto page, PageOf(proposals, request, response));
  for (const PolicyProposal& proposal : page) {
    ASSIGN_OR_RETURN(*response.add_proposals(), ViewOf(node, proposal));
  }
  return absl::OkStatus();
}

absl::Status HandleCompareAgreement(OperatorCall& call,
                                    const pb::CompareAgreementRequest& request,
                                    pb::CompareAgreementResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const ParticipantCode partner,
                   ParticipantCode::Create(request.partner()));
  ASSIGN_OR_RETURN(const std::shared_ptr<Peer> peer, node.peers.Find(partner));
  call.SetPeer(partner);
  ASSIGN_OR_RETURN(const std::vector<AgreementText> theirs,
                   peer->ReadAgreement(request.agreement_id(), kTimeout));
  AddCopies(OwnAgreementFiles(node, partner, request.agreement_id()),
            *response.mutable_ours());
  AddCopies(theirs, *response.mutable_theirs());
  response.set_in_force_between_us(ShareOneInForce(response));
  return absl::OkStatus();
}

std::vector<AgreementText> OwnAgreementFiles(const NodeContext& node,
                                             const ParticipantCode& partner,
                                             const std::string& agreement_id) {
  std::vector<AgreementText> files;
  AddVersions(node, agreement_id, files);
  AddProposals(node, agreement_id, files);
  std::erase_if(files, [&](const AgreementText& file) {
    return file.text.size() > kLargestShared ||
           !IsAgreementOf(partner, file.text);
  });
  if (files.size() > kMostAgreementFiles) files.resize(kMostAgreementFiles);
  return files;
}

}  // namespace comity
