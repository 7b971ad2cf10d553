#pragma once

#include <functional>
#include <memory>
#include <string>

#include "node/store/open_store.h"
#include "tests/support/permits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {

// Opens a store of one backend in a directory.
struct Backend {
  const char* name;
  std::function<absl::StatusOr<std::unique_ptr<Store>>(
      const TestDirectory&, const SecretBytes&, RandomSource&)>
      open;
};

// What every backend must do. A backend joins with one line at the end.
class StoreConformance : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    auto opened = GetParam().open(directory_, key_, random_);
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }

  absl::Status Write(
      const std::function<absl::Status(StoreTransaction&)>& body) {
    return store_->Transact(body);
  }

  NewCase MakeCase(const std::string& reference,
                   const std::string& organisation = "ANLTP") {
    NewCase made;
    made.facts.case_id = NewUuid(random_);
    made.facts.owner = organisation + "/tester";
    made.facts.organisation = organisation;
    made.facts.screening = DangerScreening{kNow, "ANLTP/x", false, {}, false};
    made.facts.age = AgeClass::kAdult;
    made.facts.origin_countries = {"NG"};
    made.body = "body of " + reference;
    made.terms = {{IndexKind::kLocalReference, reference},
                  {IndexKind::kFamilyName, "FAMILY"}};
    return made;
  }

  Permit PermitFor(const CaseFacts& facts) const {
    return *engine_.DecideLocal(CallerForTest(Role::kCoordinator),
                                LocalOperation::kCaseRead, &facts, kNow);
  }
  absl::StatusOr<std::vector<StoredCase>> List(Role role,
                                               const std::string& organisation,
                                               const Uuid& after) const {
    return store_->ListCases(
        *engine_.DecideLocal(CallerForTest(role, organisation),
                             LocalOperation::kCaseRead, nullptr, kNow),
        after, 10);
  }

  const absl::Time kNow = absl::FromUnixSeconds(1790000000);
  const ParticipantCode kPartner = *ParticipantCode::Create("NG");
  TestDirectory directory_;
  SecretBytes key_{std::string(32, 'k')};
  SystemRandom random_;
  PolicyEngine engine_ = EngineForTest();
  std::unique_ptr<Store> store_;
};

}  // namespace comity
