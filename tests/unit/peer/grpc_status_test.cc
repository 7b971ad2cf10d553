#include "node/peer/grpc_status.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// Every reason of the closed list but the one that means none.
std::vector<ErrorReason> AllReasons() {
  std::vector<ErrorReason> reasons;
  for (int i = 1; i <= static_cast<int>(ErrorReason::kInternal); ++i) {
    reasons.push_back(static_cast<ErrorReason>(i));
  }
  return reasons;
}

TEST(GrpcStatusTest, EveryReasonCrossesTheWireWithItsCode) {
  for (const ErrorReason reason : AllReasons()) {
    const absl::Status sent = ReasonError(reason, "what to do");
    const absl::Status received = FromGrpc(ToGrpc(sent));
    EXPECT_THAT(received, FailsWith(reason));
    EXPECT_EQ(received.code(), sent.code()) << ReasonName(reason);
    EXPECT_EQ(ReasonFromName(ReasonName(reason)), reason);
  }
}

TEST(GrpcStatusTest, WhatFailedInsideStaysInside) {
  const grpc::Status sent =
      ToGrpc(ReasonError(ErrorReason::kInternal, "row 17 of table cases"));
  EXPECT_EQ(sent.error_message().find("row 17"), std::string::npos);
  EXPECT_EQ(sent.error_details().find("row 17"), std::string::npos);
  const grpc::Status plain = ToGrpc(absl::InternalError("row 17"));
  EXPECT_EQ(plain.error_message().find("row 17"), std::string::npos);
  EXPECT_THAT(FromGrpc(plain), FailsWith(ErrorReason::kInternal));
}

TEST(GrpcStatusTest, AStatusWithoutDetailsOfOursGetsTheReasonOfItsCode) {
  EXPECT_OK(FromGrpc(grpc::Status::OK));
  EXPECT_THAT(FromGrpc({grpc::StatusCode::UNAVAILABLE, "x"}),
              FailsWith(ErrorReason::kPeerUnreachable));
  EXPECT_THAT(FromGrpc({grpc::StatusCode::DEADLINE_EXCEEDED, "x"}),
              FailsWith(ErrorReason::kDeadlineExceeded));
  EXPECT_THAT(FromGrpc({grpc::StatusCode::UNAUTHENTICATED, "x"}),
              FailsWith(ErrorReason::kCertificateUnknown));
  EXPECT_THAT(FromGrpc({grpc::StatusCode::RESOURCE_EXHAUSTED, "x"}),
              FailsWith(ErrorReason::kOverloaded));
  EXPECT_THAT(FromGrpc({grpc::StatusCode::UNKNOWN, "x", "no details at all"}),
              FailsWith(ErrorReason::kInternal));
}

}  // namespace
}  // namespace comity
