#include "tests/conformance/store_conformance.h"

namespace comity {
namespace {

constexpr const char* kCounter = "c";
constexpr const char* kWindow = "2026";

TEST_P(StoreConformance, WhatIsReadAtOnceIsOneCommittedState) {
  const auto charge = [&] {
    return Write([](auto& tx) {
      return tx.ChargeCounter(kCounter, kWindow, 1).status();
    });
  };
  ASSERT_OK(charge());
  ASSERT_OK(store_->ReadAtOnce([&](const StoreReader& reader) {
    EXPECT_EQ(*reader.ReadCounter(kCounter, kWindow), 1u);
    EXPECT_OK(charge());
    // Others see what was committed meanwhile.
    EXPECT_EQ(*store_->ReadCounter(kCounter, kWindow), 2u);
    EXPECT_EQ(*reader.ReadCounter(kCounter, kWindow), 1u);
    return absl::OkStatus();
  }));
  ASSERT_OK(store_->ReadAtOnce([&](const StoreReader& reader) {
    EXPECT_EQ(*reader.ReadCounter(kCounter, kWindow), 2u);
    return absl::OkStatus();
  }));
}

TEST_P(StoreConformance, AfterAReadingThatFailedTheNextSeesTheNewestState) {
  const NewCase made = MakeCase("R1");
  EXPECT_THAT(store_->ReadAtOnce([&](const StoreReader& reader) {
    return reader.ReadFacts(made.facts.case_id).status();
  }),
              FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  EXPECT_OK(store_->ReadFacts(made.facts.case_id));
  EXPECT_OK(store_->ReadAtOnce([&](const StoreReader& reader) {
    return reader.ReadFacts(made.facts.case_id).status();
  }));
  // Nothing reads any more.
  EXPECT_OK(store_->ForgetDeleted());
}

// However long somebody computes on what was read: a table may take minutes.
TEST_P(StoreConformance, Law5AReadingThatLastsHoldsErasureBackOnceAlone) {
  const NewCase made = MakeCase("R2");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  const auto read = [&](const StoreReader& reader) {
    return reader.ReadFacts(made.facts.case_id).status();
  };
  EXPECT_OK(store_->ReadAtOnce([&](const StoreReader& reader) {
    EXPECT_OK(read(reader));
    EXPECT_OK(Write([](auto& tx) {
      return tx.ChargeCounter(kCounter, kWindow, 1).status();
    }));
    EXPECT_THAT(store_->ForgetDeleted(),
                FailsWith(ErrorReason::kStoreUnavailable));
    // It goes on for as long as nobody has waited for it twice.
    EXPECT_OK(read(reader));
    EXPECT_OK(store_->ForgetDeleted());
    EXPECT_THAT(read(reader), FailsWith(ErrorReason::kStoreUnavailable));
    EXPECT_OK(read(*store_));
    return absl::OkStatus();
  }));
  // The next one, over the same connection, is not ended with it.
  EXPECT_OK(store_->ReadAtOnce(read));
}

TEST_P(StoreConformance, ReferralsAreFoundByWhatSheIsCalledInThem) {
  const Uuid name = NewUuid(random_);
  ReferralRow first{NewUuid(random_), {kPartner, kPartner}};
  ReferralRow other{NewUuid(random_), {kPartner, kPartner}};
  ReferralRow second{NewUuid(random_), {kPartner, kPartner}};
  first.pseudonym = second.pseudonym = name;
  for (const ReferralRow& each : {first, other, second}) {
    ASSERT_OK(Write([&](auto& tx) { return tx.InsertReferral(each); }));
  }
  const auto found = store_->ListReferralsUnder(name);
  ASSERT_OK(found);
  ASSERT_THAT(*found, testing::SizeIs(2));
  EXPECT_EQ((*found)[0].referral_id, first.referral_id);
  EXPECT_EQ((*found)[1].referral_id, second.referral_id);
  EXPECT_THAT(*store_->ListReferralsUnder(NewUuid(random_)),
              testing::IsEmpty());
}

}  // namespace
}  // namespace comity
