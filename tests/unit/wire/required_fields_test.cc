#include "node/wire/required_fields.h"

#include "comity/operators/v1/consent_service.pb.h"
#include "comity/operators/v1/referral_service.pb.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;

constexpr char kUuid[] = "0190c1a0-0000-4000-8000-000000000001";

TEST(RequiredFieldsTest, AMissingFieldIsNamed) {
  EXPECT_THAT(CheckRequiredFields(ops::GetReferralRequest()).message(),
              HasSubstr("referral_id of GetReferralRequest must be set"));
}

TEST(RequiredFieldsTest, AnIdentifierOfAnotherFormIsNamed) {
  ops::GetReferralRequest request;
  request.set_referral_id("R-17");
  const absl::Status refused = CheckRequiredFields(request);
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kFieldInvalid);
  EXPECT_THAT(refused.message(),
              HasSubstr("the field referral_id of GetReferralRequest must be a "
                        "UUID of 36 characters"));
  request.set_referral_id(kUuid);
  EXPECT_OK(CheckRequiredFields(request));
}

}  // namespace
}  // namespace comity
