#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/node_config.h"
#include "tests/support/rejected_calls_in.h"
#include "tests/support/silent_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;
constexpr absl::Duration kLong = absl::Seconds(60);
constexpr int kServing = 1;
constexpr int kNotServing = 2;

// An operator's call that does not wait for its answer.
struct StatusCall {
  StatusCall(const std::shared_ptr<grpc::Channel>& channel,
             std::function<void(const absl::Status&)> done)
      : stub(ops::AdminService::NewStub(channel)) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(59));
    stub->async()->GetStatus(
        &context, &request, &response,
        [done = std::move(done)](const grpc::Status& status) {
          done(FromGrpc(status));
        });
  }

  std::unique_ptr<ops::AdminService::Stub> stub;
  grpc::ClientContext context;
  ops::GetStatusRequest request;
  ops::GetStatusResponse response;
};

// Niger's node runs for real, over a disk that fails or hangs on demand;
// Nigeria and Togo are written by hand.
class FaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(ne_.Pair(tg_));
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    Restart();
    nigeria_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
    togo_ = std::make_unique<HandmadePartner>(tg_, ne_, clock_);
  }

  // Starts anew, over the same files.
  void Restart() {
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_, FaultyOpener(store_)));
  }

  void Configure(const std::function<void(NodeConfig&)>& change) {
    ASSERT_OK(ChangeConfig(ne_, change));
    Restart();
  }

  absl::Status Ask(absl::Duration timeout = kLong) {
    const Message question = nigeria_->Ask(
        nigeria_->QuestionAbout(std::string(16, 'x')), NewUuid(random_));
    return nigeria_->peer().AskCase(question, timeout).status();
  }
  std::future<absl::Status> AskMeanwhile() {
    return std::async(std::launch::async, [this] { return Ask(); });
  }
  absl::Status Shake(HandmadePartner& partner) {
    return partner.peer()
        .Handshake({1, clock_.Now()}, absl::Seconds(5))
        .status();
  }

  // Asks until `done`, for 20 seconds at most.
  static bool Await(const std::function<bool()>& done) {
    const absl::Time limit = absl::Now() + absl::Seconds(20);
    while (!done()) {
      if (absl::Now() > limit) return false;
    }
    return true;
  }

  int Health(const std::string& service) {
    return HealthOf(ne_.card().endpoints[0], TlsFilesOf(ng_, ne_.card()),
                    service);
  }

  std::vector<std::string> Rejected() {
    return RejectedCallsIn(*store_, "comity/NE");
  }

  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  FaultInjectingStore* store_ = nullptr;  // Niger's
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  TestParticipant tg_{"TG", clock_.Now()};
  std::unique_ptr<HandmadePartner> nigeria_;
  std::unique_ptr<HandmadePartner> togo_;
};

// The system lends a port out while the node that is configured to it is down.
TEST_F(FaultsTest, ANodeWaitsForItsPortWhileAConnectionHoldsIt) {
  const std::string address = ne_.card().endpoints[0];
  ne_.Stop();
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(
      static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  const int holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(holder, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  ASSERT_EQ(bind(holder, reinterpret_cast<sockaddr*>(&where), sizeof(where)),
            0);
  ASSERT_EQ(listen(holder, 1), 0);
  auto started =
      std::async(std::launch::async, [&] { return ne_.Start(clock_); });
  EXPECT_EQ(started.wait_for(std::chrono::milliseconds(200)),
            std::future_status::timeout);
  close(holder);
  EXPECT_OK(started.get());
}

TEST_F(FaultsTest, Law1NoAnswerLeavesWhileTheLogCannotBeWritten) {
  const std::string service = fed::FederationService::service_full_name();
  const uint64_t before = store_->ReadLogHead("comity/NE/NG")->size;
  store_->FailNextCommits(1);
  EXPECT_THAT(Ask(), FailsWith(ErrorReason::kLogUnwritable));
  EXPECT_EQ(store_->ReadLogHead("comity/NE/NG")->size, before);
  store_->FailNextCommits(1000000);
  ne_.Tick();
  EXPECT_EQ(Health(service), kNotServing);
  EXPECT_EQ(Health(""), kNotServing);
  // The disk works again: the node finds out though nobody calls it.
  store_->FailNextCommits(0);
  EXPECT_TRUE(Await([&] {
    ne_.Tick();
    return Health(service) == kServing;
  }));
  EXPECT_OK(Ask());
}

// A node whose disk hangs keeps its callers for 10 seconds of its own clock,
// whatever they ask for, and lets nobody pile up more work than allowed.
TEST_F(FaultsTest, Law12AHangingDiskHoldsNobodyLongerThanTenSeconds) {
  Configure([](NodeConfig& config) { config.max_in_flight_per_partner = 1; });
  store_->HoldCommits(true);
  auto answer = AskMeanwhile();
  // It has arrived when it has taken Nigeria's only place.
  ASSERT_TRUE(Await([&] { return !Shake(*nigeria_).ok(); }));
  EXPECT_THAT(Shake(*nigeria_), FailsWith(ErrorReason::kOverloaded));
  EXPECT_OK(Shake(*togo_));
  clock_.Advance(absl::Milliseconds(9999));
  ne_.Tick();
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(0)),
            std::future_status::timeout);
  clock_.Advance(absl::Milliseconds(1));
  ne_.Tick();
  EXPECT_THAT(answer.get(), FailsWith(ErrorReason::kDeadlineExceeded));
  // The place stays taken until the work is over.
  EXPECT_THAT(Shake(*nigeria_), FailsWith(ErrorReason::kOverloaded));
  store_->HoldCommits(false);
  EXPECT_TRUE(Await([&] { return Shake(*nigeria_).ok(); }));
}

