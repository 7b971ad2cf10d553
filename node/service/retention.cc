#include "node/service/retention.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/delivery/dossier.h"
#include "node/service/dossier_clock.h"
#include "node/service/erasure.h"
#include "node/service/own_erasure.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Items = std::vector<pb::RetentionItem>;

constexpr int kMostLookedAt = 500;  // of each kind
constexpr const char* kPacket = "PACKET";
constexpr const char* kReceivedCase = "RECEIVED_CASE";
constexpr const char* kDraft = "DRAFT";
constexpr const char* kOwnCase = "OWN_CASE";

pb::RetentionItem Item(const char* kind, const Uuid& id, absl::Time due,
                       const char* cause) {
  pb::RetentionItem item;
  item.set_kind(kind);
  item.set_id(id.ToString());
  *item.mutable_due_at() = ToProtoTime(due);
  item.set_cause(cause);
  return item;
}

// The kinds of what ends, each listed by its own rule.
class RetentionReader {
 public:
  RetentionReader(const NodeContext& node, const StoreReader& store,
                  absl::Time until, int limit)
      : node_(node), store_(store), until_(until), limit_(limit) {}

  absl::Status AddPackets() {
    ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                     store_.ListExpiredDossiers(until_, limit_));
    return AddEach(kPacket, ids, [this](const Uuid& id) -> absl::Status {
      ASSIGN_OR_RETURN(const ReferralRow row, store_.ReadReferral(id));
      pb::RetentionItem item =
          Item(kPacket, id, row.erase_at, "RETENTION_DAYS");
      item.set_agreement_id(row.agreement_id);
      item.set_partner(row.parties.holder.text());
      items_.push_back(std::move(item));
      return absl::OkStatus();
    });
  }

  absl::Status AddReceivedCases() {
    ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                     store_.ListCasesToErase(until_, limit_));
    return AddEach(kReceivedCase, ids, [this](const Uuid& id) -> absl::Status {
      ASSIGN_OR_RETURN(const CaseFacts facts, store_.ReadFacts(id));
      const Provenance& from = *facts.provenance;
      const bool withdrawn = from.withdrawn_at.has_value();
      pb::RetentionItem item =
          Item(kReceivedCase, id, ErasureDue(facts),
               withdrawn ? "WITHDRAWAL" : "RETENTION_DAYS");
      ASSIGN_OR_RETURN(const ReferralRow row,
                       store_.ReadReferral(from.referral_id));
      if (!withdrawn) item.set_agreement_id(row.agreement_id);
      item.set_partner(from.from.text());
      AddHold(facts, ErasureDue(facts), item);
      items_.push_back(std::move(item));
      return absl::OkStatus();
    });
  }

  absl::Status AddDrafts() {
    ASSIGN_OR_RETURN(const std::vector<Uuid> ids,
                     store_.ListReferralsToActOn(until_, limit_));
    return AddEach(kDraft, ids, [this](const Uuid& id) -> absl::Status {
      ASSIGN_OR_RETURN(const ReferralRow row, store_.ReadReferral(id));
      if (row.case_id.IsNil() || StageOf(row.state) != DossierStage::kDrafted) {
        return absl::OkStatus();
      }
      pb::RetentionItem item =
          Item(kDraft, id, DraftEnds(node_, row), "DRAFT_DAYS");
      item.set_partner(row.parties.receiver.text());
      items_.push_back(std::move(item));
      return absl::OkStatus();
    });
  }

  absl::Status AddOwnCases() {
    if (node_.config.closed_case_days == 0) return absl::OkStatus();
    const absl::Duration kept = absl::Hours(24) * node_.config.closed_case_days;
    ASSIGN_OR_RETURN(const std::vector<ClosedCase> closed,
                     store_.ListClosedCases(until_ - kept, limit_));
    std::map<Uuid, absl::Time> closed_at;
    std::vector<Uuid> ids;
    for (const ClosedCase& each : closed) {
      closed_at[each.case_id] = each.closed_at;
      ids.push_back(each.case_id);
    }
    return AddEach(kOwnCase, ids, [&](const Uuid& id) -> absl::Status {
      ASSIGN_OR_RETURN(const CaseFacts facts, store_.ReadFacts(id));
      absl::Time due = closed_at[id] + kept;
      if (facts.hold.has_value()) due = std::max(due, facts.hold->until);
      if (due > until_) return absl::OkStatus();
      pb::RetentionItem item = Item(kOwnCase, id, due, "CLOSED_CASE_DAYS");
      AddHold(facts, due, item);
      items_.push_back(std::move(item));
      return absl::OkStatus();
    });
  }

  absl::Status AddAll() {
    RETURN_IF_ERROR(AddPackets());
    RETURN_IF_ERROR(AddReceivedCases());
    RETURN_IF_ERROR(AddDrafts());
    return AddOwnCases();
  }

  Items Take() {
    std::stable_sort(
        items_.begin(), items_.end(),
        [](const pb::RetentionItem& a, const pb::RetentionItem& b) {
          return a.due_at().seconds() < b.due_at().seconds();
        });
    return std::move(items_);
  }
  // "RECEIVED_CASE 6f...": what is due and does not read.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

 private:
  // What does not read keeps nobody else, whose date has come as well.
  absl::Status AddEach(const char* kind, const std::vector<Uuid>& ids,
                       const std::function<absl::Status(const Uuid&)>& add) {
    for (const Uuid& id : ids) {
      const absl::Status added = add(id);
      // Not found: it went meanwhile.
      if (added.ok() || ReasonOf(added) == ErrorReason::kNotFound) continue;
      if (ReasonOf(added) == ErrorReason::kStoreUnavailable) return added;
      unreadable_.push_back(absl::StrCat(kind, " ", id.ToString()));
    }
    return absl::OkStatus();
  }

  static void AddHold(const CaseFacts& facts, absl::Time due,
                      pb::RetentionItem& item) {
    if (facts.hold.has_value() && facts.hold->until == due) {
      item.set_hold_ground(std::string(Name(facts.hold->ground)));
    }
  }

  const NodeContext& node_;
  const StoreReader& store_;
  const absl::Time until_;
  const int limit_;
  Items items_;
  std::vector<std::string> unreadable_;
};

