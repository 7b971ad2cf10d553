#include "node/audit/dossier_comparison.h"

#include "node/audit/evidence.h"
#include "node/crypto/random.h"
#include "node/wire/event_wire.h"
#include "node/wire/message_leaf.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace pb = federation::v1;
using testing::ElementsAre;
using testing::IsEmpty;

const ParticipantCode kHolder = *ParticipantCode::Create("NE");
const ParticipantCode kReceiver = *ParticipantCode::Create("NG");

// Two files of one referral, the same to begin with: two events, each with its
// receipt. Whether entries are proved, and events make sense, is for the
// verifier.
class DossierComparisonTest : public testing::Test {
 protected:
  DossierComparisonTest() {
    first_.entries = {Entry(kHolder, ReferralEventKind::kDeparted),
                      Entry(kReceiver, ReferralEventKind::kExpired)};
    second_ = first_;
  }

  DossierEntry Entry(const ParticipantCode& author, ReferralEventKind kind) {
    const ParticipantCode& other = author == kHolder ? kReceiver : kHolder;
    ReferralEvent event{NewUuid(random_), first_.referral_id, author};
    event.sequence = 1;
    event.kind = kind;
    event.role = Role::kCoordinator;
    event.occurred_at = kNow;
    pb::ReferralEventPayload payload;
    payload.set_kind(static_cast<pb::ReferralEventKind>(kind));
    FormatEvent(event, payload);
    DossierEntry entry;
    entry.event = Logged(MessageKind::kEvent, author, other, event.event_id,
                         payload.SerializeAsString());
    entry.receipt = Logged(MessageKind::kReceipt, other, author, event.event_id,
                           "received");
    return entry;
  }
  Message Logged(MessageKind kind, const ParticipantCode& sender,
                 const ParticipantCode& receiver, const Uuid& id,
                 const std::string& payload) {
    return ProvedMessage(MakeMessage(kind, sender, receiver, id, "", kEventType,
                                     payload, kNow, random_),
                         "");
  }
  std::vector<DossierGap> Gaps() {
    const auto differences = CompareDossiers(first_, second_);
    EXPECT_OK(differences);
    std::vector<DossierGap> gaps;
    if (!differences.ok()) return gaps;
    for (const DossierDifference& each : *differences) {
      gaps.push_back(each.gap);
    }
    return gaps;
  }

  const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);
  SystemRandom random_;
  DossierFile first_{NewUuid(random_), {kHolder, kReceiver}, {}};
  DossierFile second_ = first_;
};

TEST_F(DossierComparisonTest, InWhateverOrderTheSameIsTheSame) {
  std::swap(second_.entries[0], second_.entries[1]);
  EXPECT_THAT(Gaps(), IsEmpty());
}

TEST_F(DossierComparisonTest, EachSidesOwnEventsAreListedWithTheirAuthor) {
  first_.entries.push_back(Entry(kHolder, ReferralEventKind::kExpired));
  second_.entries.push_back(Entry(kReceiver, ReferralEventKind::kDeparted));
  EXPECT_THAT(Gaps(),
              ElementsAre(DossierGap::kOnlyFirst, DossierGap::kOnlySecond));
  const auto differences = CompareDossiers(first_, second_);
  ASSERT_OK(differences);
  EXPECT_EQ((*differences)[0].author, kHolder);
  EXPECT_EQ((*differences)[0].kind, ReferralEventKind::kExpired);
  EXPECT_EQ((*differences)[1].author, kReceiver);
}

TEST_F(DossierComparisonTest, AReceiptThatOneSideLacksIsListed) {
  second_.entries[0].receipt.reset();
  EXPECT_THAT(Gaps(), ElementsAre(DossierGap::kReceiptOnlyFirst));
  std::swap(first_, second_);
  EXPECT_THAT(Gaps(), ElementsAre(DossierGap::kReceiptOnlySecond));
}

// Whoever signed two for one.
TEST_F(DossierComparisonTest, AnotherEventOrReceiptOfTheSameIdIsListed) {
  const auto leaf = ParseMessageLeaf(first_.entries[0].event.leaf);
  ASSERT_OK(leaf);
  second_.entries[0].event =
      Logged(MessageKind::kEvent, kHolder, kReceiver, leaf->request_id,
             first_.entries[0].event.payload);
  second_.entries[1].receipt = Logged(MessageKind::kReceipt, kHolder, kReceiver,
                                      leaf->request_id, "received");
  EXPECT_THAT(Gaps(),
              ElementsAre(DossierGap::kOtherEvent, DossierGap::kOtherReceipt));
}

TEST_F(DossierComparisonTest, FilesOfTwoReferralsAreNotCompared) {
  second_.referral_id = NewUuid(random_);
  EXPECT_THAT(CompareDossiers(first_, second_),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
