#include "node/service/secure_request.h"

#include <algorithm>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/run_aside.h"
#include "node/base/status_macros.h"
#include "node/service/agreement_watch.h"
#include "node/service/dialogue.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;

// Whether the member tells sums alone under the agreement that it is asked
// under; false where there is none, which its outcome then says.
bool TellsSums(const OperatorCall& call, const std::string& agreement_id,
               const std::string& member, absl::Time at) {
  const auto holder = ParticipantCode::Create(member);
  if (!holder.ok()) return false;
  const auto agreement =
      ChooseAgreement(call.engine(), agreement_id, *holder, call.node().self,
                      Operation::kAggregateCount, at);
  if (!agreement.ok()) return false;
  return std::any_of(
      (*agreement)->grants.begin(), (*agreement)->grants.end(),
      [&](const Grant& grant) {
        return grant.operation.Contains(Operation::kAggregateCount) &&
               Join((*agreement)->duties, grant.duties).aggregation ==
                   Aggregation::kTotalOnly;
      });
}

}  // namespace

absl::StatusOr<std::optional<MaskRound>> RoundFor(
    const OperatorCall& call, const pb::RequestTableRequest& request,
    const TableQuestion& question, const std::vector<std::string>& members) {
  const auto sums = std::count_if(
      members.begin(), members.end(), [&](const std::string& member) {
        return TellsSums(call, request.agreement_id(), member,
                         question.LastMoment());
      });
  if (sums == 0) return std::nullopt;
  if (static_cast<size_t>(sums) != members.size()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "some of these members tell the sum over a set alone, "
                       "and others do not; ask them apart");
  }
  ASSIGN_OR_RETURN(
      MaskRound round,
      MaskRound::Create(question, call.node().self.text(), members,
                        call.node().random.Bytes(MaskRound::kNonceSize)));
  return round;
}

absl::Status CheckAllAreThere(OperatorCall& call, const MaskRound& round) {
  std::vector<std::future<absl::Status>> asked;
  for (const std::string& member : round.members()) {
    asked.push_back(RunAside([&node = call.node(), member]() -> absl::Status {
      ASSIGN_OR_RETURN(const ParticipantCode code,
                       ParticipantCode::Create(member));
      return ShakeHands(node, code).status();
    }));
  }
  ErrorReason why = ErrorReason::kUnspecified;
  std::vector<std::string> away;
  for (size_t i = 0; i < asked.size(); ++i) {
    const absl::Status there = asked[i].get();
    if (there.ok()) continue;
    if (away.empty()) why = ReasonOf(there);
    away.push_back(absl::StrCat(round.members()[i], " (",
                                ReasonName(ReasonOf(there)), ")"));
  }
  if (away.empty()) return absl::OkStatus();
  return ReasonError(
      why,
      absl::StrCat("no member was asked for its part, since there is no "
                   "sum over ",
                   round.MembersText(), " without ", absl::StrJoin(away, ", "),
                   "; ask again later, or the others, three or more: a "
                   "period is then told over these alone, for ever"));
}

fed::SumRound FormatRound(const MaskRound& round,
                          const std::string& left_out_reason) {
  fed::SumRound formatted;
  for (const std::string& member : round.members()) {
    formatted.add_members(member);
  }
  formatted.set_nonce(round.nonce());
  formatted.set_left_out_reason(left_out_reason);
  return formatted;
}

void AddMaskedSum(const MaskRound& round, pb::RequestTableResponse& response) {
  std::vector<std::vector<uint64_t>> words;
  std::vector<std::string> missing;
  for (pb::MemberOutcome& member : *response.mutable_members()) {
    if (!member.has_table()) {
      missing.push_back(
          absl::StrCat(member.participant(), " (", member.reason(), ")"));
      continue;
    }
    const auto& masked = member.table().masked_words();
    words.emplace_back(masked.begin(), masked.end());
    member.mutable_table()->clear_masked_words();
    member.set_in_sum_alone(true);
  }
  if (!missing.empty()) {
    response.add_notes(absl::StrCat(
        "No figure is told: these members tell the sum over ",
        round.MembersText(), " alone, and without ",
        absl::StrJoin(missing, ", "),
        " there is none. Ask the same members again later: whoever answered "
        "gives no part of another set in this period."));
    return;
  }
  const auto cells = round.Sum(words);
  if (!cells.ok()) {
    response.add_notes(
        absl::StrCat("No figure is told: ", cells.status().message(),
                     "; a member has another key of another than that has, or "
                     "its build knows other codes."));
    return;
  }
  for (const RegionalCell& cell : *cells) {
    auto* added = response.add_cells();
    for (const std::string& code : cell.codes) added->add_codes(code);
    // The sum of one or two would be what they tell in the sum of all alone.
    const bool tells = cell.members >= MaskRound::kFewestMembers;
    added->set_sum(tells ? cell.sum : 0);
    added->set_members(tells ? cell.members : 0);
    added->set_suppressed_members(tells
                                      ? cell.suppressed_members
                                      : cell.members + cell.suppressed_members);
  }
  response.add_notes(absl::StrCat(
      "The sum over ", round.MembersText(),
      " alone is told, where three members or more show their part: each "
      "member's figures are protected before they are added, and the errors "
      "of ",
      round.members().size(), " of them come together."));
}

}  // namespace comity
