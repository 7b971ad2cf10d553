
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/policy/facts.h"
#include "node/service/consent_view.h"
#include "node/service/display_names.h"
#include "node/service/page_size.h"
#include "node/service/referral_steps.h"
#include "node/service/subject_lines.h"
#include "node/service/subject_steps.h"
#include "node/wire/proto_time.h"

// What the own log holds about a person, told to her.
namespace comity {
namespace {

namespace pb = operators::v1;

// One person with all that names her here.
struct Person {
  SubjectIds ids;
  std::optional<CaseFacts> facts;  // nullopt: no case was made yet
  std::vector<ReferralRow> referrals;
};

absl::StatusOr<Person> PersonOfCase(OperatorCall& call,
                                    const std::string& name) {
  const StoreReader& store = call.node().store;
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(name));
  Person person;
  ASSIGN_OR_RETURN(person.facts, store.ReadFacts(*permit.case_id()));
  person.ids.push_back(*permit.case_id());
  for (const MergedCase& each : person.facts->merged) {
    person.ids.push_back(each.case_id);
  }
  ASSIGN_OR_RETURN(person.referrals, store.ListReferralsOf(*permit.case_id()));
  for (const ReferralRow& row : person.referrals) {
    person.ids.push_back(row.referral_id);
  }
  if (!person.facts->provenance.has_value()) return person;
  ASSIGN_OR_RETURN(const ReferralRow from,
                   store.ReadReferral(person.facts->provenance->referral_id));
  RETURN_IF_ERROR(AddReceived(store, from, person.ids));
  person.referrals.push_back(from);
  return person;
}

absl::StatusOr<Person> PersonOfReferral(OperatorCall& call,
                                        const std::string& referral_id) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitAll());
  if (permit.scope() != CaseScope::kAll) {
    return ReasonError(ErrorReason::kLocalAccessDenied,
                       "a referral without a case is for those who may report "
                       "on every case; make a case of it, or ask one of them");
  }
  ASSIGN_OR_RETURN(const ReferralRow row, FindReferral(call, referral_id));
  if (!row.case_id.IsNil()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "this referral has a case here; give the case instead");
  }
  Person person;
  RETURN_IF_ERROR(AddReceived(call.node().store, row, person.ids));
  person.referrals = {row};
  return person;
}

absl::StatusOr<Person> FindPerson(OperatorCall& call,
                                  const pb::GetSubjectReportRequest& request) {
  if (request.case_id().empty() == request.referral_id().empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "give either case_id or referral_id");
  }
  return request.case_id().empty()
             ? PersonOfReferral(call, request.referral_id())
             : PersonOfCase(call, request.case_id());
}

// What is told of the referrals as a whole.
absl::Status AddReferrals(const OperatorCall& call, const Person& person,
                          bool without_partners, bool without_times,
                          pb::GetSubjectReportResponse& response) {
  const NodeContext& node = call.node();
  for (const ReferralRow& row : person.referrals) {
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(node.store, row.referral_id));
    const ParticipantCode& other = dossier.OtherThan(node.self);
    auto* referral = response.add_referrals();
    referral->set_referral_id(row.referral_id.ToString());
    if (!without_partners) referral->set_participant(other.text());
    referral->set_excluded(person.facts.has_value() &&
                           DangerInDossier(*person.facts, other) !=
                               BuiltInDanger::kNone);
    auto standing = WithdrawalStandingOf(dossier, call.now());
    if (!standing.has_value()) continue;
    if (without_partners) standing->clear_recipient();
    if (without_times) {
      standing->clear_withdrawn_at();
      standing->clear_delivered_at();
      standing->clear_answer_due_at();
      standing->clear_answered_at();
      for (auto& copies : *standing->mutable_copies()) {
        copies.clear_kept_until();
      }
    }
    *response.add_withdrawals() = *std::move(standing);
  }
  return absl::OkStatus();
}

std::string DetailOf(const pb::SubjectRedaction& redact) {
  return absl::StrCat("REPORT", redact.partners() ? " without partners" : "",
                      redact.times() ? " without times" : "",
                      redact.own_people() ? " without own people" : "");
}

// Of whom the page tells.
void AddNames(const PolicySet& set, pb::GetSubjectReportResponse& response) {
  std::set<std::string> codes = {response.participant()};
  for (const auto& line : response.lines()) codes.insert(line.participant());
  for (const auto& each : response.withdrawals()) {
    codes.insert(each.recipient());
  }
  AddDisplayNames(set, codes, *response.mutable_names());
}

}  // namespace

absl::Status HandleGetSubjectReport(OperatorCall& call,
                                    const pb::GetSubjectReportRequest& request,
                                    pb::GetSubjectReportResponse& response) {
  const NodeContext& node = call.node();
  uint64_t from = 0;
  if (!request.page_token().empty() &&
      !absl::SimpleAtoi(request.page_token(), &from)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  ASSIGN_OR_RETURN(const Person person, FindPerson(call, request));
  const pb::SubjectRedaction& redact = request.redact();
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), 200));
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   node.store.ReadLeavesAbout(OwnLogOrigin(node.self),
                                              person.ids, from, size));
  for (const LeafRow& row : rows) {
    ASSIGN_OR_RETURN(const bool piece, IsPiece(row));
    if (piece) continue;
    ASSIGN_OR_RETURN(federation::v1::SubjectLine line,
                     SubjectLineOf(node, node.store, row));
    if (Redact(redact, line)) *response.add_lines() = std::move(line);
  }
  if (from == 0) {
    RETURN_IF_ERROR(AddReferrals(call, person, redact.partners(),
                                 redact.times(), response));
  }
  if (static_cast<int>(rows.size()) == size) {
    response.set_next_page_token(absl::StrCat(rows.back().index + 1));
  }
  *response.mutable_left_out() = redact;
  *response.mutable_made_at() = ToProtoTime(call.now());
  response.set_participant(node.self.text());
  AddNames(call.engine().set(), response);
  call.SetDetail(DetailOf(redact));
  return absl::OkStatus();
}

}  // namespace comity
