#include "node/service/case_change.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/correction.h"
#include "node/service/withdrawal.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"
#include "node/wire/record_fields.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using record::v1::CaseRecord;

constexpr absl::Duration kLongestDelegation = absl::Hours(24 * 90);

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid, what);
}

using Fields = std::vector<const RecordField*>;

// The fields to empty, and those that the request brings.
template <typename Request>
absl::StatusOr<Fields> FieldsOf(const Request& request) {
  Fields fields;
  request.record().GetReflection()->ListFields(request.record(), &fields);
  for (const std::string& name : request.clear()) {
    const RecordField* field = FindRecordField(name);
    if (field == nullptr) {
      return Invalid(
          absl::StrCat("clear names ", name, ", which is no field of a case"));
    }
    fields.push_back(field);
  }
  if (fields.empty()) return Invalid("name a field to change or to clear");
  for (const RecordField* field : fields) {
    if (field->number() == CaseRecord::kXLocalReferenceFieldNumber) {
      return Invalid("x_local_reference is the case's name and stays");
    }
  }
  return fields;
}

// `record` as the request wants it; the names of what is different go to
// `changed`.
absl::StatusOr<CaseRecord> Changed(const CaseRecord& brought,
                                   const Fields& fields, CaseRecord record,
                                   std::vector<std::string>& changed) {
  const CaseRecord before = record;
  const auto* reflection = CaseRecord::GetReflection();
  for (const RecordField* field : fields) {
    reflection->ClearField(&record, field);
  }
  record.MergeFrom(brought);
  const std::vector<RecordFault> faults = CheckRecord(record);
  if (!faults.empty()) {
    return Invalid(absl::StrCat(faults[0].field, ": ", faults[0].reason,
                                "; allowed: ", faults[0].allowed));
  }
  for (const RecordField* field : fields) {
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, record, {field}, {field})) {
      changed.push_back(FieldNameOf(field));
    }
  }
  return record;
}

// Changes the case as `request` wants it, and tells of it in `response`.
template <typename Request, typename Response>
absl::Status Rewrite(OperatorCall& call, const Uuid& case_id,
                     const Request& request, const Fields& fields,
                     CommitScope& scope, Response& response) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
  RETURN_IF_ERROR(CheckVersion(facts, request.version()));
  std::vector<std::string> changed;
  RETURN_IF_ERROR(store.RewriteCase(
      case_id, [&](const StoredCase& stored) -> absl::StatusOr<NewCase> {
        ASSIGN_OR_RETURN(CaseRecord record, ParseRecord(stored.body));
        ASSIGN_OR_RETURN(
            const CaseRecord now,
            Changed(request.record(), fields, std::move(record), changed));
        return WithRecord(stored.facts, now);
      }));
  // Her flags may reach other states by the countries that stand there now.
  RETURN_IF_ERROR(HoldBackOutbox(call.node(), case_id, scope));
  ASSIGN_OR_RETURN(const CaseFacts after, store.ReadFacts(case_id));
  response.set_version(after.version);
  for (const std::string& name : changed) response.add_changed(name);
  // Names of fields, not what stands in them.
  call.SetDetail(absl::StrJoin(changed, ","));
  return absl::OkStatus();
}

// Who was told what is different now.
absl::Status AddOutdated(const OperatorCall& call, const Uuid& case_id,
                         const StoreReader& store,
                         pb::UpdateCaseResponse& response) {
  FieldGroups changed;
  for (const std::string& name : response.changed()) {
    changed = changed.Union(GroupsOfFields({FindRecordField(name)}));
  }
  ASSIGN_OR_RETURN(const std::vector<ToldInDossier> all,
                   ToldOf(call.node(), case_id, store));
  for (const ToldInDossier& told : all) {
    const FieldGroups groups = told.groups.Intersect(changed);
    if (groups.empty()) continue;
    pb::PartnerCopy& copy = *response.add_outdated();
    copy.set_referral_id(told.row.referral_id.ToString());
    copy.set_participant(told.row.parties.receiver.text());
    AddGroups(groups, copy.mutable_groups());
  }
  return absl::OkStatus();
}

// Tells whoever was told of a named field.
absl::Status TellAll(OperatorCall& call, const Uuid& case_id,
                     const Fields& fields, CommitScope& scope,
                     pb::CorrectCaseResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<ToldInDossier> all,
                   ToldOf(call.node(), case_id, scope.store()));
  for (const ToldInDossier& told : all) {
    const FieldGroups groups = told.groups.Intersect(GroupsOfFields(fields));
    if (groups.empty()) continue;
    ASSIGN_OR_RETURN(*response.add_outcomes(),
                     TellAnew(call, told, groups, scope));
  }
  return absl::OkStatus();
}

