#include "tests/conformance/store_conformance.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Uuid> Referrals(const std::vector<ReferralChange>& changes) {
  std::vector<Uuid> ids;
  for (const ReferralChange& change : changes) {
    ids.push_back(change.referral_id);
  }
  return ids;
}

TEST_P(StoreConformance, EachChangeOfAReferralIsAStepOfItsSequence) {
  EXPECT_EQ(store_->ReadLastChanges()->referrals, 0u);
  ReferralRow referral{NewUuid(random_), {kPartner, kPartner}};
  EventRow event{
      ReferralEvent{NewUuid(random_), referral.referral_id, kPartner}};
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertReferral(referral); }));
  // A draft tells nothing that is counted.
  EXPECT_THAT(*store_->ReadReferralChanges(0, 9), IsEmpty());
  ASSERT_OK(Write(
      [&](auto& tx) { return tx.InsertEvent(event, ReferralState::kSent); }));
  const auto sent = *store_->ReadReferralChanges(0, 9);
  EXPECT_THAT(Referrals(sent), ElementsAre(referral.referral_id));
  event.receipt_payload = "receipt";
  ASSERT_OK(Write([&](auto& tx) { return tx.PutReceipt(event); }));
  const auto received = *store_->ReadReferralChanges(sent[0].sequence, 9);
  EXPECT_THAT(Referrals(received), ElementsAre(referral.referral_id));
  EXPECT_EQ(store_->ReadLastChanges()->referrals, received[0].sequence);
  EXPECT_THAT(*store_->ReadReferralChanges(received[0].sequence, 9), IsEmpty());
}

TEST_P(StoreConformance, TheLastChangeIsThatOfTheSequence) {
  EXPECT_EQ(store_->ReadLastChanges()->cases, 0u);
  for (const char* reference : {"R1", "R2"}) {
    ASSERT_OK(
        Write([&](auto& tx) { return tx.InsertCase(MakeCase(reference)); }));
  }
  EXPECT_EQ(store_->ReadLastChanges()->cases,
            store_->ReadChanges(0, 9)->back().sequence);
}

TEST_P(StoreConformance, ACaseIsReadToTabulateByThatPermitAlone) {
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  const Permit permit = engine_.PermitTabulation(kPartner, kNow);
  ASSERT_OK_AND_ASSIGN(const StoredCase stored,
                       store_->ReadToTabulate(permit, made.facts.case_id));
  EXPECT_EQ(stored.body, made.body);
  EXPECT_THAT(store_->ReadToTabulate(PermitFor(made.facts), made.facts.case_id),
              FailsWith(ErrorReason::kInternal));
  const auto of_organisation =
      engine_.DecideLocal(CallerForTest(Role::kCaseWorker),
                          LocalOperation::kTableTabulate, nullptr, kNow);
  ASSERT_OK(of_organisation);
  EXPECT_THAT(store_->ReadToTabulate(*of_organisation, made.facts.case_id),
              FailsWith(ErrorReason::kInternal));
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseCase(made.facts.case_id); }));
  EXPECT_THAT(store_->ReadToTabulate(permit, made.facts.case_id),
              FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
