#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// What people of one organisation learn of the cases of another one.
using WhoseCaseTest = BorderTest;

TEST_F(WhoseCaseTest, AnotherOrganisationsCaseLooksLikeNone) {
  Open({});
  MakeCase("C1", {});
  CommandContext& other = ne_.As("NGO", Role::kCaseWorker, "worker");
  const auto look_for = [&](const std::string& reference) {
    ops::GetCaseRequest request;
    request.set_case_id(reference);
    return As<ops::CaseService, ops::GetCaseResponse>(
               other, &ops::CaseService::Stub::GetCase, request)
        .status();
  };
  EXPECT_THAT(look_for("C1"), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(look_for("C1").message(), look_for("C2").message());
}

}  // namespace
}  // namespace comity