// The person to whom a case goes, who need not have called before.
struct Person {
  std::string name;
  std::string organisation;
};

absl::StatusOr<Person> ParsePerson(const OperatorCall& call,
                                   const Permit& permit,
                                   const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == name.size()) {
    return Invalid("write the person as ORGANISATION/person");
  }
  Person person{name, name.substr(0, slash)};
  if (permit.scope() != CaseScope::kAll &&
      person.organisation != call.caller().organisation) {
    return ReasonError(
        ErrorReason::kLocalAccessDenied,
        "you can give a case to people of your own organisation; "
        "a coordinator can give it to another");
  }
  return person;
}

}  // namespace

absl::Status CheckVersion(const CaseFacts& facts, uint64_t seen) {
  if (facts.version == seen) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kVersionConflict,
      absl::StrCat("somebody changed the case: it is at version ",
                   facts.version, ", and this change was made to version ",
                   seen, "; nothing was changed"));
}

NewCase WithRecord(const CaseFacts& facts, const CaseRecord& record) {
  NewCase changed;
  changed.facts = facts;
  const CaseFacts known = RecordFactsOf(record);
  changed.facts.age = known.age;
  changed.facts.origin_countries = known.origin_countries;
  changed.facts.exploitation_countries = known.exploitation_countries;
  changed.facts.risks = known.risks;
  changed.body = record.SerializeAsString();
  changed.terms = {
      {IndexKind::kLocalReference, record.x_local_reference()},
      {IndexKind::kFamilyName, FoldedName(record.prs_second_name())}};
  return changed;
}

absl::Status HandleUpdateCase(OperatorCall& call,
                              const pb::UpdateCaseRequest& request,
                              pb::UpdateCaseResponse& response) {
  ASSIGN_OR_RETURN(const Fields fields, FieldsOf(request));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  const Uuid& case_id = *permit.case_id();
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(
            Rewrite(call, case_id, request, fields, scope, response));
        return AddOutdated(call, case_id, scope.store(), response);
      })
      .status();
}

absl::Status HandleCorrectCase(OperatorCall& call,
                               const pb::CorrectCaseRequest& request,
                               pb::CorrectCaseResponse& response) {
  ASSIGN_OR_RETURN(const Fields fields, FieldsOf(request));
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  const Uuid& case_id = *permit.case_id();
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        ASSIGN_OR_RETURN(const CaseFacts facts,
                         scope.store().ReadFacts(case_id));
        RETURN_IF_ERROR(call.engine()
                            .DecideLocal(call.caller(),
                                         LocalOperation::kReferralStep, &facts,
                                         call.now())
                            .status());
        RETURN_IF_ERROR(
            Rewrite(call, case_id, request, fields, scope, response));
        return TellAll(call, case_id, fields, scope, response);
      })
      .status();
}

absl::Status HandleAssignCase(OperatorCall& call,
                              const pb::AssignCaseRequest& request,
                              pb::AssignCaseResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  ASSIGN_OR_RETURN(const Person to, ParsePerson(call, permit, request.to()));
  const Uuid& case_id = *permit.case_id();
  call.SetDetail(absl::StrCat("to ", to.name));
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        StoreTransaction& store = scope.store();
        ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
        if (request.version() != 0) {
          RETURN_IF_ERROR(CheckVersion(facts, request.version()));
        }
        RETURN_IF_ERROR(store.PutOwner(case_id, to.name, to.organisation));
        ASSIGN_OR_RETURN(const CaseFacts after, store.ReadFacts(case_id));
        response.set_version(after.version);
        return absl::OkStatus();
      })
      .status();
}

absl::Status HandleDelegateCase(OperatorCall& call,
                                const pb::DelegateCaseRequest& request,
                                pb::DelegateCaseResponse& response) {
  ASSIGN_OR_RETURN(const Permit permit, call.PermitCase(request.case_id()));
  std::optional<CaseDelegation> delegation;
  if (!request.to().empty()) {
    ASSIGN_OR_RETURN(const Person to, ParsePerson(call, permit, request.to()));
    ASSIGN_OR_RETURN(const absl::Time until, FromProtoTime(request.until()));
    if (until <= call.now() || until > call.now() + kLongestDelegation) {
      return Invalid("a delegation ends after now and within 90 days");
    }
    delegation = CaseDelegation{to.name, until};
    call.SetDetail(
        absl::StrCat("to ", to.name, " until ", absl::FormatTime(until)));
  } else {
    call.SetDetail("ENDED");
  }
  const Uuid& case_id = *permit.case_id();
  return call
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(scope.store().PutDelegation(case_id, delegation));
        ASSIGN_OR_RETURN(const CaseFacts after,
                         scope.store().ReadFacts(case_id));
        response.set_version(after.version);
        return absl::OkStatus();
      })
      .status();
}

}  // namespace comity
