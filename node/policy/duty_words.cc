#include "node/policy/duty_words.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace comity {
namespace {

using Kind = DemandChange::Kind;

// One duty that is a number; zero means that nobody asks for it.
struct NumberDuty {
  uint32_t Duties::*field;
  const char* before;  // "at most "
  const char* after;   // " a day"
  bool more_is_stricter;
  uint32_t usual = 0;  // what holds where nobody asks for it; zero: no limit

  uint32_t In(const Duties& duties) const {
    return duties.*field == 0 ? usual : duties.*field;
  }
};
constexpr std::array<NumberDuty, 13> kNumbers = {{
    {&Duties::max_per_hour, "at most ", " an hour", false},
    {&Duties::max_per_day, "at most ", " a day", false},
    {&Duties::max_per_month, "at most ", " a month", false},
    {&Duties::max_per_officer_per_day, "at most ", " a day for one officer",
     false},
    {&Duties::k_threshold, "no count below ", "", true},
    {&Duties::yearly_budget, "at most ", " cells a year", false},
    {&Duties::linked_tables, "at most ",
     " tables that share columns of one revision", false, kUsualLinkedTables},
    {&Duties::epsilon_thousandths, "at most ",
     " thousandths of epsilon a table", false},
    {&Duties::epsilon_asker_thousandths, "at most ",
     " thousandths of epsilon to one asker a period", false},
    {&Duties::epsilon_all_thousandths, "at most ",
     " thousandths of epsilon to all askers a period", false},
    {&Duties::delta_exponent, "at most 1 in 10^", " for delta of a table",
     true},
    {&Duties::delta_budget_exponent, "at most 1 in 10^",
     " for delta of all tables of a period", true, kUsualDeltaBudget},
    {&Duties::retention_days, "erased after ", " days", false},
}};

std::string Words(const NumberDuty& duty, uint32_t value) {
  return value == 0 ? absl::StrCat("not limited", duty.after)
                    : absl::StrCat(duty.before, value, duty.after);
}

// The name in policy files.
absl::string_view AsTold(Redaction redaction) {
  return redaction == Redaction::kUnset ? "as recorded" : Name(redaction);
}

std::string NoticeNames(EnumSet<NoticeTarget> targets) {
  return absl::StrJoin(targets.Values(), ", ",
                       [](std::string* out, NoticeTarget target) {
                         absl::StrAppend(out, Name(target));
                       });
}

std::string MethodWords(CountMethod method) {
  return method == CountMethod::kUnset
             ? "counts protected as usual"
             : absl::StrCat("counts protected by ", Name(method));
}

// What holds where nobody asks for it is what EACH_MEMBER says.
Aggregation Seen(const Duties& duties) {
  return std::max(duties.aggregation, Aggregation::kEachMember);
}

std::string SeenWords(Aggregation aggregation) {
  return aggregation == Aggregation::kTotalOnly
             ? "the sum over members alone is told"
             : "each member's table is told";
}

void CompareNumbers(const Duties& before, const Duties& after,
                    std::vector<DemandChange>& changes) {
  // Where another method takes the place of the Gaussian, or the other way
  // round, that is what is said.
  const bool both_have_delta =
      before.count_method == CountMethod::kDiscreteGaussian &&
      after.count_method == CountMethod::kDiscreteGaussian;
  for (const NumberDuty& duty : kNumbers) {
    const bool is_delta = duty.field == &Duties::delta_exponent ||
                          duty.field == &Duties::delta_budget_exponent;
    if (is_delta && !both_have_delta) continue;
    const uint32_t was = duty.In(before);
    const uint32_t is = duty.In(after);
    if (was == is) continue;
    const bool larger = is > was;
    const bool stronger =
        was == 0 || (is != 0 && larger == duty.more_is_stricter);
    changes.push_back(
        {stronger ? Kind::kStronger : Kind::kWeaker,
         absl::StrCat(Words(duty, is), " (was ",
                      was == 0 ? "not limited" : absl::StrCat(was), ")")});
  }
}

// That of the weaker method; of one method, the larger delta.
uint32_t MetDelta(const Duties& a, const Duties& b) {
  if (a.count_method == b.count_method) {
    return std::min(a.delta_exponent, b.delta_exponent);
  }
  return (a.count_method < b.count_method ? a : b).delta_exponent;
}

void CompareRedactions(const Duties& before, const Duties& after,
                       std::vector<DemandChange>& changes) {
  const Redactions joined = Join(before, after).redact;
  for (size_t i = 0; i < before.redact.size(); ++i) {
    if (before.redact[i] == after.redact[i]) continue;
    changes.push_back(
        {joined[i] == after.redact[i] ? Kind::kStronger : Kind::kWeaker,
         absl::StrCat("told ", AsTold(after.redact[i]), " (was ",
                      AsTold(before.redact[i]), ")")});
  }
}

void CompareNotices(const Answer& before, const Answer& after,
                    std::vector<DemandChange>& changes) {
  const auto lost = before.duties.notify.Minus(after.duties.notify);
  const auto added = after.duties.notify.Minus(before.duties.notify);
  if (!lost.empty()) {
    changes.push_back(
        {Kind::kWeaker, "no longer notifies " + NoticeNames(lost)});
  }
  if (!added.empty()) {
    changes.push_back({Kind::kStronger, "also notifies " + NoticeNames(added)});
  }
}

void CompareCounts(const Answer& before, const Answer& after,
                   std::vector<DemandChange>& changes) {
  if (before.duties.count_method != after.duties.count_method) {
    changes.push_back(
        {after.duties.count_method > before.duties.count_method
             ? Kind::kStronger
             : Kind::kWeaker,
         absl::StrCat(MethodWords(after.duties.count_method), " (was ",
                      MethodWords(before.duties.count_method), ")")});
  }
  if (Seen(before.duties) != Seen(after.duties)) {
    changes.push_back(
        {Seen(after.duties) > Seen(before.duties) ? Kind::kStronger
                                                  : Kind::kWeaker,
         absl::StrCat(SeenWords(Seen(after.duties)),
                      " (was: ", SeenWords(Seen(before.duties)), ")")});
  }
}

void CompareFlags(const Answer& before, const Answer& after,
                  std::vector<DemandChange>& changes) {
  if (before.duties.no_onward_transfer != after.duties.no_onward_transfer) {
    const bool stronger = after.duties.no_onward_transfer;
    changes.push_back(
        {stronger ? Kind::kStronger : Kind::kWeaker,
         stronger ? "may no longer be passed on" : "may now be passed on"});
  }
  if (before.break_glass != after.break_glass) {
    changes.push_back({after.break_glass ? Kind::kStronger : Kind::kWeaker,
                       after.break_glass
                           ? "counts as a break-glass use and is reviewed"
                           : "no longer counts as a break-glass use"});
  }
}

void CompareApprovals(const char* side, uint32_t was, uint32_t is,
                      std::vector<DemandChange>& changes) {
  if (was == is) return;
  changes.push_back(
      {is < was ? Kind::kFewerApprovals : Kind::kMoreApprovals,
       absl::StrCat(is, " approval(s) ", side, " (was ", was, ")")});
}

}  // namespace

