#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "node/service/dossier_event.h"

namespace comity {

// How consent is taken back, from the acts of a case and from the dossiers in
// which something was told under them. All of it happens in the scope's
// transaction, so that nothing leaves after it.

// What is taken back from one dossier.
struct WithdrawnScope {
  bool whole = false;
  FieldGroups groups;  // if not whole
};

// Which acts of a case are meant.
struct ActSelection {
  std::optional<Uuid> consent;               // nullopt: any
  std::optional<ParticipantCode> recipient;  // nullopt: any
  Purpose purpose = Purpose::kUnset;         // kUnset: any

  bool Covers(const Consent& act) const {
    return (!consent.has_value() || act.id == *consent) &&
           (!recipient.has_value() || act.recipient == *recipient) &&
           (purpose == Purpose::kUnset || act.purpose == purpose);
  }
};

// Adds a withdrawal to the acts that are meant, as far as they were given and
// not withdrawn before; `how.groups` empty: of all their groups. Returns those
// it changed, each with the withdrawal last.
absl::StatusOr<std::vector<Consent>> WithdrawActs(const Uuid& case_id,
                                                  const ActSelection& which,
                                                  const GroupsWithdrawn& how,
                                                  StoreTransaction& store);

// Tells all who received something under `acts` that their last withdrawal took
// it back. A dossier for which no live consent is left is withdrawn whole; what
// is published of a person who is counted no more is closed to new questions.
// Returns the dossiers that it wrote to.
absl::StatusOr<std::vector<Uuid>> WithdrawFromDossiers(
    NodeContext& node, const std::vector<Consent>& acts, Role role,
    CommitScope& scope);

// Writes one withdrawal to a dossier, as either side, and takes back what this
// side wrote to it and has no receipt for: all of it, or what carries one of
// the groups and what follows; all of it if flags exclude the other side. False
// if there is nothing to withdraw: it was never sent, or is withdrawn already.
absl::StatusOr<bool> WithdrawFromDossier(NodeContext& node,
                                         const Uuid& referral_id,
                                         const Uuid& event_id,
                                         WithdrawnScope what, Role role,
                                         CommitScope& scope);

// Takes events of this side without a receipt out of the dossier and of the
// outbox, from the first that `affected` names on, and returns their ids for
// the event that says so. The packet is never taken back.
absl::StatusOr<std::vector<Uuid>> TakeBackWaiting(
    const NodeContext& node, Dossier& dossier,
    const std::function<bool(const EventRow&)>& affected, CommitScope& scope);

// Events that the other side is known to hold: it had seen them when it wrote
// what is here.
std::set<Uuid> SeenByOther(const NodeContext& node, const Dossier& dossier);

// Whether what the referral tells rests on consent, and on no other basis.
bool RestsOnConsent(const ReferralRow& referral);

// Sets the outbox to what the danger flags of a case let through now, also back
// to the side that referred her: what has no receipt of a side that they
// exclude is held back, and waits again when they do not any more.
absl::Status HoldBackOutbox(NodeContext& node, const Uuid& case_id,
                            CommitScope& scope);

// Withdraws from the dossier what the other side turns out to hold and consent
// to which was withdrawn while flags kept it from being told, since it seemed
// to hold nothing; all of it if she was erased meanwhile. To be called when
// flags change, and when an event or a receipt of the other side arrived. Does
// nothing if there is no such thing.
absl::Status TellMissedWithdrawal(NodeContext& node,
                                  const ReferralRow& referral,
                                  CommitScope& scope);

}  // namespace comity
