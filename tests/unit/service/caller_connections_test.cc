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

TEST(CallerConnectionsTest, ThoseThatPresentOneCertificateGoAlone) {
  CallerConnections connections;
  connections.Saw(kOrigin, "stolen", "NG", "old");
  connections.Saw(kOrigin, "good", "NG", "new");
  connections.Saw(CallOrigin::kOperators, "other", "NG", "old");
  const auto taken = connections.TakePresenting(
      kOrigin, [](const std::string& caller, const std::string& certificate) {
        return caller == "NG" && certificate == "old";
      });
  EXPECT_EQ(taken, CallerConnections::Addresses{"stolen"});
  EXPECT_EQ(connections.CallerOf(kOrigin, "stolen"), "");
  EXPECT_EQ(connections.CallerOf(kOrigin, "good"), "NG");
  EXPECT_EQ(connections.CallerOf(CallOrigin::kOperators, "other"), "NG");
}

}  // namespace
}  // namespace comity
