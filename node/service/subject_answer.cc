#include "node/service/subject_answer.h"

#include <algorithm>
#include <deque>
#include <set>

#include "comity/federation/v1/subject.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
#include "node/policy/judge.h"
#include "node/service/case_answer.h"
#include "node/service/subject_lines.h"
#include "node/wire/decision_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace fed = federation::v1;

constexpr size_t kSizeClass = 8192;
constexpr int kMostLines = 300;
constexpr int kPage = 500;

std::string Padded(fed::SubjectAnswer& answer) {
  answer.set_padding(PaddingFor(answer.ByteSizeLong(), kSizeClass));
  return answer.SerializeAsString();
}

// Whatever the reason: who is no party, and who is excluded, learn the same.
std::string Refuse(const absl::Status& status) {
  fed::SubjectAnswer answer;
  const bool tells = ReasonOf(status) == ErrorReason::kQuestionExpired ||
                     ReasonOf(status) == ErrorReason::kRequestIdReused;
  answer.mutable_refusal()->set_reason(std::string(
      ReasonName(tells ? ReasonOf(status) : ErrorReason::kNotAvailable)));
  answer.mutable_refusal()->set_message(
      tells ? std::string(status.message())
            : "nothing is available under this reference");
  return Padded(answer);
}

// The dossier that both are party to, if there is one.
std::optional<Dossier> FindDossier(const NodeContext& node,
                                   const ParticipantCode& asker,
                                   const fed::SubjectQuestion& question,
                                   const StoreReader& reader) {
  const auto pseudonym = Uuid::FromBytes(question.pseudonym());
  const auto id = Uuid::Parse(question.referral_id());
  if (!pseudonym.ok() || !id.ok()) return std::nullopt;
  auto dossier = ReadDossier(reader, *id);
  // A draft is nobody's business, nor is a dossier of two others.
  if (!dossier.ok() || dossier->events.empty() ||
      dossier->row.pseudonym != *pseudonym ||
      dossier->OtherThan(node.self) != asker ||
      (dossier->row.parties.holder != node.self &&
       dossier->row.parties.receiver != node.self)) {
    // Cost what reading the facts of a case would cost.
    reader.ReadDecoyFacts(*pseudonym).IgnoreError();
    return std::nullopt;
  }
  return *std::move(dossier);
}

using Indexes = std::set<uint64_t>;

absl::StatusOr<Indexes> IndexesAbout(const NodeContext& node,
                                     const SubjectIds& ids,
                                     const StoreReader& reader) {
  Indexes indexes;
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(
        const std::vector<LeafRow> rows,
        reader.ReadLeavesAbout(OwnLogOrigin(node.self), ids, from, kPage));
    for (const LeafRow& row : rows) indexes.insert(row.index);
    if (static_cast<int>(rows.size()) < kPage) return indexes;
    from = rows.back().index + 1;
  }
}

// What the account goes through. A partner may know one person by two
// pseudonyms, of two cases that were merged, and nothing tells it that they are
// one: of such a case it is told what was done under the pseudonym that it
// names, and what was done at home with the case behind it, before and since.
struct Extent {
  SubjectIds ids;
  bool merged = false;
  Indexes told;      // under the pseudonym
  Indexes at_home;   // about the case that it was made for
  absl::Time until;  // up to here, the partner's entries are those of one case
  absl::Time since;  // from here, what was done at home was done with all

  bool Covers(uint64_t index, const fed::SubjectLine& line) const {
    if (!merged || told.contains(index)) return true;
    const absl::Time time = FromProtoTime(line.time()).value_or(since);
    if (at_home.contains(index)) {
      return line.participant().empty() || time < until;
    }
    return line.participant().empty() && time > since;
  }
};

absl::StatusOr<Extent> ExtentOfMerged(const NodeContext& node,
                                      const Dossier& dossier,
                                      const CaseFacts& facts,
                                      const StoreReader& reader) {
  const Uuid& pseudonym = dossier.row.pseudonym;
  SubjectIds told = {pseudonym};
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   reader.ListReferralsOf(facts.case_id));
  for (const ReferralRow& row : rows) {
    if (row.pseudonym == pseudonym) told.push_back(row.referral_id);
  }
  Extent extent;
  extent.merged = true;
  extent.until = absl::InfiniteFuture();
  extent.since = absl::InfinitePast();
  for (const MergedCase& each : facts.merged) {
    extent.until = std::min(extent.until, each.merged_at);
    extent.since = std::max(extent.since, each.merged_at);
  }
  const MergedCase* part = facts.KnownBy(pseudonym);
  if (part != nullptr) extent.until = part->merged_at;
  const Uuid& known = part == nullptr ? facts.case_id : part->case_id;
  ASSIGN_OR_RETURN(extent.told, IndexesAbout(node, told, reader));
  ASSIGN_OR_RETURN(extent.at_home, IndexesAbout(node, {known}, reader));
  extent.ids = std::move(told);
  extent.ids.push_back(known);
  if (part != nullptr) extent.ids.push_back(facts.case_id);
  return extent;
}

absl::StatusOr<Extent> ExtentOf(const NodeContext& node, const Dossier& dossier,
                                const StoreReader& reader) {
  Extent extent;
  if (dossier.row.parties.holder != node.self) {
    RETURN_IF_ERROR(AddReceived(reader, dossier.row, extent.ids));
    return extent;
  }
  const auto facts = reader.ReadFacts(dossier.row.case_id);
  if (facts.ok() && !facts->merged.empty()) {
    return ExtentOfMerged(node, dossier, *facts, reader);
  }
  extent.ids = {dossier.row.referral_id, dossier.row.case_id};
  return extent;
}

