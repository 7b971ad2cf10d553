#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "node/policy/policy_engine.h"
#include "node/service/node_context.h"

namespace comity {

// What a packet that waits says of it while no revision of its agreement is in
// force, in the place of SENT.
inline constexpr absl::string_view kLapsed = "LAPSED";

// The agreement that `packet` cites: of the files here, or of those that once
// were in force here. nullopt if it never was.
std::optional<Agreement> CitedAgreement(const PolicyReader& store,
                                        const PolicyEngine& engine,
                                        const RequestFacts& packet);

// The digest of the revision that a packet is decided under at either side: of
// the one that `packet` cites, while that is in force; else, if that one was in
// force here once, of the last of its id. Empty while none is in force.
std::string RevisionInForce(const PolicyReader& store,
                            const PolicyEngine& engine,
                            const RequestFacts& packet);

// Whether the packet of a referral has none.
bool IsLapsed(const PolicyReader& store, const PolicyEngine& engine,
              const ReferralRow& row, absl::Time now);

}  // namespace comity
