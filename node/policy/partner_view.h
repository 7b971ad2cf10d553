#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/domain/referral_terms.h"
#include "node/policy/fact_axes.h"
#include "node/policy/fact_space.h"
#include "node/policy/holder_policies.h"

namespace comity {

// Whether a partner can be told something.
enum class Reach : uint8_t {
  kNever,   // whatever the request says and the record is
  kWhen,    // if conditions on the record hold, or an emergency is declared
  kAlways,  // for some request, whatever the record is
};
// "never", "when", "always".
const char* Name(Reach reach);

// What one partner can be told of one field group by one operation. Duties of
// the least and of the most demanding request that is answered.
struct ViewCell {
  Reach reach = Reach::kNever;
  bool only_in_emergency = true;
  Duties least;
  Duties most;
  uint32_t approvals_least = 0;  // of both sides together
  uint32_t approvals_most = 0;
  EnumSet<Role> roles;
  EnumSet<Purpose> purposes;
  EnumSet<LegalBasis> bases;
  // For each fact of the record that decides, the values with which there can
  // be an answer: "consent is GIVEN".
  std::vector<std::string> conditions;
  // The tables of counts, the widest of them: "by age_group, sex".
  std::string tables;
  std::set<std::string> rules;     // that release, or add duties
  std::set<std::string> refusing;  // denials that can refuse
};

// How long the steps of referrals take under one agreement.
struct ViewDeadlines {
  std::string agreement;  // its id
  ReferralDeadlines deadlines;
};

// By operation, then by field group; group 0 stands for an answer that holds no
// field, such as counts.
struct PartnerView {
  std::string holder;
  std::string asker;
  absl::Time at;
  std::map<Operation, std::array<ViewCell, kFieldGroupCount>> rows;
  size_t classes = 0;
  // Of the agreements that the two share and that grant referrals.
  std::vector<ViewDeadlines> deadlines = {};
};

// Everything that `asker` can ask of `holder` at `at`, from the enumerated
// space. The built-in danger flags, which come before every file, can refuse
// each of it. NOT_FOUND if the two share no agreement; MESSAGE_TOO_LARGE as
// FactSpace says.
absl::StatusOr<PartnerView> ViewPartner(const HolderPolicies& policies,
                                        const std::string& holder,
                                        const std::string& asker,
                                        absl::Time at);

}  // namespace comity
