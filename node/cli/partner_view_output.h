#pragma once

#include <string>
#include <vector>

#include "google/protobuf/struct.pb.h"
#include "node/policy/partner_view.h"

namespace comity {

// The matrix of operations and field groups, one row each, the header first;
// groups that nothing tells are left out. Without `utf8` in plain ASCII.
std::vector<std::vector<std::string>> MatrixOf(const PartnerView& view,
                                               bool utf8);
// What the marks of the matrix mean.
std::string LegendOf(bool utf8);
// Under each operation one paragraph for the groups that are told alike.
std::string DetailsOf(const PartnerView& view);

// How long the steps of referrals take between the two.
std::string DeadlinesOf(const PartnerView& view);

google::protobuf::Struct ViewJson(const PartnerView& view);

}  // namespace comity
