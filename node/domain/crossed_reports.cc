#include "node/domain/crossed_reports.h"

#include <algorithm>
#include <map>

namespace comity {
namespace {

using Kind = ReferralEventKind;

// Everything that the author of each event had seen; `ordered` has parents
// before children.
std::map<Uuid, std::set<Uuid>> PastsOf(
    const std::vector<ReferralEvent>& ordered) {
  std::map<Uuid, std::set<Uuid>> pasts;
  for (const ReferralEvent& event : ordered) {
    std::set<Uuid>& past = pasts[event.event_id];
    for (const Uuid& parent : event.parents) {
      past.insert(parent);
      const std::set<Uuid>& before = pasts[parent];
      past.insert(before.begin(), before.end());
    }
  }
  return pasts;
}

std::vector<Uuid> IdsOf(const std::vector<ReferralEvent>& events, Kind kind) {
  std::vector<Uuid> ids;
  for (const ReferralEvent& event : events) {
    if (event.kind == kind) ids.push_back(event.event_id);
  }
  return ids;
}

}  // namespace

std::set<Uuid> CrossedReports(const std::vector<ReferralEvent>& ordered) {
  std::set<Uuid> crossed;
  const std::vector<Uuid> stops = IdsOf(ordered, Kind::kFollowUpStopped);
  if (stops.empty()) return crossed;
  const std::map<Uuid, std::set<Uuid>> pasts = PastsOf(ordered);
  for (const Uuid& report : IdsOf(ordered, Kind::kFollowUp)) {
    const bool any =
        std::any_of(stops.begin(), stops.end(), [&](const Uuid& stop) {
          return !pasts.at(stop).contains(report) &&
                 !pasts.at(report).contains(stop);
        });
    if (any) crossed.insert(report);
  }
  return crossed;
}

}  // namespace comity
