#include "node/service/table_notes.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/disclosure/noise_protection.h"
#include "node/disclosure/noise_table.h"
#include "node/disclosure/rank_key.h"
#include "node/disclosure/stated_error.h"
#include "node/domain/measure.h"
#include "node/domain/thousandths.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// Of Gaussian noise: its width, and what it gives away.
std::string GaussianNote(const NoiseTerms& terms) {
  return absl::StrCat(" The noise is Gaussian, sigma ",
                      std::sqrt(static_cast<double>(terms.Width().a)), ": rho ",
                      terms.RhoText(),
                      ", and so epsilon for that delta, as rho + 2 sqrt(rho ",
                      "ln(1 / delta)) is no more (Bun and Steinke 2016).");
}

// What differential privacy tells of a member's figures.
std::string NoiseNote(const NoiseTerms& terms, absl::string_view method) {
  return absl::StrCat(
      "Differential privacy (", MethodFamily(method), "): epsilon ",
      ThousandthsText(terms.epsilon_thousandths),
      terms.IsGaussian()
          ? absl::StrCat(" and delta 1 in 10^", terms.delta_exponent)
          : "",
      " for the whole table, in which one person counts in ", terms.sensitivity,
      " cells at most.", terms.IsGaussian() ? GaussianNote(terms) : "",
      " A member's figure lies within ", terms.error95,
      " of the count in 95 of 100 cases, either way alike, and now and then "
      "further off; each cell has noise of its own in each table, so parts do "
      "not add up. Who has more than three codes of a column counts under "
      "three of them.");
}

// What is known of the figures' error, once for each method.
std::set<std::string> ErrorNotes(const pb::RequestTableResponse& response) {
  std::set<std::string> notes;
  for (const pb::MemberOutcome& member : response.members()) {
    if (!member.has_table()) continue;
    const std::string& method = member.table().method();
    if (method == kRankKeyMethod) {
      notes.insert(absl::StrCat(
          "A member's figure by ", method, " is the number of days at a place ",
          "at most ", kLargestNoise, " from that of the quantile, with a ",
          "standard deviation of ", std::sqrt(kNoiseVariance),
          " places, rounded up to a step of 0 to 7, 10, 14, 21, 30, 45, 60, "
          "90, 120, 180, 270, 365 and whole years; each person has one."));
      continue;
    }
    if (const auto terms = NoiseTerms::Parse(method)) {
      notes.insert(NoiseNote(*terms, method));
      continue;
    }
    const auto error = ErrorOf(method);
    if (!error.has_value()) {
      notes.insert(absl::StrCat("The error of figures by ", method,
                                " is not known here."));
    } else if (error->largest == 0) {
      notes.insert(absl::StrCat("Figures by ", method, " are exact."));
    } else {
      notes.insert(absl::StrCat(
          "A member's figure by ", method, " lies at most ", error->largest,
          " from the count, with a standard deviation of ",
          std::sqrt(error->variance),
          ", either way alike; so parts need not add up to their total."));
    }
  }
  return notes;
}

// What is counted twice, and what is not.
std::vector<std::string> CountingNotes(
    const pb::RequestTableResponse& response) {
  const Measure measure = MeasureNamed(response.measure());
  if (measure == Measure::kPersons) {
    return {
        "A person detected in two states counts in both: these are "
        "detections, not persons."};
  }
  if (measure == Measure::kReferralsReceived) {
    return {
        "A referral is counted here by the state that received it, in the year "
        "and quarter in which it was sent: the other side of what its sender "
        "counts, and never in a sum with that."};
  }
  std::vector<std::string> notes = {
      "A referral is counted by the state that sent it, in the year in which "
      "it was sent, and not by the state that received it: a sum over states "
      "has each once. An event counts once for each referral, whoever wrote "
      "it."};
  if (!QuantileOf(measure).has_value()) {
    notes.emplace_back(
        "A person who was referred again counts again, in one cell of one "
        "state three times at most.");
    return notes;
  }
  notes.push_back(absl::StrCat(
      "The ", MeasureWords(measure),
      ", by nearest rank: the lower one of two in the middle. Only referrals "
      "that have both events are in it, and each person once."));
  notes.emplace_back(
      "Figures of members are not added. For the region stand the smallest and "
      "the largest of them; where all members show theirs, that of all "
      "together lies about between the two. A column of bands of the same time "
      "can be added.");
  return notes;
}

}  // namespace

void AddReadingNotes(pb::RequestTableResponse& response) {
  auto& notes = *response.mutable_notes();
  int answered = 0;
  for (const pb::MemberOutcome& member : response.members()) {
    if (member.has_table()) ++answered;
  }
  *notes.Add() = absl::StrCat(answered, " of ", response.members_size(),
                              " members answered.");
  for (const std::string& note : CountingNotes(response)) *notes.Add() = note;
  *notes.Add() =
      "A cell without a figure is zero, few, or hidden to protect another; the "
      "three look alike. A member that does not collect a column gives no "
      "table at all.";
  if (!QuantileOf(MeasureNamed(response.measure())).has_value()) {
    *notes.Add() =
        "Where a member gives no figure, the sum over the others is a lower "
        "bound.";
  }
  for (const std::string& note : ErrorNotes(response)) *notes.Add() = note;
}

}  // namespace comity
