#include "node/service/linked_budget.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/audit/restore_mark.h"
#include "node/base/status_macros.h"
#include "node/domain/linked_tables.h"
#include "node/service/table_budgets.h"

namespace comity {
namespace {

std::string GivenName(absl::string_view asker, absl::string_view period,
                      uint32_t revision) {
  return absl::StrCat("linked-tables/", asker, "/", period, "/", revision);
}

// The newest revision of each period.
absl::StatusOr<std::map<std::string, SnapshotRow>> Newest(
    const StateReader& store) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotRow> rows, store.ListSnapshots());
  std::map<std::string, SnapshotRow> newest;
  for (const SnapshotRow& row : rows) {
    const auto [at, added] = newest.emplace(row.period, row);
    if (!added && row.revision > at->second.revision) at->second = row;
  }
  return newest;
}

// A restore closes what was published before, and says when it did.
absl::StatusOr<bool> IsSpent(const StateReader& store, const SnapshotRow& row) {
  ASSIGN_OR_RETURN(const absl::Time spent_at, SpentAt(store));
  return row.closed &&
         absl::ToUnixMillis(row.published_at) <= absl::ToUnixMillis(spent_at);
}

absl::StatusOr<LinkedTables> ReadGiven(const StateReader& store,
                                       const std::string& asker,
                                       absl::string_view period,
                                       uint32_t revision) {
  ASSIGN_OR_RETURN(const std::string text,
                   store.ReadMeta(GivenName(asker, period, revision)));
  return LinkedTables::Parse(text);
}

}  // namespace

absl::Status ReadLinkedTables(const TableQuestion& question,
                              const ParticipantCode& asker,
                              const StoreReader& reader, StateFacts& state) {
  ASSIGN_OR_RETURN(const auto newest, Newest(reader));
  const auto row = newest.find(question.period());
  if (row == newest.end()) return absl::OkStatus();  // nothing is told of it
  ASSIGN_OR_RETURN(
      const LinkedTables given,
      ReadGiven(reader, asker.text(), question.period(), row->second.revision));
  state.linked_tables = given.LargestWith(ColumnsOf(question));
  if (state.linked_tables == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool spent, IsSpent(reader, row->second));
  if (spent) state.linked_tables = kAllOfABudget;
  return absl::OkStatus();
}

absl::Status KeepLinkedTable(const TableQuestion& question,
                             const federation::v1::ReleasedTable& released,
                             const ParticipantCode& asker,
                             StoreTransaction& store) {
  ASSIGN_OR_RETURN(
      LinkedTables given,
      ReadGiven(store, asker.text(), released.period(), released.revision()));
  const ColumnSet columns = ColumnsOf(question);
  if (given.Tells(columns)) return absl::OkStatus();
  given.Add(columns);
  return store.PutMeta(
      GivenName(asker.text(), released.period(), released.revision()),
      given.Text());
}

absl::Status ListLinkedTables(const StoreReader& store,
                              const std::string& asker,
                              const std::string& agreement_id, uint32_t allowed,
                              operators::v1::ListBudgetsResponse& response) {
  ASSIGN_OR_RETURN(const auto newest, Newest(store));
  for (const auto& [period, row] : newest) {
    ASSIGN_OR_RETURN(const bool spent, IsSpent(store, row));
    ASSIGN_OR_RETURN(const LinkedTables given,
                     ReadGiven(store, asker, period, row.revision));
    auto* budget = response.add_linked_table_budgets();
    budget->set_asker(asker);
    budget->set_agreement_id(agreement_id);
    budget->set_period(period);
    budget->set_revision(row.revision);
    budget->set_given(spent ? allowed : given.Largest());
    budget->set_allowed(allowed);
  }
  return absl::OkStatus();
}

}  // namespace comity
