#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/wire/proto_time.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;

constexpr char kClosed[] = R"(schema: "comity.policy.v1"
national {
  node: "NE" revision: 1 title: "Nothing leaves"
  deny { id: "closed" operation: [CASE_QUERY] reason: "Closed." }
})";
constexpr int kOfficers = 4;
constexpr absl::Duration kLoad = absl::Seconds(3);

// Officers of Nigeria's ask without a pause, through both nodes.
class PolicyFlipUnderLoadTest : public BorderTest {
 protected:
  PolicyFlipUnderLoadTest()
      : clock_runs_([this] {
          while (!stop_) {
            absl::SleepFor(absl::Milliseconds(1));
            clock_.Advance(absl::Now() - clock_.Now());
          }
        }) {}
  ~PolicyFlipUnderLoadTest() override {
    stop_ = true;
    for (std::thread& officer : officers_) officer.join();
    clock_runs_.join();
  }

  void AskOn(const ops::Referral& draft) {
    // Made one after the other; each officer has a channel of her own.
    std::vector<CommandContext*> people;
    for (int i = 0; i < kOfficers; ++i) {
      people.push_back(&Coordinator(ng_, "officer-" + std::to_string(i)));
    }
    for (CommandContext* person : people) {
      officers_.emplace_back([this, person, draft] {
        while (!stop_) {
          const auto response =
              As<ops::ReferralService, ops::RequestCaseResponse>(
                  *person, &ops::ReferralService::Stub::RequestCase,
                  StatusQuestion(draft));
          if (response.ok()) ++answered_;
        }
      });
    }
  }

  // Waits until the officers had `count` answers, for a minute at most.
  bool AwaitAnswers(int count) {
    const absl::Time limit = absl::Now() + absl::Minutes(1);
    while (answered_ < count) {
      if (absl::Now() > limit) return false;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return true;
  }

  // When Niger's log says that it decided, by whether it told anything.
  std::map<bool, std::vector<absl::Time>> Decisions() {
    std::map<bool, std::vector<absl::Time>> times;
    CommandContext& auditor = ne_.As("ORG", Role::kAuditor, "auditor");
    ops::ListLogEntriesRequest request;
    request.set_page_size(500);
    do {
      const auto page =
          auditor.Call<ops::AdminService, ops::ListLogEntriesResponse>(
              &ops::AdminService::Stub::ListLogEntries, request);
      EXPECT_OK(page);
      if (!page.ok()) return times;
      for (const ops::LogEntry& entry : page->entries()) {
        if (entry.kind() != "ANSWERED") continue;
        const bool told = absl::StrContains(entry.detail(), "PERMIT");
        EXPECT_TRUE(told || absl::StrContains(entry.detail(), "closed"))
            << entry.detail();
        times[told].push_back(*FromProtoTime(entry.time()));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return times;
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> answered_ = 0;
  std::vector<std::thread> officers_;
  std::thread clock_runs_;
};

TEST_F(PolicyFlipUnderLoadTest,
       ASecondAfterActivationTheOldFileDecidesNothing) {
  Open({{"max_per_day: 200", "max_per_day: 100000"}});
  AskOn(MakeCase("C1", {v1::RECORD_GROUP_STATUS}));
  ASSERT_TRUE(AwaitAnswers(50));
  ASSERT_OK(ne_.ActivateTexts({kClosed}));
  const absl::Time activated = clock_.Now();
  const int before = answered_;
  while (clock_.Now() < activated + kLoad) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  ASSERT_TRUE(AwaitAnswers(before + 50));
  stop_ = true;
  const auto decisions = Decisions();
  ASSERT_GE(decisions.at(true).size(), 50u);
  ASSERT_GE(decisions.at(false).size(), 20u);
  for (const absl::Time time : decisions.at(true)) {
    EXPECT_LE(time, activated + absl::Seconds(1));
  }
}

}  // namespace
}  // namespace comity