std::vector<std::string> DutyWords(const Duties& duties) {
  std::vector<std::string> words;
  for (size_t i = 0; i < duties.redact.size(); ++i) {
    if (duties.redact[i] == Redaction::kUnset) continue;
    words.push_back(absl::StrCat(Name(static_cast<FieldGroup>(i)), " as ",
                                 AsTold(duties.redact[i])));
  }
  for (const NumberDuty& duty : kNumbers) {
    if (duties.*duty.field != 0) {
      words.push_back(Words(duty, duties.*duty.field));
    }
  }
  if (duties.count_method != CountMethod::kUnset) {
    words.push_back(MethodWords(duties.count_method));
  }
  if (duties.aggregation != Aggregation::kUnset) {
    words.push_back(SeenWords(duties.aggregation));
  }
  if (!duties.notify.empty()) {
    words.push_back("notifies " + NoticeNames(duties.notify));
  }
  if (duties.no_onward_transfer) words.emplace_back("not passed on");
  return words;
}

std::vector<DemandChange> CompareDemands(const Answer& before,
                                         const Answer& after) {
  std::vector<DemandChange> changes;
  CompareApprovals("of the side that asks or sends", before.approvals,
                   after.approvals, changes);
  CompareApprovals("at the holder", before.approvals_at_home,
                   after.approvals_at_home, changes);
  CompareRedactions(before.duties, after.duties, changes);
  CompareNumbers(before.duties, after.duties, changes);
  CompareNotices(before, after, changes);
  CompareCounts(before, after, changes);
  CompareFlags(before, after, changes);
  return changes;
}

Duties Meet(const Duties& a, const Duties& b) {
  const Duties joined = Join(a, b);
  Duties met;
  for (size_t i = 0; i < met.redact.size(); ++i) {
    // The side that the join made coarser, if the two can be compared.
    if (joined.redact[i] == a.redact[i]) {
      met.redact[i] = b.redact[i];
    } else if (joined.redact[i] == b.redact[i]) {
      met.redact[i] = a.redact[i];
    }
  }
  for (const NumberDuty& duty : kNumbers) {
    if (a.*duty.field == b.*duty.field) {
      met.*duty.field = a.*duty.field;
      continue;
    }
    const uint32_t x = duty.In(a);
    const uint32_t y = duty.In(b);
    if (x == 0 || y == 0) continue;
    met.*duty.field = duty.more_is_stricter ? std::min(x, y) : std::max(x, y);
  }
  met.delta_exponent = MetDelta(a, b);
  met.approvals = std::min(a.approvals, b.approvals);
  met.notify = a.notify.Intersect(b.notify);
  met.count_method = std::min(a.count_method, b.count_method);
  met.aggregation = std::min(a.aggregation, b.aggregation);
  met.no_onward_transfer = a.no_onward_transfer && b.no_onward_transfer;
  return met;
}

}  // namespace comity
