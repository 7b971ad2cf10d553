#include "node/service/withheld.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/dossier_event.h"
#include "node/service/log_detail.h"
#include "node/wire/event_wire.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Ids, a code, groups and a moment: "<event id> CONSENT 36 1790000000000".
std::string MetaName(const Uuid& referral_id) {
  return absl::StrCat("withheld/", referral_id.ToString());
}

}  // namespace

absl::string_view Name(WithheldReason reason) {
  switch (reason) {
    case WithheldReason::kUnset:
      return "UNSET";
    case WithheldReason::kWithdrawal:
      return "WITHDRAWAL";
    case WithheldReason::kAgreement:
      return "AGREEMENT";
    case WithheldReason::kConsent:
      return "CONSENT";
    case WithheldReason::kRules:
      return "RULES";
  }
  return "UNSET";
}

std::string DescribeWithheld(const Uuid& event_id, WithheldReason reason,
                             FieldGroups groups) {
  return absl::StrCat("WITHHELD ", event_id.ToString(), " ", Name(reason),
                      ToldGroups(groups));
}

absl::Status NoteWithheld(const Uuid& referral_id, const Uuid& event_id,
                          WithheldReason reason, FieldGroups groups,
                          CommitScope& scope) {
  ASSIGN_OR_RETURN(std::string lines,
                   scope.store().ReadMeta(MetaName(referral_id)));
  absl::StrAppend(&lines, event_id.ToString(), " ", Name(reason), " ",
                  groups.bits(), " ", absl::ToUnixMillis(scope.now()), "\n");
  return scope.store().PutMeta(MetaName(referral_id), lines);
}

absl::StatusOr<std::vector<pb::WithheldGroups>> WithheldFrom(
    const StateReader& store, const Uuid& referral_id) {
  ASSIGN_OR_RETURN(const std::string lines,
                   store.ReadMeta(MetaName(referral_id)));
  std::vector<pb::WithheldGroups> withheld;
  for (const absl::string_view line :
       absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    uint32_t bits = 0;
    int64_t millis = 0;
    if (words.size() != 4 || !absl::SimpleAtoi(words[2], &bits) ||
        !absl::SimpleAtoi(words[3], &millis)) {
      return ReasonError(ErrorReason::kIntegrityFailure,
                         "a note of what was withheld does not parse");
    }
    pb::WithheldGroups& view = withheld.emplace_back();
    view.set_event_id(words[0]);
    view.set_reason(words[1]);
    AddGroups(FieldGroups::FromBits(bits), view.mutable_groups());
    *view.mutable_withheld_at() = ToProtoTime(absl::FromUnixMillis(millis));
  }
  return withheld;
}

absl::StatusOr<std::vector<pb::WithheldGroups>> MissingIn(
    const ReferralReader& store, const Permit& permit, const Dossier& dossier) {
  std::vector<pb::WithheldGroups> missing;
  for (const ReferralEvent& event : dossier.ordered) {
    FieldGroups groups = CarriedGroups(StoredPayload(dossier, event.event_id));
    if (groups.empty()) continue;
    ASSIGN_OR_RETURN(const EventRow full,
                     store.ReadEventOpenings(permit, event.event_id));
    ASSIGN_OR_RETURN(const std::vector<FieldOpening> openings,
                     ParseOpenings(full.openings));
    for (const FieldOpening& each : openings) {
      groups = groups.Minus({each.group});
    }
    if (groups.empty()) continue;
    pb::WithheldGroups& view = missing.emplace_back();
    view.set_event_id(event.event_id.ToString());
    AddGroups(groups, view.mutable_groups());
  }
  return missing;
}

}  // namespace comity
