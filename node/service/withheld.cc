#include "node/service/withheld.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/audit/own_log.h"
#include "node/base/status_macros.h"
#include "node/service/case_view.h"
#include "node/service/dossier_event.h"
#include "node/service/log_detail.h"
#include "node/wire/event_wire.h"
#include "node/wire/own_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr absl::string_view kWord = "WITHHELD";
constexpr int kPage = 500;

// Nothing for an entry about something else.
std::optional<pb::WithheldGroups> ViewOf(const OwnEntry& entry) {
  const std::vector<std::string> words = absl::StrSplit(entry.detail, ' ');
  if (words.size() < 3 || words[0] != kWord) return std::nullopt;
  pb::WithheldGroups view;
  view.set_event_id(words[1]);
  view.set_reason(words[2]);
  AddGroups(ReadDetail(entry.detail).groups, view.mutable_groups());
  *view.mutable_withheld_at() = ToProtoTime(entry.time);
  return view;
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
  return absl::StrCat(kWord, " ", event_id.ToString(), " ", Name(reason),
                      ToldGroups(groups));
}

absl::StatusOr<std::vector<pb::WithheldGroups>> WithheldFrom(
    const NodeContext& node, const StoreReader& reader,
    const Uuid& referral_id) {
  std::vector<pb::WithheldGroups> withheld;
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     reader.ReadLeavesAbout(OwnLogOrigin(node.self),
                                            {referral_id}, from, kPage));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const OwnEntry entry,
                       OpenOwnEntry(row.leaf, row.opening));
      std::optional<pb::WithheldGroups> view = ViewOf(entry);
      if (view.has_value()) withheld.push_back(*std::move(view));
    }
    if (static_cast<int>(rows.size()) < kPage) return withheld;
    from = rows.back().index + 1;
  }
}

absl::StatusOr<std::vector<pb::WithheldGroups>> MissingIn(
    const NodeContext& node, const Permit& permit, const Dossier& dossier) {
  std::vector<pb::WithheldGroups> missing;
  for (const ReferralEvent& event : dossier.ordered) {
    FieldGroups groups = CarriedGroups(StoredPayload(dossier, event.event_id));
    if (groups.empty()) continue;
    ASSIGN_OR_RETURN(const EventRow full,
                     node.store.ReadEventOpenings(permit, event.event_id));
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
