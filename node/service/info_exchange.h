#pragma once

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/delivery/dossier.h"
#include "node/policy/policy_engine.h"
#include "node/service/node_context.h"

namespace comity {

// What the receiver of a referral asked before it decides: the groups, and the
// role of the person who did.
struct Questioned {
  FieldGroups groups;
  Role role = Role::kUnset;
};

// The latest question that had effect. REFERRAL_STATE_CONFLICT if there was
// none.
absl::StatusOr<Questioned> LastQuestion(const Dossier& dossier);

// What is decided on at either side when groups of the record are told in
// answer to a question: a case query of the receiver's, under the agreement
// that the referral rests on.
RequestFacts AnswerFacts(const NodeContext& node, const PolicyEngine& engine,
                         const ReferralRow& row, Role asked_by,
                         FieldGroups groups, absl::Time now);

// The receiver's own check of an answer that arrives, as far as it can know:
// each group that was asked for is told or refused, none that says who she is;
// the agreement lets it ask for them, with the approvals of the holder's people
// that are named. Returns what the agreement demands.
absl::StatusOr<Duties> DecideAnswer(const NodeContext& node,
                                    const PolicyEngine& engine,
                                    const Caller& holder,
                                    const Dossier& dossier, FieldGroups told,
                                    const federation::v1::InfoAnswer& answer,
                                    absl::Time now);

}  // namespace comity
