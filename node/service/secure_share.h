#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "comity/federation/v1/table.pb.h"
#include "node/disclosure/mask_round.h"
#include "node/domain/table_question.h"
#include "node/policy/decision.h"
#include "node/policy/policy_set.h"
#include "node/service/node_context.h"
#include "node/store/store.h"

namespace comity {

// A member's side of a sum that alone is told (disclosure/mask_round.h): what
// it would have answered as a table of its own, protected, goes under masks
// that it derives from its bundle key and those on the pinned cards of the
// others.

// A set of members and why it is not all who might be in it, for the log; of a
// question that names none there is none.
struct SumRequest {
  MaskRound round;
  std::string left_out_reason;
};
absl::StatusOr<std::optional<SumRequest>> ReadSumRequest(
    const federation::v1::TableQuestion& asked, const TableQuestion& question,
    const std::string& asker);

// FIELD_INVALID unless a sum is asked for where the duties let nothing else be
// told, and a table where they do, and the set holds this node and nobody who
// answers no counts under the agreement.
absl::Status CheckSumRequest(const std::optional<SumRequest>& sum,
                             const std::string& self,
                             const Agreement& agreement, const Duties& duties);

// Puts masked words in place of the cells. PARTNER_UNKNOWN if a member of the
// set is no partner of this node or has no key on its card.
absl::Status MaskTable(const NodeContext& node, const MaskRound& round,
                       federation::v1::ReleasedTable& table);

// NOT_AVAILABLE if the round was used for another answer than that of the key:
// its masks would hide both, and their difference would show. Also asked when a
// question is repeated, of which nothing is noted again.
absl::Status CheckRound(const SumRequest& sum, const std::string& answer_key,
                        const StateReader& store);

// Notes what the round was answered with, and over whom answers about the
// question's period are added for this asker, for ever: of two sets that have
// a member in common one sum at most comes out, since that member gives its
// part of one. NOT_AVAILABLE if the round was used for another answer than that
// of the key, or the period's answers, which have cells in common, for another
// set.
absl::Status KeepSum(const SumRequest& sum, const std::string& asker,
                     const TableQuestion& question,
                     const std::string& answer_key, StoreTransaction& store);

// " in the sum over NE, NG, TG (TD does not answer)", for the log.
std::string SumWords(const std::optional<SumRequest>& sum);

}  // namespace comity
