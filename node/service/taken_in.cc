#include "node/service/taken_in.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/approvals.h"
#include "node/service/case_change.h"
#include "node/service/correction_intake.h"
#include "node/service/federation_gate.h"
#include "node/service/node_act.h"
#include "node/service/referral_steps.h"
#include "node/service/withdrawal.h"
#include "node/wire/case_record.h"

namespace comity {
namespace {

using record::v1::CaseRecord;

// A field on which the holder and the people here differ.
struct Conflict {
  std::string field;     // as HTCDS names it
  std::string event_id;  // that told the holder's value
};

// Names of fields and ids of events, and nothing that stands in a record.
std::string MetaName(const Uuid& case_id) {
  return absl::StrCat("conflicts/", case_id.ToString());
}

absl::StatusOr<std::vector<Conflict>> ReadConflicts(const StateReader& store,
                                                    const Uuid& case_id) {
  ASSIGN_OR_RETURN(const std::string lines, store.ReadMeta(MetaName(case_id)));
  std::vector<Conflict> conflicts;
  for (const absl::string_view line :
       absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    conflicts.push_back({words.first, words.second});
  }
  return conflicts;
}

absl::Status WriteConflicts(const Uuid& case_id,
                            const std::vector<Conflict>& conflicts,
                            StoreTransaction& store) {
  const std::string lines = absl::StrJoin(
      conflicts, "\n", [](std::string* out, const Conflict& each) {
        absl::StrAppend(out, each.field, " ", each.event_id);
      });
  return store.PutMeta(MetaName(case_id), lines);
}

std::string NamesOf(const RecordFields& fields) {
  return absl::StrJoin(fields, ",",
                       [](std::string* out, const RecordField* field) {
                         absl::StrAppend(out, FieldNameOf(field));
                       });
}

// The fields in which two records differ; the case's own name is not told.
RecordFields Different(const CaseRecord& a, const CaseRecord& b) {
  RecordFields fields;
  const auto* type = CaseRecord::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const RecordField* field = type->field(i);
    if (field->number() == CaseRecord::kXLocalReferenceFieldNumber) continue;
    if (!HoldsTheSame(field, a, b)) fields.push_back(field);
  }
  return fields;
}

// One correction on its way into the cases made of its dossier.
struct Correcting {
  const Dossier& dossier;
  const Uuid& event_id;
  const CaseRecord& before;
  const CaseRecord& now;
  const RecordFields& fields;
};

// What became of its fields in one case.
struct Outcome {
  RecordFields taken;
  RecordFields open;
};

absl::StatusOr<Outcome> Rewrite(const Correcting& correcting,
                                const CaseFacts& facts, CommitScope& scope) {
  Outcome outcome;
  const bool held = facts.HeldAt(scope.now());
  RETURN_IF_ERROR(scope.store().RewriteCase(
      facts.case_id, [&](const StoredCase& stored) -> absl::StatusOr<NewCase> {
        ASSIGN_OR_RETURN(CaseRecord record, ParseRecord(stored.body));
        for (const RecordField* field : correcting.fields) {
          if (HoldsTheSame(field, record, correcting.now)) continue;
          CaseRecord corrected = record;
          CopyField(field, correcting.now, corrected);
          if (held || !HoldsTheSame(field, record, correcting.before) ||
              !CheckRecord(corrected).empty()) {
            outcome.open.push_back(field);
            continue;
          }
          record = std::move(corrected);
          outcome.taken.push_back(field);
        }
        return WithRecord(stored.facts, record);
      }));
  return outcome;
}

absl::Status LogTakenIn(NodeContext& node, const Correcting& correcting,
                        const Uuid& case_id, const Outcome& outcome,
                        CommitScope& scope) {
  const ReferralRow& row = correcting.dossier.row;
  std::string detail =
      absl::StrCat("TAKEN_IN ", correcting.event_id.ToString());
  if (!outcome.taken.empty()) {
    absl::StrAppend(&detail, " CHANGED ", NamesOf(outcome.taken));
  }
  if (!outcome.open.empty()) {
    absl::StrAppend(&detail, " OPEN ", NamesOf(outcome.open));
  }
  return LogNodeAct(node,
                    {NewUuid(node.random),
                     row.parties.holder.text(),
                     case_id,
                     std::move(detail),
                     {row.referral_id, case_id}},
                    scope)
      .status();
}

absl::Status TakeInto(NodeContext& node, const Correcting& correcting,
                      const Uuid& case_id, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  ASSIGN_OR_RETURN(const CaseFacts facts, store.ReadFacts(case_id));
  ASSIGN_OR_RETURN(const Outcome outcome, Rewrite(correcting, facts, scope));
  // What was open of these fields is now, or is told anew.
  RETURN_IF_ERROR(SettleConflicts(case_id, correcting.fields, store));
  if (!outcome.open.empty()) {
    ASSIGN_OR_RETURN(std::vector<Conflict> conflicts,
                     ReadConflicts(store, case_id));
    for (const RecordField* field : outcome.open) {
      conflicts.push_back({FieldNameOf(field), correcting.event_id.ToString()});
    }
    RETURN_IF_ERROR(WriteConflicts(case_id, conflicts, store));
  }
  RETURN_IF_ERROR(EndCorrectionApprovals(case_id, GroupsOfFields(outcome.taken),
                                         correcting.event_id, scope.now(),
                                         store));
  // Her flags may reach other states by the countries that stand there now.
  RETURN_IF_ERROR(HoldBackOutbox(node, case_id, scope));
  return LogTakenIn(node, correcting, case_id, outcome, scope);
}

}  // namespace

