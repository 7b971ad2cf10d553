#include "node/wire/event_wire.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class EventWireTest : public testing::Test {
 protected:
  EventWireTest() {
    ReferralEvent event{leaf_.request_id, NewUuid(random_), leaf_.sender};
    event.sequence = 2;
    event.kind = ReferralEventKind::kCorrected;
    event.occurred_at = leaf_.time;
    FormatEvent(event, payload_);
    CommitTo(v1::RECORD_GROUP_CASE_REF);
  }

  // The correction commits to an empty record under this number of a group.
  void CommitTo(int group) {
    auto& fields = *payload_.mutable_correction()->mutable_fields();
    fields.Clear();
    auto* field = fields.Add();
    field->set_group(static_cast<v1::RecordGroup>(group));
    field->set_commitment(CommitField(
        opening_.salt, static_cast<uint8_t>(opening_.group), opening_.value));
  }
  absl::StatusOr<ParsedEvent> Parse() const {
    return ParseEvent(leaf_, payload_.SerializeAsString());
  }

  SystemRandom random_;
  const MessageLeaf leaf_{MessageKind::kEvent,
                          absl::FromUnixSeconds(1790000000),
                          *ParticipantCode::Create("NE"),
                          *ParticipantCode::Create("NG"),
                          NewUuid(random_),
                          std::string(32, '\0'),
                          std::string(32, '\0')};
  const FieldOpening opening_{FieldGroup::kCaseRef, std::string(32, 's'), ""};
  federation::v1::ReferralEventPayload payload_;
};

TEST_F(EventWireTest, ACorrectionIsReadAsItWasWritten) {
  ASSERT_OK_AND_ASSIGN(const ParsedEvent read, Parse());
  EXPECT_EQ(read.event.kind, ReferralEventKind::kCorrected);
  EXPECT_EQ(read.event.sequence, 2u);
  EXPECT_EQ(*CheckOpenings(payload_, {opening_}),
            FieldGroups{FieldGroup::kCaseRef});
}

// 257 ends like 1 in the one byte that is committed to.
TEST_F(EventWireTest, ANumberThatIsNoGroupIsNotTakenForOne) {
  for (const int group : {257, 17, 63, -255}) {
    CommitTo(group);
    EXPECT_THAT(Parse(), FailsWith(ErrorReason::kFieldInvalid)) << group;
    EXPECT_THAT(CheckOpenings(payload_, {opening_}),
                FailsWith(ErrorReason::kFieldInvalid))
        << group;
  }
}

}  // namespace
}  // namespace comity