// Its partners are bound by what they were told under, and keep that.
absl::Status EraseClosedCase(NodeContext& node, const Uuid& case_id,
                             CommitScope& scope) {
  Tombstone left{case_id};
  left.ground = ErasureGround::kRetentionEnded;
  RETURN_IF_ERROR(EraseOwnCase(node, left, Partners::kLeft, scope).status());
  return LogErasure(node, "", NewUuid(node.random), case_id,
                    "RETENTION ERASED own case", scope);
}

absl::Status Purge(NodeContext& node, const pb::RetentionItem& item,
                   CommitScope& scope) {
  ASSIGN_OR_RETURN(const Uuid id, Uuid::Parse(item.id()));
  if (item.kind() == kPacket) {
    return EraseReceivedDossier(node, id, "RETENTION", scope);
  }
  if (item.kind() == kReceivedCase) return EraseDueCase(node, id, scope);
  if (item.kind() == kOwnCase) return EraseClosedCase(node, id, scope);
  ASSIGN_OR_RETURN(const Dossier dossier, ReadDossier(scope.store(), id));
  return PurgeDraft(node, dossier, scope);
}

}  // namespace

absl::StatusOr<Items> ListRetention(const NodeContext& node,
                                    const StoreReader& store, absl::Time until,
                                    int limit) {
  RetentionReader reader(node, store, until, limit);
  RETURN_IF_ERROR(reader.AddAll());
  return reader.Take();
}

void AddRetentionCheck(const NodeContext& node, StatusChecks& checks) {
  RetentionReader reader(node, node.store, node.clock.Now(), kMostLookedAt);
  absl::Status read = reader.AddAll();
  if (read.ok() && reader.unreadable().empty()) return;
  if (read.ok()) {
    read = ReasonError(
        ErrorReason::kIntegrityFailure,
        absl::StrCat(reader.unreadable().size(),
                     " due to be erased cannot be read and stay(s), from ",
                     reader.unreadable().front(), " on"));
  }
  AddBad(checks, "retention", ReasonOf(read), read.message(),
         "what the store holds of it is damaged: keep the disk as it is, and "
         "restore the node from a backup of before (comity restore)");
}

absl::StatusOr<Items> PurgeDue(NodeContext& node, int limit,
                               CommitScope& scope) {
  ASSIGN_OR_RETURN(const Items due,
                   ListRetention(node, scope.store(), scope.now(), limit));
  Items purged;
  for (const pb::RetentionItem& item : due) {
    const absl::Status status =
        scope.Try([&] { return Purge(node, item, scope); });
    if (status.ok()) {
      purged.push_back(item);
      continue;
    }
    if (ReasonOf(status) == ErrorReason::kStoreUnavailable ||
        ReasonOf(status) == ErrorReason::kLogUnwritable) {
      return status;
    }
    // What cannot go keeps nobody else, whose date has come as well.
    Log(LogLevel::kError, "retention_failed",
        {LogField::Public("kind", item.kind()),
         LogField::Public("why", ReasonName(ReasonOf(status)))});
  }
  return purged;
}

}  // namespace comity
