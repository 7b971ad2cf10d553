#include "node/service/federation_gate.h"

#include "node/service/case_answer.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class FederationGateTest : public testing::Test {
 protected:
  static ParticipantCode Code(const std::string& text) {
    return *ParticipantCode::Create(text);
  }

  ServiceParts parts_;
  FederationGate gate_{parts_.node};
};

// Law 12.
TEST_F(FederationGateTest, Law12OnePartnerHasSixtyFourPlaces) {
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(gate_.Enter(Code("NG"))) << i;
  EXPECT_FALSE(gate_.Enter(Code("NG")));
  EXPECT_TRUE(gate_.Enter(Code("TG")));
  gate_.Leave(Code("NG"));
  EXPECT_TRUE(gate_.Enter(Code("NG")));
  EXPECT_FALSE(gate_.Enter(Code("NG")));
}

TEST_F(FederationGateTest, Law12AllPartnersTogetherHave256Places) {
  for (const char* code : {"BJ", "GH", "NG", "TG"}) {
    for (int i = 0; i < 64; ++i) EXPECT_TRUE(gate_.Enter(Code(code)));
  }
  EXPECT_FALSE(gate_.Enter(Code("ML")));
  gate_.Leave(Code("BJ"));
  EXPECT_TRUE(gate_.Enter(Code("ML")));
}

// Law 12.
TEST_F(FederationGateTest, Law12WhatACallCostsIsItsPartnersDebt) {
  ASSERT_TRUE(gate_.Enter(Code("NG")));
  gate_.Leave(Code("NG"));
  gate_.Charge(Code("NG"), 1000000);
  EXPECT_FALSE(gate_.Enter(Code("NG")));
  EXPECT_TRUE(gate_.Enter(Code("TG")));
}

// Whatever an answer's size, what leaves is a multiple of its class.
TEST_F(FederationGateTest, PaddingReachesEverySizeClassExactly) {
  for (size_t size = 0; size < 5000; ++size) {
    const size_t padding = PaddingFor(size, 2048).size();
    const size_t length_bytes = padding < 128 ? 1 : padding < 16384 ? 2 : 3;
    EXPECT_EQ((size + 1 + length_bytes + padding) % 2048, 0u) << size;
  }
}

}  // namespace
}  // namespace comity