// Whether the line may be told: a holder keeps to itself whom else it deals
// with, and nobody tells when a case was screened for danger.
bool IsFor(const ParticipantCode& asker, bool holds,
           const fed::SubjectLine& line) {
  if (line.operation() == Name(LocalOperation::kDangerScreen)) return false;
  return !holds || line.participant().empty() ||
         line.participant() == asker.text();
}

absl::StatusOr<fed::SubjectAccount> AccountOf(const NodeContext& node,
                                              const Dossier& dossier,
                                              const StoreReader& reader) {
  const ParticipantCode& asker = dossier.OtherThan(node.self);
  const bool holds = dossier.row.parties.holder == node.self;
  ASSIGN_OR_RETURN(const Extent extent, ExtentOf(node, dossier, reader));
  fed::SubjectAccount account;
  std::deque<fed::SubjectLine> newest;
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     reader.ReadLeavesAbout(OwnLogOrigin(node.self), extent.ids,
                                            from, kPage));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const bool piece, IsPiece(row));
      if (piece) continue;
      ASSIGN_OR_RETURN(fed::SubjectLine line, SubjectLineOf(node, reader, row));
      if (!IsFor(asker, holds, line) || !extent.Covers(row.index, line)) {
        continue;
      }
      line.clear_rules();
      line.clear_entry_index();
      newest.push_back(std::move(line));
    }
    while (newest.size() > kMostLines) {
      newest.pop_front();
      account.set_older_left_out(true);
    }
    if (static_cast<int>(rows.size()) < kPage) break;
    from = rows.back().index + 1;
  }
  for (fed::SubjectLine& line : newest) *account.add_lines() = std::move(line);
  return account;
}

RequestFacts FactsOf(const NodeContext& node, const FederationCall& call,
                     const fed::SubjectQuestion& question) {
  const ParticipantCode& asker = call.caller.participant;
  return {call.now,
          node.self,
          asker,
          node.self,
          asker,
          FromName<Role>(question.role()),
          question.organisation(),
          Operation::kSubjectAccess,
          Purpose::kProtection,
          LegalBasis::kConsent,
          "",
          "",
          FieldGroups()};
}

// What is decided on: the flags of her case, or of the cases that were made of
// the packet. A dossier that is not there is like a case that nobody screened.
absl::StatusOr<RecordFacts> RecordOf(const NodeContext& node,
                                     const std::optional<Dossier>& dossier,
                                     const RequestFacts& request,
                                     const StoreReader& reader) {
  RecordFacts record;
  record.present = true;
  if (!dossier.has_value()) return record;
  std::vector<Uuid> cases = {dossier->row.case_id};
  if (dossier->row.parties.holder != node.self) {
    ASSIGN_OR_RETURN(cases, reader.ListCasesFrom(dossier->row.referral_id));
  }
  record.present = !cases.empty();
  for (const Uuid& case_id : cases) {
    const auto facts = reader.ReadFacts(case_id);
    if (!facts.ok()) return record;
    record = ProjectFacts(*facts, StageOf(dossier->status.state), request);
    record.danger = DangerInDossier(*facts, request.asker);
    if (record.danger != BuiltInDanger::kNone) return record;
  }
  return record;
}

absl::StatusOr<FederationAnswer> Handle(NodeContext& node,
                                        const FederationCall& call,
                                        const StoreReader& reader) {
  fed::SubjectQuestion question;
  if (!question.ParseFromString(call.message.message.payload)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the question does not parse");
  }
  const RequestFacts request = FactsOf(node, call, question);
  const std::optional<Dossier> dossier =
      FindDossier(node, call.caller.participant, question, reader);
  ASSIGN_OR_RETURN(const RecordFacts record,
                   RecordOf(node, dossier, request, reader));
  FederationAnswer answer;
  answer.engine = node.policy.Get(call.now);
  const CompiledPolicy& policy = answer.engine->policy();
  const Decision decision = Judge(policy, request, record, StateFacts());
  answer.detail = DescribeDecision(*answer.engine, request.operation, decision);
  answer.facts = SerializeDecisionFacts(policy, request, record, StateFacts());
  answer.still_holds = [&node, dossier, request, record](
                           const StoreReader& now) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const RecordFacts current,
                     RecordOf(node, dossier, request, now));
    return current.danger == record.danger;
  };
  if (dossier.has_value()) {
    answer.about = {dossier->row.referral_id};
    if (!dossier->row.case_id.IsNil()) {
      answer.subject = dossier->row.case_id.ToString();
    }
  }
  if (decision.outcome != Outcome::kPermit) {
    answer.payload = Refuse(ReasonError(decision.reason, "not allowed"));
    return answer;
  }
  fed::SubjectAnswer told;
  ASSIGN_OR_RETURN(*told.mutable_account(), AccountOf(node, *dossier, reader));
  answer.payload = Padded(told);
  return answer;
}

}  // namespace

QuestionMethod SubjectAnswerMethod(NodeContext& node) {
  return {MessageKind::kSubjectQuestion,
          MessageKind::kSubjectAnswer,
          "comity.federation.v1.SubjectQuestion",
          "comity.federation.v1.SubjectAnswer",
          [&node](const FederationCall& call, const StoreReader& reader) {
            return Handle(node, call, reader);
          },
          Refuse};
}

}  // namespace comity
