#include "tests/conformance/store_conformance.h"

namespace comity {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST_P(StoreConformance, AnApprovalRequestStandsUntilItExpires) {
  ApprovalRequest request{NewUuid(random_), ApprovalMatter::kAnswerPartner,
                          kPartner, std::string(32, 'k')};
  request.groups = {FieldGroup::kIdentity, FieldGroup::kStatus};
  request.needed = 2;
  request.created_at = kNow;
  request.expires_at = kNow + absl::Hours(72);
  ASSERT_OK(Write([&](auto& tx) {
    EXPECT_OK(tx.InsertApprovalRequest(request));
    return tx.InsertApproval(request.id, {"ANLTP/a", kNow});
  }));
  EXPECT_THAT(Write([&](auto& tx) {
                return tx.InsertApproval(request.id, {"ANLTP/a", kNow});
              }),
              FailsWith(ErrorReason::kAlreadyExists));
  const absl::Time last = request.expires_at - absl::Seconds(1);
  ASSERT_THAT(*store_->ListApprovalRequests(last, 9), SizeIs(1));
  EXPECT_EQ(*store_->CountApprovalRequests(kPartner, last), 1u);
  EXPECT_THAT(*store_->ListApprovalRequests(request.expires_at, 9), IsEmpty());
  request.used_by = NewUuid(random_);
  ASSERT_OK(Write([&](auto& tx) { return tx.UpdateApprovalRequest(request); }));
  EXPECT_THAT(*store_->ListApprovalRequests(last, 9), IsEmpty());
  const auto found =
      store_->FindApprovalRequest(request.key, request.used_by, last);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->used_by, request.used_by);
  EXPECT_EQ((*found)->groups, request.groups);
  ASSERT_THAT((*found)->approvals, SizeIs(1));
  EXPECT_EQ((*found)->approvals[0].by, "ANLTP/a");
  EXPECT_FALSE(store_
                   ->FindApprovalRequest(request.key, request.used_by,
                                         request.expires_at)
                   ->has_value());
  EXPECT_FALSE(store_->FindApprovalRequest(request.key, NewUuid(random_), last)
                   ->has_value());
  ASSERT_OK(Write([&](auto& tx) {
    return tx.DeleteOversightBefore(request.expires_at + absl::Hours(1));
  }));
  EXPECT_THAT(store_->ReadApprovalRequest(request.id),
              FailsWith(ErrorReason::kNotFound));
}

TEST_P(StoreConformance, ANewerApprovalRequestHidesNoneThatCounts) {
  const auto insert = [&](const std::string& approved_by) {
    ApprovalRequest request{NewUuid(random_), ApprovalMatter::kAskTable,
                            kPartner, std::string(32, 'k')};
    request.needed = 1;
    request.about = "table of 2018";
    request.created_at = kNow;
    request.expires_at = kNow + absl::Hours(72);
    EXPECT_OK(Write([&](auto& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.InsertApprovalRequest(request));
      if (approved_by.empty()) return absl::OkStatus();
      return tx.InsertApproval(request.id, {approved_by, kNow});
    }));
    return request;
  };
  const auto found = [&](const Uuid& message) {
    return (*store_->FindApprovalRequest(std::string(32, 'k'), message, kNow))
        ->id;
  };
  const Uuid other = NewUuid(random_);
  ApprovalRequest used = insert("ANLTP/a");
  used.used_by = NewUuid(random_);
  ApprovalRequest approved = insert("ANLTP/b");
  ApprovalRequest open = insert("");
  ASSERT_OK(Write([&](auto& tx) { return tx.UpdateApprovalRequest(used); }));
  EXPECT_EQ(found(used.used_by), used.id);
  EXPECT_EQ(found(other), approved.id);
  open.declined_by = "ANLTP/c";
  ASSERT_OK(Write([&](auto& tx) { return tx.UpdateApprovalRequest(open); }));
  const ApprovalRequest newest = insert("ANLTP/d");
  EXPECT_EQ(found(other), open.id);
  EXPECT_EQ(store_->ReadApprovalRequest(newest.id)->about, "table of 2018");
}

TEST_P(StoreConformance, ARefusedActivationIsSettledByTheNextFile) {
  EXPECT_THAT(*store_->ListRefusedActivations(9), IsEmpty());
  const auto refuse = [&](const std::string& why) {
    return Write([&](auto& tx) {
      return tx.InsertRefusedActivation({kNow, "ORG/admin", why});
    });
  };
  ASSERT_OK(refuse("first"));
  PolicyRow row{"national", "", 1, std::string(32, 'd')};
  row.text = "text";
  row.activated_at = row.effective_at = kNow;
  ASSERT_OK(Write([&](auto& tx) { return tx.PutPolicy(row); }));
  ASSERT_OK(refuse("second"));
  const auto list = *store_->ListRefusedActivations(9);
  ASSERT_THAT(list, SizeIs(2));
  EXPECT_EQ(list[0].why, "second");
  EXPECT_EQ(list[0].by, "ORG/admin");
  EXPECT_EQ(list[0].at, kNow);
  EXPECT_FALSE(list[0].settled);
  EXPECT_TRUE(list[1].settled);
  EXPECT_THAT(*store_->ListRefusedActivations(1), SizeIs(1));
}

TEST_P(StoreConformance, ADecoyIsTheFactsOfSomeCase) {
  EXPECT_THAT(store_->ReadDecoyFacts(NewUuid(random_)),
              FailsWith(ErrorReason::kNotFound));
  const NewCase made = MakeCase("R1");
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  for (int i = 0; i < 8; ++i) {
    const auto facts = store_->ReadDecoyFacts(NewUuid(random_));
    ASSERT_OK(facts);
    EXPECT_EQ(facts->case_id, made.facts.case_id);
  }
}

TEST_P(StoreConformance, AVersionIsToldAsItsFactsTellIt) {
  const NewCase made = MakeCase("R1");
  const Uuid id = made.facts.case_id;
  EXPECT_THAT(store_->ReadVersion(id), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(store_->ReadDecoyVersion(id), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Write([&](auto& tx) { return tx.InsertCase(made); }));
  EXPECT_EQ(*store_->ReadVersion(id), 1u);
  ASSERT_OK(Write([&](auto& tx) {
    return tx.PutScreening(id, DangerScreening{kNow, "ORG/person"});
  }));
  EXPECT_EQ(*store_->ReadVersion(id), 2u);
  EXPECT_EQ(*store_->ReadVersion(id), store_->ReadFacts(id)->version);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(*store_->ReadDecoyVersion(NewUuid(random_)), 2u);
  }
  ASSERT_OK(Write([&](auto& tx) { return tx.EraseCase(id); }));
  EXPECT_THAT(store_->ReadVersion(id), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(store_->ReadDecoyVersion(id), FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