absl::Status InsertCorrection(NodeContext& node, const PolicyEngine& engine,
                              const Dossier& dossier, const EventRow& row,
                              const ReferralStanding& standing,
                              CommitScope& scope) {
  StoreTransaction& store = scope.store();
  if (!KeepsOpenings(dossier)) return store.InsertEvent(row, standing);
  const Permit reading = engine.PermitReadTold(node.self, scope.now());
  ASSIGN_OR_RETURN(const CaseRecord before, ReadTold(store, reading, dossier));
  RETURN_IF_ERROR(store.InsertEvent(row, standing));
  const Uuid& referral_id = dossier.row.referral_id;
  ASSIGN_OR_RETURN(const Dossier after, ReadDossier(store, referral_id));
  ASSIGN_OR_RETURN(const CaseRecord now, ReadTold(store, reading, after));
  const RecordFields fields = Different(before, now);
  if (fields.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<Uuid> cases,
                   store.ListCasesFrom(referral_id));
  for (const Uuid& case_id : cases) {
    RETURN_IF_ERROR(TakeInto(node,
                             {after, row.event.event_id, before, now, fields},
                             case_id, scope));
  }
  return absl::OkStatus();
}

absl::Status SettleConflicts(const Uuid& case_id, const RecordFields& fields,
                             StoreTransaction& store) {
  ASSIGN_OR_RETURN(std::vector<Conflict> conflicts,
                   ReadConflicts(store, case_id));
  const size_t open = std::erase_if(conflicts, [&](const Conflict& conflict) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const RecordField* field) {
                         return FieldNameOf(field) == conflict.field;
                       });
  });
  return open == 0 ? absl::OkStatus()
                   : WriteConflicts(case_id, conflicts, store);
}

absl::Status MoveConflicts(const Uuid& from, const Uuid& to,
                           StoreTransaction& store) {
  ASSIGN_OR_RETURN(const std::vector<Conflict> moved,
                   ReadConflicts(store, from));
  if (moved.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<Conflict> conflicts, ReadConflicts(store, to));
  for (const Conflict& each : moved) {
    const bool known = std::any_of(
        conflicts.begin(), conflicts.end(),
        [&](const Conflict& open) { return open.field == each.field; });
    if (!known) conflicts.push_back(each);
  }
  RETURN_IF_ERROR(WriteConflicts(to, conflicts, store));
  return WriteConflicts(from, {}, store);
}

absl::Status ForgetConflicts(const Uuid& case_id, StoreTransaction& store) {
  ASSIGN_OR_RETURN(const std::vector<Conflict> conflicts,
                   ReadConflicts(store, case_id));
  return conflicts.empty() ? absl::OkStatus()
                           : WriteConflicts(case_id, {}, store);
}

absl::Status AddConflicts(const NodeContext& node, const PolicyEngine& engine,
                          const CaseFacts& facts, const CaseRecord& record,
                          absl::Time now,
                          operators::v1::GetCaseResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<Conflict> conflicts,
                   ReadConflicts(node.store, facts.case_id));
  if (conflicts.empty() || !facts.provenance.has_value()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Dossier dossier,
                   ReadDossier(node.store, facts.provenance->referral_id));
  // What it told is gone, and with it what could be chosen.
  if (!dossier.row.PacketReadable(now)) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const CaseRecord told,
      ReadTold(node.store, engine.PermitReadTold(node.self, now), dossier));
  for (const Conflict& each : conflicts) {
    const RecordField* field = FindRecordField(each.field);
    if (field == nullptr || HoldsTheSame(field, record, told)) continue;
    operators::v1::FieldConflict& view = *response.add_conflicts();
    view.set_field(each.field);
    view.set_participant(facts.provenance->from.text());
    view.set_referral_id(facts.provenance->referral_id.ToString());
    view.set_event_id(each.event_id);
    CopyField(field, told, *response.mutable_told());
  }
  return absl::OkStatus();
}

}  // namespace comity
