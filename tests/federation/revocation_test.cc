#include <future>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"
#include "tests/support/faulty_opener.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// A coordinator of Niger's loses her computer.
class RevocationTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_, FaultyOpener(store_)));
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  }

  absl::Status Revoke(const std::string& name) {
    return RevokeOperator(ne_.directory(), name, clock_.Now());
  }
  absl::Status ShowAs(CommandContext& person) {
    ops::GetReferralRequest request;
    request.set_referral_id(draft_.referral_id());
    return As<ops::ReferralService, ops::GetReferralResponse>(
               person, &ops::ReferralService::Stub::GetReferral, request)
        .status();
  }
  bool IsOpen(CommandContext& person) {
    return (*person.Connect())->GetState(false) == GRPC_CHANNEL_READY;
  }

  FaultInjectingStore* store_ = nullptr;  // Niger's
  ops::Referral draft_;
  CommandContext& stolen_ = ne_.As("ORG", Role::kCoordinator, "coord");
  CommandContext& other_ = ne_.As("ORG", Role::kCoordinator, "clearer");
};

TEST_F(RevocationTest, TheNextCallIsRefusedOnTheOpenConnection) {
  ASSERT_OK(ShowAs(stolen_));
  ASSERT_OK(ShowAs(other_));
  ASSERT_OK(Revoke("ORG/coord"));
  EXPECT_THAT(ShowAs(stolen_), FailsWith(ErrorReason::kCertificateRevoked));
  EXPECT_OK(ShowAs(other_));
}

TEST_F(RevocationTest, TheOpenConnectionIsCutAndNoOtherOne) {
  ASSERT_OK(ShowAs(stolen_));
  ASSERT_OK(ShowAs(other_));
  ASSERT_TRUE(IsOpen(stolen_));
  ne_.Tick();
  EXPECT_TRUE(IsOpen(stolen_));
  ASSERT_OK(Revoke("ORG/coord"));
  ne_.Tick();
  const absl::Time cut = absl::Now();
  while (IsOpen(stolen_)) ASSERT_LT(absl::Now() - cut, absl::Seconds(1));
  EXPECT_TRUE(IsOpen(other_));
  // She comes no further than the handshake.
  EXPECT_FALSE(ShowAs(stolen_).ok());
  EXPECT_OK(ShowAs(other_));
}

TEST_F(RevocationTest, ACallThatRunsTellsNothingAnyMore) {
  store_->HoldCommits(true);
  auto answer = std::async(std::launch::async, [&] { return ShowAs(stolen_); });
  // It waits for its entry in the log.
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(300)),
            std::future_status::timeout);
  ASSERT_OK(Revoke("ORG/coord"));
  store_->HoldCommits(false);
  EXPECT_THAT(answer.get(), FailsWith(ErrorReason::kCertificateRevoked));
}

TEST_F(RevocationTest, ARestartForgetsNoRevocationAndNotesNoneTwice) {
  ASSERT_OK(Revoke("ORG/coord"));
  ne_.Tick();
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ne_.Tick();
  EXPECT_FALSE(ShowAs(stolen_).ok());
  ops::ListLogEntriesRequest request;
  request.set_page_size(500);
  const auto entries = As<Admin, ops::ListLogEntriesResponse>(
      ne_.As("ORG", Role::kAuditor, "audit"), &Admin::Stub::ListLogEntries,
      request);
  ASSERT_OK(entries);
  int noted = 0;
  for (const ops::LogEntry& entry : entries->entries()) {
    noted += entry.detail().find("certificates revoked of ORG/coord") !=
                     std::string::npos
                 ? 1
                 : 0;
  }
  EXPECT_EQ(noted, 1);
}

TEST_F(RevocationTest, ANewCertificateIsAdmittedAndTheOldOneStaysOut) {
  const NodeLayout layout{ne_.directory()};
  const std::string profile = layout.Operators() + "/coord";
  const std::string old_chain = *ReadPublicFile(profile + "/certificate.pem");
  const SecretBytes old_key = *ReadPrivateFile(profile + "/key.pem");
  SystemRandom random;
  // TLS reads the machine's clock, and the new certificate begins a second
  // after the old ones ended.
  ASSERT_OK(RevokeOperator(ne_.directory(), "ORG/coord",
                           clock_.Now() - absl::Seconds(2)));
  ASSERT_OK(RenewOperator(ne_.directory(), "coord", clock_.Now(), random));
  CommandContext renewed;
  renewed.profile = profile;
  EXPECT_OK(ShowAs(renewed));
  ASSERT_OK(WritePublicFile(profile + "/certificate.pem", old_chain));
  ASSERT_OK(WritePrivateFile(profile + "/key.pem", old_key.Expose()));
  CommandContext thief;
  thief.profile = profile;
  EXPECT_FALSE(ShowAs(thief).ok());
}

TEST_F(RevocationTest, OnlyANameOfTheLogIsRevoked) {
  for (const char* name : {"coord", "", "ORG/", "ORG/coord/x", "O G/coord"}) {
    EXPECT_THAT(Revoke(name), FailsWith(ErrorReason::kFieldInvalid)) << name;
  }
  EXPECT_OK(ShowAs(stolen_));
}

}  // namespace
}  // namespace comity
