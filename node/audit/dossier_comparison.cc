#include "node/audit/dossier_comparison.h"

#include <map>
#include <optional>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/event_wire.h"
#include "node/wire/message_leaf.h"

namespace comity {
namespace {

using Entries = std::map<Uuid, const DossierEntry*>;

absl::StatusOr<Entries> ById(const DossierFile& file) {
  Entries entries;
  for (const DossierEntry& entry : file.entries) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     ParseMessageLeaf(entry.event.leaf));
    entries.emplace(leaf.request_id, &entry);
  }
  return entries;
}

// nullptr if the file has no such event.
const DossierEntry* Find(const Entries& entries, const Uuid& event_id) {
  const auto found = entries.find(event_id);
  return found == entries.end() ? nullptr : found->second;
}

std::optional<DossierGap> GapBetween(const DossierEntry& first,
                                     const DossierEntry& second) {
  if (first.event.leaf != second.event.leaf) return DossierGap::kOtherEvent;
  if (first.receipt.has_value() && !second.receipt.has_value()) {
    return DossierGap::kReceiptOnlyFirst;
  }
  if (!first.receipt.has_value() && second.receipt.has_value()) {
    return DossierGap::kReceiptOnlySecond;
  }
  if (first.receipt.has_value() &&
      first.receipt->leaf != second.receipt->leaf) {
    return DossierGap::kOtherReceipt;
  }
  return std::nullopt;
}

absl::StatusOr<DossierDifference> DifferenceIn(const DossierEntry& entry,
                                               DossierGap gap) {
  ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(entry.event.leaf));
  ASSIGN_OR_RETURN(const ParsedEvent parsed,
                   ParseEvent(leaf, entry.event.payload));
  return DossierDifference{leaf.request_id, leaf.sender, parsed.event.kind,
                           gap};
}

}  // namespace

absl::StatusOr<std::vector<DossierDifference>> CompareDossiers(
    const DossierFile& first, const DossierFile& second) {
  if (first.referral_id != second.referral_id) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "these are files of two referrals");
  }
  ASSIGN_OR_RETURN(const Entries of_first, ById(first));
  ASSIGN_OR_RETURN(const Entries of_second, ById(second));
  std::vector<DossierDifference> differences;
  for (const DossierEntry& entry : first.entries) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     ParseMessageLeaf(entry.event.leaf));
    const DossierEntry* other = Find(of_second, leaf.request_id);
    const std::optional<DossierGap> gap =
        other == nullptr ? DossierGap::kOnlyFirst : GapBetween(entry, *other);
    if (!gap.has_value()) continue;
    ASSIGN_OR_RETURN(DossierDifference found, DifferenceIn(entry, *gap));
    differences.push_back(std::move(found));
  }
  for (const DossierEntry& entry : second.entries) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     ParseMessageLeaf(entry.event.leaf));
    if (Find(of_first, leaf.request_id) != nullptr) continue;
    ASSIGN_OR_RETURN(DossierDifference found,
                     DifferenceIn(entry, DossierGap::kOnlySecond));
    differences.push_back(std::move(found));
  }
  return differences;
}

}  // namespace comity
