#include "node/service/witness_steps.h"

#include <string>

#include "node/audit/cosigned_head.h"
#include "node/audit/known_fork.h"
#include "node/base/status_macros.h"
#include "node/wire/message_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

absl::Status AddFork(const StateReader& store, const std::string& log,
                     pb::PartnerWitness& partner) {
  ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(store, log));
  if (fork.log.empty()) return absl::OkStatus();
  pb::WitnessFork& added = *partner.add_forks();
  added.set_log(fork.log);
  *added.mutable_found_at() = ToProtoTime(fork.found);
  added.set_reporter(fork.reporter);
  added.set_held_checkpoint(fork.held);
  added.set_shown_checkpoint(fork.shown);
  return absl::OkStatus();
}

absl::Status AddPartner(const NodeContext& node, const ParticipantCode& code,
                        pb::PartnerWitness& partner) {
  const std::string own = PartnerLogOrigin(node.self, code);
  partner.set_participant(code.text());
  ASSIGN_OR_RETURN(const LogHead head, node.store.ReadLogHead(own));
  partner.set_log_size(head.size);
  ASSIGN_OR_RETURN(const CosignedHead cosigned, ReadCosigned(node.store, code));
  partner.set_cosigned_size(cosigned.size);
  if (cosigned.size > 0) {
    *partner.mutable_cosigned_at() = ToProtoTime(cosigned.at);
  }
  ASSIGN_OR_RETURN(const PeerHead proved, node.store.ReadPeerHead(code));
  partner.set_proved_size(proved.size);
  RETURN_IF_ERROR(AddFork(node.store, own, partner));
  return AddFork(node.store, PartnerLogOrigin(code, node.self), partner);
}

}  // namespace

absl::Status HandleListWitnesses(OperatorCall& call,
                                 const pb::ListWitnessesRequest&,
                                 pb::ListWitnessesResponse& response) {
  const NodeContext& node = call.node();
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    RETURN_IF_ERROR(AddPartner(node, code, *response.add_partners()));
  }
  return absl::OkStatus();
}

}  // namespace comity
