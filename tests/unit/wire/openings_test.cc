#include "comity/record/v1/case_record.pb.h"
#include "node/base/error_reason.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace fed = federation::v1;
using Group = FieldGroup;
using testing::IsEmpty;
using testing::SizeIs;

// A packet that commits to the status and the needs of one person.
class OpeningsTest : public testing::Test {
 protected:
  OpeningsTest() {
    record::v1::CaseRecord status;
    status.set_cas_status("Active");
    record::v1::CaseRecord needs;
    needs.add_plans()->set_spl_type("Health");
    Commit({Group::kStatus, std::string(32, 's'), status.SerializeAsString()});
    Commit({Group::kNeeds, std::string(32, 'n'), needs.SerializeAsString()});
  }

  void Commit(FieldOpening opening) {
    auto* field = payload_.mutable_packet()->add_fields();
    field->set_group(static_cast<v1::RecordGroup>(opening.group));
    field->set_commitment(CommitField(
        opening.salt, static_cast<uint8_t>(opening.group), opening.value));
    openings_.push_back(std::move(opening));
  }

  fed::ReferralEventPayload payload_;
  std::vector<FieldOpening> openings_;
};

TEST_F(OpeningsTest, EachOpensItsCommitment) {
  const FieldGroups all = {Group::kStatus, Group::kNeeds};
  EXPECT_EQ(*CheckOpenings(payload_, openings_), all);
}

TEST_F(OpeningsTest, ACommitmentMayStayClosed) {
  EXPECT_EQ(*CheckOpenings(payload_, {openings_[1]}),
            FieldGroups({Group::kNeeds}));
  EXPECT_EQ(*CheckOpenings(payload_, {openings_[0]}),
            FieldGroups({Group::kStatus}));
  EXPECT_TRUE(CheckOpenings(payload_, {})->empty());
  EXPECT_EQ(CarriedGroups(payload_).Values().size(), 2u);
}

TEST_F(OpeningsTest, WhatOpensNoCommitmentIsRefused) {
  const auto refused = FailsWith(ErrorReason::kFieldInvalid);
  EXPECT_THAT(CheckOpenings(payload_, {openings_[1], openings_[0]}), refused);
  EXPECT_THAT(CheckOpenings(payload_, {openings_[0], openings_[0]}), refused);
  std::vector<FieldOpening> changed = openings_;
  changed[1].salt = std::string(32, 'x');
  EXPECT_THAT(CheckOpenings(payload_, changed), refused);
  payload_.clear_packet();
  EXPECT_THAT(CheckOpenings(payload_, {openings_[0]}), refused);
}

TEST_F(OpeningsTest, AGroupIsCommittedToOnce) {
  Commit(openings_[0]);
  EXPECT_THAT(CheckOpenings(payload_, openings_),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(OpeningsTest, GroupsAreClosedInTheirOwnEventAlone) {
  const std::vector<FieldOpening> left =
      WithoutGroups(payload_, {Group::kStatus}, openings_);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].group, Group::kNeeds);
  // The same group as another event of the dossier told it.
  FieldOpening other = openings_[0];
  other.salt = std::string(32, 'o');
  EXPECT_THAT(WithoutGroups(payload_, {Group::kStatus}, {other}), SizeIs(1));
  EXPECT_THAT(WithoutGroups(payload_, CarriedGroups(payload_), openings_),
              IsEmpty());
}

}  // namespace
}  // namespace comity
