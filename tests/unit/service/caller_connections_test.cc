#include "node/service/caller_connections.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

constexpr auto kOrigin = CallOrigin::kFederation;

TEST(CallerConnectionsTest, ALargeAnswerExplainsItsAcknowledgement) {
  CallerConnections connections;
  connections.Explain(kOrigin, "here", 1000);
  EXPECT_EQ(connections.BytesOf(kOrigin, "here"), 1000 + kCallOverhead);
  connections.ExplainAnswer(kOrigin, "here", kLargeAnswer);
  EXPECT_EQ(connections.BytesOf(kOrigin, "here"), 1000 + kCallOverhead);
  connections.ExplainAnswer(kOrigin, "here", 512 << 10);
  EXPECT_EQ(connections.BytesOf(kOrigin, "here"), 1000 + kCallOverhead + 4096);
}

TEST(CallerConnectionsTest, AnAnswerToAConnectionThatEndedLeavesNothing) {
  CallerConnections connections;
  connections.Explain(kOrigin, "here", 1);
  connections.Forget(kOrigin, {"here"});
  connections.ExplainAnswer(kOrigin, "here", 512 << 10);
  EXPECT_EQ(connections.BytesOf(kOrigin, "here"), 0u);
}

}  // namespace
}  // namespace comity
