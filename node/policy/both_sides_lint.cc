#include "node/policy/both_sides_lint.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace comity {
namespace {

// A grant of counts that opens a measure.
struct Opened {
  const Agreement& agreement;
  const Grant& grant;
};

// Codes, and the members of groups at whatever time.
std::set<std::string> Participants(const Agreement& agreement,
                                   const std::vector<std::string>& names) {
  std::set<std::string> participants;
  for (const std::string& name : names) {
    absl::string_view id = name;
    if (!absl::ConsumePrefix(&id, "@")) {
      participants.insert(name);
      continue;
    }
    for (const ParticipantGroup& group : agreement.groups) {
      if (group.id != id) continue;
      for (const Membership& member : group.members) {
        participants.insert(member.participant);
      }
    }
  }
  return participants;
}

std::vector<Opened> Opening(const std::vector<Agreement>& agreements,
                            Measure measure) {
  std::vector<Opened> opened;
  for (const Agreement& agreement : agreements) {
    for (const Grant& grant : agreement.grants) {
      if (std::any_of(grant.tables.begin(), grant.tables.end(),
                      [measure](const TableScope& scope) {
                        return scope.table.measure == measure;
                      })) {
        opened.push_back({agreement, grant});
      }
    }
  }
  return opened;
}

// Whether two states besides the asker count, one what it sent and the other
// what it received. Its own side the asker knows anyway.
bool IsToldOfTwo(const std::string& asker, const std::set<std::string>& senders,
                 const std::set<std::string>& receivers) {
  return std::any_of(
      senders.begin(), senders.end(), [&](const std::string& sender) {
        return sender != asker &&
               std::any_of(receivers.begin(), receivers.end(),
                           [&](const std::string& receiver) {
                             return receiver != asker && receiver != sender;
                           });
      });
}

// Who is told by both grants; empty: nobody.
std::string AskerOfBoth(const Opened& sent, const Opened& received) {
  const auto senders = Participants(sent.agreement, sent.grant.holder);
  const auto receivers =
      Participants(received.agreement, received.grant.holder);
  const auto others = Participants(received.agreement, received.grant.asker);
  for (const std::string& asker :
       Participants(sent.agreement, sent.grant.asker)) {
    if (others.contains(asker) && IsToldOfTwo(asker, senders, receivers)) {
      return asker;
    }
  }
  return "";
}

}  // namespace

// [both-sides-told].
void LintBothSides(const std::vector<Agreement>& agreements,
                   std::vector<LintFinding>& findings) {
  const auto all_sent = Opening(agreements, Measure::kReferrals);
  for (const Opened& received :
       Opening(agreements, Measure::kReferralsReceived)) {
    for (const Opened& sent : all_sent) {
      const std::string asker = AskerOfBoth(sent, received);
      if (asker.empty()) continue;
      findings.push_back(
          {"both-sides-told", received.agreement.file,
           received.grant.places.rule,
           absl::StrCat("grant ", received.grant.id, " tells ", asker,
                        " what was received, and grant ", sent.agreement.id,
                        "/", sent.grant.id,
                        " what was sent: two figures of the same persons, "
                        "whose average is nearer to their count than either"),
           "open one of the two measures, or, where both sides are to be "
           "compared, ask by approvals and a small yearly_budget in a grant of "
           "their own"});
      break;
    }
  }
}

}  // namespace comity
