#include "node/service/identified_callers.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace comity {
namespace {

Caller NodeOf(const std::string& code) {
  return {*ParticipantCode::Create(code), true, "", Role::kUnset, "", ""};
}

TEST(IdentifiedCallersTest, Law12CertificatesOfOneTakeNobodyElsesPlace) {
  IdentifiedCallers callers;
  callers.Keep("togo's", NodeOf("TG"));
  size_t kept = 0;
  for (int i = 0; i < 5000; ++i) {
    callers.Keep(absl::StrCat("nigeria's ", i), NodeOf("NG"));
    ASSERT_TRUE(callers.Find(absl::StrCat("nigeria's ", i)).has_value()) << i;
  }
  for (int i = 0; i < 5000; ++i) {
    kept += callers.Find(absl::StrCat("nigeria's ", i)).has_value() ? 1 : 0;
  }
  EXPECT_LE(kept, IdentifiedCallers::kMostOfOne);
  ASSERT_TRUE(callers.Find("togo's").has_value());
  EXPECT_EQ(callers.Find("togo's")->participant.text(), "TG");
  callers.Keep("mali's", NodeOf("ML"));
  EXPECT_TRUE(callers.Find("mali's").has_value());
}

TEST(IdentifiedCallersTest, ACertificateThatIsKeptTwiceIsOne) {
  IdentifiedCallers callers;
  callers.Keep("first", NodeOf("NG"));
  for (size_t i = 0; i < IdentifiedCallers::kMostOfOne; ++i) {
    callers.Keep("second", NodeOf("NG"));
  }
  EXPECT_TRUE(callers.Find("first").has_value());
  callers.Clear();
  EXPECT_FALSE(callers.Find("first").has_value());
}

TEST(IdentifiedCallersTest, WhatIsLongerThanAnHonestChainIsNotKept) {
  IdentifiedCallers callers;
  const std::string longest(IdentifiedCallers::kLongest, 'x');
  callers.Keep(longest, NodeOf("NG"));
  callers.Keep(longest + "x", NodeOf("NG"));
  EXPECT_TRUE(callers.Find(longest).has_value());
  EXPECT_FALSE(callers.Find(longest + "x").has_value());
}

}  // namespace
}  // namespace comity