// One thread for operators, over a disk that hangs: 256 calls wait, the others
// are refused at once, and what waited past its deadline does nothing.
TEST_F(FaultsTest, Law12OperatorsCallsWaitInABoundedQueue) {
  Configure([](NodeConfig& config) { config.operator_threads = 1; });
  store_->HoldCommits(true);
  // A connection carries 64 calls at once.
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 6; ++i) {
    CommandContext context;
    context.profile = NodeLayout{ne_.directory()}.Operators() + "/admin-1";
    channels.push_back(*context.Connect());
  }
  std::atomic<int> overloaded = 0;
  std::atomic<int> expired = 0;
  std::atomic<int> answered = 0;
  std::vector<std::unique_ptr<StatusCall>> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back(std::make_unique<StatusCall>(
        channels[static_cast<size_t>(i % 6)], [&](const absl::Status& status) {
          const ErrorReason reason = ReasonOf(status);
          if (reason == ErrorReason::kOverloaded) ++overloaded;
          if (reason == ErrorReason::kDeadlineExceeded) ++expired;
          if (status.ok()) ++answered;
        }));
  }
  EXPECT_TRUE(Await([&] { return overloaded == 300 - 256 - 1; }));
  clock_.Advance(kLong);
  store_->HoldCommits(false);
  EXPECT_TRUE(Await([&] { return overloaded + expired + answered == 300; }));
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(overloaded, 43);
}

TEST_F(FaultsTest, CallsBeforeAnyEvidenceAreOneEntryAMinute) {
  Message broken = nigeria_->Ask(nigeria_->QuestionAbout(std::string(16, 'x')),
                                 NewUuid(random_));
  broken.payload[0] ^= 1;
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(nigeria_->peer().AskCase(broken, kLong),
                FailsWith(ErrorReason::kEvidenceInvalid));
  }
  broken.proof.clear();
  EXPECT_THAT(togo_->peer().AskCase(broken, kLong),
              FailsWith(ErrorReason::kEvidenceMissing));
  CommandContext& coord = ne_.As("ANLTP", Role::kCoordinator, "coord");
  EXPECT_THAT(
      (coord.Call<ops::CaseService, ops::CreateCaseResponse>(
          &ops::CaseService::Stub::CreateCase, ops::CreateCaseRequest())),
      FailsWith(ErrorReason::kFieldMissing));
  clock_.Advance(absl::Seconds(59));
  ne_.Tick();
  EXPECT_THAT(Rejected(), testing::IsEmpty());
  clock_.Advance(absl::Seconds(1));
  ne_.Tick();
  EXPECT_TRUE(Await([&] { return !Rejected().empty(); }));
  EXPECT_THAT(Rejected(), testing::ElementsAre(
                              "federation EVIDENCE_MISSING 1, federation "
                              "EVIDENCE_INVALID 5, operators FIELD_MISSING 1"));
}

TEST_F(FaultsTest, ConnectionsOfUnknownAuthoritiesAreCountedToo) {
  TestParticipant stranger("BJ", clock_.Now());
  HandmadePartner benin(stranger, ne_, clock_);
  EXPECT_FALSE(Shake(benin).ok());
  for (int i = 0; i < 65; ++i) {
    ne_.Tick();
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_TRUE(Await([&] { return !Rejected().empty(); }));
  EXPECT_THAT(Rejected(), testing::ElementsAre(testing::StartsWith(
                              "federation CERTIFICATE_UNKNOWN ")));
}

TEST_F(FaultsTest, AnOrderlyStopWritesWhatWasCounted) {
  Message broken = nigeria_->Ask(nigeria_->QuestionAbout(std::string(16, 'x')),
                                 NewUuid(random_));
  broken.salt[0] ^= 1;
  EXPECT_THAT(nigeria_->peer().AskCase(broken, kLong),
              FailsWith(ErrorReason::kEvidenceInvalid));
  Restart();
  EXPECT_THAT(Rejected(),
              testing::ElementsAre("federation EVIDENCE_INVALID 1"));
}

}  // namespace
}  // namespace comity
