#include "node/service/period_publish.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/domain/table_columns.h"
#include "node/policy/judge.h"
#include "node/service/closed_revisions.h"
#include "node/service/noise_series.h"
#include "node/service/received_rows.h"
#include "node/service/referral_rows.h"
#include "node/service/table_protection.h"
#include "node/tabulation/published_columns.h"
#include "node/wire/case_record.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

uint32_t NextRevision(const std::vector<SnapshotRow>& snapshots,
                      const std::string& period) {
  uint32_t revision = 1;
  for (const SnapshotRow& row : snapshots) {
    if (row.period == period) revision = std::max(revision, row.revision + 1);
  }
  return revision;
}

// What a period is published from.
struct CountedPeriod {
  PublishedColumns columns;
  uint64_t left_out = 0;  // by national rules
};

// The cases that count, those of the year with their columns.
struct CountedCases {
  absl::flat_hash_set<Uuid> all;
  std::vector<CodedCase> of_year;
  uint64_t left_out = 0;
};

absl::StatusOr<CountedCases> CountCases(const OperatorCall& call, int year) {
  const Permit permit =
      call.engine().PermitTabulation(call.node().self, call.now());
  const CompiledPolicy& policy = call.engine().policy();
  CountedCases counted;
  RETURN_IF_ERROR(call.node().store.ScanCases(
      permit, [&](const StoredCase& stored) -> absl::Status {
        // Who took her consent back is counted no more.
        if (stored.facts.OutOfCounts()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const record::v1::CaseRecord record,
                         ParseRecord(stored.body));
        CodedCase coded = CodedCaseOf(record);
        coded.case_id = stored.facts.case_id;
        const bool left_out = LeftOutOfCounts(
            policy,
            ProjectForCounts(stored.facts, call.node().self, call.now()));
        if (!left_out) counted.all.insert(coded.case_id);
        if (coded.year != year) return absl::OkStatus();
        if (left_out) {
          ++counted.left_out;
        } else {
          counted.of_year.push_back(std::move(coded));
        }
        return absl::OkStatus();
      }));
  return counted;
}

absl::StatusOr<CountedPeriod> CountPeriod(
    const OperatorCall& call, int year,
    const std::set<std::string>& not_collected) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const CountedCases cases, CountCases(call, year));
  const SecretBytes secret = RecordKeySecret(node);
  const auto record_key = [&secret](const Uuid& case_id) {
    return RecordKey(secret, case_id);
  };
  CountedPeriod counted{
      {PeriodColumns::Of(cases.of_year, year, record_key, not_collected), {}},
      cases.left_out};
  if (not_collected.contains(kAllReferrals)) return counted;
  ASSIGN_OR_RETURN(const std::vector<CodedCase> referrals,
                   CodedReferrals(node.self, cases.all, node.store));
  counted.columns.referrals = PeriodColumns::Of(
      referrals, year, record_key, not_collected, CountedUnit::kReferral);
  ASSIGN_OR_RETURN(
      const std::vector<CodedCase> received,
      CodedReceivedReferrals(
          node.self,
          [&cases](const Uuid& case_id) { return cases.all.contains(case_id); },
          node.store));
  counted.columns.received = PeriodColumns::Of(
      received, year, record_key, not_collected, CountedUnit::kReferral);
  return counted;
}

absl::Status ChangedMeanwhile() {
  return ReasonError(ErrorReason::kOverloaded,
                     "consents were taken back again and again while the cases "
                     "were counted; publish once more");
}

absl::StatusOr<std::set<std::string>> ReadNotCollected(
    const pb::PublishPeriodRequest& request) {
  std::set<std::string> columns;
  for (const std::string& column : request.not_collected()) {
    if (FindTableColumn(column) == nullptr && column != kAllReferrals) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         absl::StrCat("there is no column \"", column,
                                      "\"; proto/README.md lists them"));
    }
    columns.insert(column);
  }
  return columns;
}

constexpr int kMostTries = 5;

// Counts the cases and publishes. False, and nothing was published, if somebody
// who was counted took her consent back before it was committed.
absl::StatusOr<bool> CountAndPublish(OperatorCall& call,
                                     const TableQuestion& period,
                                     const std::set<std::string>& not_collected,
                                     pb::PublishPeriodResponse& response) {
  const NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const LastChanges before, node.store.ReadLastChanges());
  ASSIGN_OR_RETURN(const CountedPeriod counted,
                   CountPeriod(call, period.year(), not_collected));
  // What changed during the count is looked at here, and by the commit only
  // what changes from now on.
  ASSIGN_OR_RETURN(const LastChanges after, node.store.ReadLastChanges());
  ASSIGN_OR_RETURN(
      bool somebody_left,
      SomebodyLeftSince(node, node.store, before, counted.columns));
  if (somebody_left) return false;
  ASSIGN_OR_RETURN(
      const LastRevision last,
      CompareWithLast(node.store,
                      call.engine().PermitTabulation(node.self, call.now()),
                      period.period(), counted.columns));
  response.set_left_out(counted.left_out);
  SnapshotRow row{period.period(), 0, call.now(), call.caller().OperatorName(),
                  counted.columns.Serialize()};
  row.record_keys = counted.columns.RecordKeys();
  auto* published = response.mutable_published();
  published->set_period(row.period);
  *published->mutable_published_at() = ToProtoTime(row.published_at);
  const absl::Status committed =
      call.Commit([&](CommitScope& scope) -> absl::Status {
            ASSIGN_OR_RETURN(
                somebody_left,
                SomebodyLeftSince(node, scope.store(), after, counted.columns));
            if (somebody_left) return ChangedMeanwhile();
            ASSIGN_OR_RETURN(const auto snapshots,
                             scope.store().ListSnapshots());
            row.revision = NextRevision(snapshots, row.period);
            published->set_revision(row.revision);
            RETURN_IF_ERROR(
                ContinueNoise(last, row, node.random, scope.store()));
            return scope.store().InsertSnapshot(row);
          })
          .status();
  if (somebody_left) return false;
  RETURN_IF_ERROR(committed);
  return true;
}

}  // namespace

absl::Status HandlePublishPeriod(OperatorCall& call,
                                 const pb::PublishPeriodRequest& request,
                                 pb::PublishPeriodResponse& response) {
  ASSIGN_OR_RETURN(const TableQuestion period,
                   TableQuestion::Create(request.period(), {}, {}));
  const absl::CivilYear now(absl::ToCivilYear(call.now(), absl::UTCTimeZone()));
  if (period.year() >= now.year()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "only a year that has ended can be published");
  }
  ASSIGN_OR_RETURN(const std::set<std::string> not_collected,
                   ReadNotCollected(request));
  for (int i = 0; i < kMostTries; ++i) {
    ASSIGN_OR_RETURN(const bool published,
                     CountAndPublish(call, period, not_collected, response));
    if (published) return absl::OkStatus();
  }
  return ChangedMeanwhile();
}

}  // namespace comity
