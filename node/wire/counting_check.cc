#include "node/wire/counting_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/domain/table_columns.h"
#include "node/policy/budgets.h"
#include "node/policy/decision.h"
#include "node/wire/indicators.h"
#include "node/wire/policy_convert.h"

namespace comity {
namespace {

namespace pb = policy::v1;
using Faults = std::vector<std::pair<const char*, std::string>>;

bool NamesEpsilon(const pb::Duties& duties) {
  return duties.has_epsilon_thousandths() ||
         duties.has_epsilon_asker_thousandths() ||
         duties.has_epsilon_all_thousandths();
}

// Of one table by Gaussian noise, in thousandths: with less there is nothing
// but noise.
constexpr uint32_t kLeastGaussianEpsilon = 100;

// Which countries a table lists would tell who is there, so that it lists none.
bool IsOpenColumn(const std::string& name) {
  const TableColumn* column = FindTableColumn(name);
  return column != nullptr && column->IsOpen();
}

void CheckBudgets(const Duties& duties, Faults& faults) {
  if (duties.epsilon_thousandths == 0 ||
      duties.epsilon_asker_thousandths == 0 ||
      duties.epsilon_all_thousandths == 0) {
    faults.emplace_back("id", absl::StrCat(Name(duties.count_method),
                                           " needs epsilon_thousandths, "
                                           "epsilon_asker_thousandths and "
                                           "epsilon_all_thousandths"));
  } else if (duties.epsilon_thousandths >
             std::min(duties.epsilon_asker_thousandths,
                      duties.epsilon_all_thousandths)) {
    faults.emplace_back("id",
                        "one table takes more epsilon than a budget has: "
                        "nothing would be answered");
  }
}

void CheckDelta(const Duties& duties, Faults& faults) {
  if (duties.delta_exponent == 0) {
    faults.emplace_back("id",
                        "DISCRETE_GAUSSIAN needs delta_exponent, such as 9");
  } else if (DeltaTrillionths(duties.delta_exponent) > DeltaBudget(duties)) {
    faults.emplace_back("id",
                        "one table takes more delta than its budget has: "
                        "nothing would be answered");
  }
  if (duties.epsilon_thousandths != 0 &&
      duties.epsilon_thousandths < kLeastGaussianEpsilon) {
    faults.emplace_back(
        "id", absl::StrCat("a table of DISCRETE_GAUSSIAN takes at least ",
                           kLeastGaussianEpsilon,
                           " of epsilon_thousandths: with less there is "
                           "nothing but noise"));
  }
}

// What neither differential privacy nor a sum alone can tell; `how` is the one
// that the file asks for.
void CheckTables(const pb::Grant& grant, absl::string_view how,
                 Faults& faults) {
  if (grant.measure_size() > 0) {
    faults.emplace_back("measure",
                        absl::StrCat(how,
                                     " protects counts of persons alone; put "
                                     "other measures into a grant of their "
                                     "own"));
  }
  for (const std::string& name : grant.dimension()) {
    if (!IsOpenColumn(name)) continue;
    faults.emplace_back(
        "dimension",
        absl::StrCat("\"", name, "\" has no closed code list, which ", how,
                     " needs"));
  }
  for (const std::string& name : grant.indicator()) {
    const auto indicator = FindIndicator(name);
    if (!indicator.ok()) continue;  // a fault of its own
    const bool open = std::any_of(indicator->dimension().begin(),
                                  indicator->dimension().end(), IsOpenColumn);
    if (!open && !indicator->has_measure()) continue;
    faults.emplace_back(
        "indicator",
        absl::StrCat(name,
                     open ? " has a column without a closed code list"
                          : " counts no persons",
                     ", which ", how, " cannot protect"));
  }
}

}  // namespace

Faults CountingFaults(const pb::Agreement& agreement, const pb::Grant& grant) {
  Faults faults;
  const Duties own = ConvertDuties(grant.duties());
  const Duties duties = Join(ConvertDuties(agreement.duties()), own);
  if (duties.k_threshold == 0 || duties.yearly_budget == 0) {
    faults.emplace_back("id",
                        "a grant of counts needs k_threshold and "
                        "yearly_budget");
  }
  if (TellsEpsilon(duties.count_method)) {
    CheckBudgets(duties, faults);
    CheckTables(grant, Name(duties.count_method), faults);
  } else if (NamesEpsilon(grant.duties())) {
    faults.emplace_back("duties",
                        "epsilon belongs to count_method: DISCRETE_LAPLACE or "
                        "DISCRETE_GAUSSIAN");
  }
  if (duties.count_method == CountMethod::kDiscreteGaussian) {
    CheckDelta(duties, faults);
  } else if (grant.duties().has_delta_exponent() ||
             grant.duties().has_delta_budget_exponent()) {
    faults.emplace_back("duties",
                        absl::StrCat(grant.duties().has_delta_exponent()
                                         ? "delta_exponent"
                                         : "delta_budget_exponent",
                                     " belongs to count_method: "
                                     "DISCRETE_GAUSSIAN"));
  }
  if (duties.aggregation == Aggregation::kTotalOnly &&
      !TellsEpsilon(duties.count_method)) {
    CheckTables(grant, "TOTAL_ONLY", faults);
  }
  return faults;
}

bool NamesCounting(const pb::Duties& duties) {
  return duties.has_yearly_budget() || duties.has_k_threshold() ||
         duties.has_count_method() || duties.has_linked_tables() ||
         duties.has_aggregation() || duties.has_delta_exponent() ||
         duties.has_delta_budget_exponent() || NamesEpsilon(duties);
}

}  // namespace comity
