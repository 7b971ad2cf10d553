#include "node/wire/enum_code.h"

#include "comity/federation/v1/referral.pb.h"
#include "node/wire/service_code.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

const auto& kReasons = *federation::v1::DeclineReason_descriptor();

TEST(EnumCodeTest, EveryValueIsReadAsItIsWritten) {
  for (int i = 1; i < kReasons.value_count(); ++i) {
    const int number = kReasons.value(i)->number();
    const std::string code = EnumCode(kReasons, number);
    EXPECT_NE(code, "");
    EXPECT_EQ(*ParseEnumCode(kReasons, code), number);
  }
  EXPECT_EQ(EnumCode(kReasons, federation::v1::DECLINE_REASON_NO_CAPACITY),
            "NO_CAPACITY");
}

TEST(EnumCodeTest, WhatIsNoCodeIsNamedWithThoseThereAre) {
  for (const char* wrong : {"UNSPECIFIED", "no_capacity", "BED"}) {
    const auto refused = ParseEnumCode(kReasons, wrong);
    ASSERT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
    EXPECT_THAT(std::string(refused.status().message()),
                HasSubstr("NO_CAPACITY, UNSAFE"));
  }
  EXPECT_EQ(EnumCode(kReasons, 0), "");
  EXPECT_EQ(EnumCode(kReasons, 99), "");
}

TEST(ServiceCodeTest, AServiceIsReadInAnySpellingOfItsCode) {
  EXPECT_EQ(*ServiceCode("health"), "Health");
  const auto refused = ServiceCode("Magic");
  ASSERT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("Legal"));
}

}  // namespace
}  // namespace comity
