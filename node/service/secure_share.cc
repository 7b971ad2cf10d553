#include "node/service/secure_share.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hpke.h"
#include "node/service/table_budgets.h"
#include "node/wire/table_wire.h"

namespace comity {
namespace {

namespace fed = federation::v1;

constexpr size_t kMostReason = 200;

std::string RoundName(const MaskRound& round) {
  return absl::StrCat("mask-round/", absl::BytesToHexString(round.id()));
}
std::string SetName(const std::string& asker, const TableQuestion& question) {
  return absl::StrCat("mask-members/", asker, "/", question.period(), "/",
                      Name(question.measure()));
}

absl::Status Refused(absl::string_view why) {
  return ReasonError(ErrorReason::kNotAvailable, why);
}

// What makes a line of the log another, or none.
bool IsOneLine(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char byte) {
    return byte < 0x20 || byte == 0x7f;
  });
}

std::set<std::string> HoldersOfCounts(const Agreement& agreement) {
  std::set<std::string> holders;
  for (const Grant& grant : agreement.grants) {
    if (!grant.operation.Contains(Operation::kAggregateCount)) continue;
    holders.merge(ParticipantsNamed(agreement, grant.holder));
  }
  return holders;
}

}  // namespace

absl::StatusOr<std::optional<SumRequest>> ReadSumRequest(
    const fed::TableQuestion& asked, const TableQuestion& question,
    const std::string& asker) {
  if (!asked.has_sum_round()) return std::nullopt;
  const fed::SumRound& from = asked.sum_round();
  if (from.left_out_reason().size() > kMostReason ||
      !IsOneLine(from.left_out_reason())) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the reason is one line of at most 200 bytes");
  }
  ASSIGN_OR_RETURN(MaskRound round, MaskRound::Create(question, asker,
                                                      {from.members().begin(),
                                                       from.members().end()},
                                                      from.nonce()));
  return SumRequest{std::move(round), from.left_out_reason()};
}

absl::Status CheckSumRequest(const std::optional<SumRequest>& sum,
                             const std::string& self,
                             const Agreement& agreement, const Duties& duties) {
  const bool wanted = duties.aggregation == Aggregation::kTotalOnly;
  if (wanted != sum.has_value()) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        wanted ? "the agreement lets the sum over members alone be told; ask "
                 "for it over a set of three or more"
               : "the agreement lets each member's table be told, and no sum");
  }
  if (!sum.has_value()) return absl::OkStatus();
  if (!sum->round.Has(self)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "this node is not in the set of members");
  }
  const std::set<std::string> holders = HoldersOfCounts(agreement);
  for (const std::string& member : sum->round.members()) {
    if (holders.contains(member)) continue;
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat(member, " answers no counts under this agreement"));
  }
  return absl::OkStatus();
}

absl::Status MaskTable(const NodeContext& node, const MaskRound& round,
                       fed::ReleasedTable& table) {
  const auto partners = node.partners.Get();
  std::vector<uint64_t> words = round.WordsOf(ParseCells(table));
  for (const std::string& member : round.members()) {
    if (member == node.self.text()) continue;
    ASSIGN_OR_RETURN(const ParticipantCode code,
                     ParticipantCode::Create(member));
    const ParticipantCard* card = partners->Find(code);
    if (card == nullptr || card->bundle_key.empty() ||
        node.bundle_key.empty()) {
      return ReasonError(ErrorReason::kPartnerUnknown,
                         absl::StrCat("this node and ", member,
                                      " know no key of each other's, which a "
                                      "sum alone needs"));
    }
    ASSIGN_OR_RETURN(const SecretBytes shared,
                     SharedKey(node.bundle_key, card->bundle_key));
    round.AddMask(shared, node.self.text(), member, words);
  }
  table.clear_cells();
  for (const uint64_t word : words) table.add_masked_words(word);
  return absl::OkStatus();
}

absl::Status CheckRound(const SumRequest& sum, const std::string& answer_key,
                        const StateReader& store) {
  ASSIGN_OR_RETURN(const std::string used,
                   store.ReadMeta(RoundName(sum.round)));
  if (used.empty() || used == answer_key) return absl::OkStatus();
  return Refused("these masks hid another answer; ask in a new round");
}

absl::Status KeepSum(const SumRequest& sum, const std::string& asker,
                     const TableQuestion& question,
                     const std::string& answer_key, StoreTransaction& store) {
  RETURN_IF_ERROR(CheckRound(sum, answer_key, store));
  const std::string members = absl::StrJoin(sum.round.members(), ",");
  ASSIGN_OR_RETURN(const std::string before,
                   store.ReadMeta(SetName(asker, question)));
  // Whatever is said of a member that is left out now: nobody but it knows
  // whether it gave its part of the set before.
  if (!before.empty() && before != members) {
    return Refused(absl::StrCat(
        "answers about this period are added over ",
        absl::StrJoin(absl::StrSplit(before, ','), ", "),
        ", and the difference from another set would show who is in one "
        "alone; ask over that set again"));
  }
  RETURN_IF_ERROR(store.PutMeta(RoundName(sum.round), answer_key));
  return store.PutMeta(SetName(asker, question), members);
}

std::string SumWords(const std::optional<SumRequest>& sum) {
  if (!sum.has_value()) return "";
  return absl::StrCat(" in the sum over ", sum->round.MembersText(),
                      sum->left_out_reason.empty()
                          ? ""
                          : absl::StrCat(" (", sum->left_out_reason, ")"));
}

}  // namespace comity
