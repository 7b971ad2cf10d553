#include "absl/strings/str_replace.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/wire/policy_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// Niger's node runs for real and has published 2018; the commission's questions
// are written by hand, so that the very answers can be compared.
class TableAnswersTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ecowas_));
    ASSERT_OK(ne_.Activate({"local/ne.textproto"}));
    AllowCells(20000);
    for (int i = 0; i < 12; ++i) AddCase("female");
    for (int i = 0; i < 11; ++i) AddCase("male");
    Publish();
    Restart();
    commission_ = std::make_unique<HandmadePartner>(ecowas_, ne_, clock_);
  }

  void Restart() {
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
  }

  // Puts the ready agreement in force with another yearly budget.
  void AllowCells(int budget) {
    const std::string text = absl::StrReplaceAll(
        ReadyPolicy("agreements/ecowas-counts.textproto"),
        {{"yearly_budget: 20000", "yearly_budget: " + std::to_string(budget)},
         {"revision: 1", "revision: " + std::to_string(++revision_)}});
    digest_ = LoadPolicyFile("a", text).body->digest;
    ASSERT_OK(ne_.ActivateTexts({text}));
  }

  template <typename Response, typename Service, typename Method,
            typename Request>
  Response Call(const std::string& person, Role role, Method method,
                Request request) {
    CommandContext& context = ne_.As("ANLTP", role, person);
    request.set_request_id(context.NewRequestId());
    const auto response = context.Call<Service, Response>(method, request);
    EXPECT_OK(response);
    return response.ok() ? *response : Response();
  }

  void AddCase(const std::string& sex, const std::string& age_class = "") {
    ops::CreateCaseRequest request;
    auto* record = request.mutable_record();
    record->set_x_local_reference("C" + std::to_string(++cases_));
    record->set_x_sex(sex);
    if (!age_class.empty()) record->set_x_age_class(age_class);
    record->set_x_registered_on("2018-03-04");
    request.mutable_screening();
    Call<ops::CreateCaseResponse, ops::CaseService>(
        "coord", Role::kCoordinator, &ops::CaseService::Stub::CreateCase,
        request);
  }

  ops::PublishPeriodResponse Publish() {
    ops::PublishPeriodRequest request;
    request.set_period("2018");
    return Call<ops::PublishPeriodResponse, ops::TableService>(
        "stat", Role::kStatistician, &ops::TableService::Stub::PublishPeriod,
        request);
  }

  fed::TableQuestion Question(const std::vector<std::string>& dimensions) {
    fed::TableQuestion question;
    question.set_agreement_id("ecowas-counts");
    question.set_agreement_digest(digest_);
    question.set_purpose("STATISTICS");
    question.set_basis("PUBLIC_TASK");
    question.set_role("COMMISSION");
    question.set_period("2018");
    for (const std::string& each : dimensions) question.add_dimensions(each);
    return question;
  }

  Message Logged(const fed::TableQuestion& question) {
    return commission_->Send(MessageKind::kTableQuestion, NewUuid(random_),
                             "comity.federation.v1.TableQuestion",
                             question.SerializeAsString());
  }
  fed::TableAnswer Ask(const fed::TableQuestion& question) {
    return Send(Logged(question));
  }
  fed::TableAnswer Send(const Message& question) {
    const auto received =
        commission_->peer().AskTable(question, absl::Seconds(5));
    EXPECT_OK(received);
    fed::TableAnswer answer;
    if (!received.ok()) return answer;
    const auto verified =
        commission_->Verify(*received, MessageKind::kTableAnswer);
    EXPECT_OK(verified);
    EXPECT_EQ(verified->message.payload.size() % 2048, 0u);
    EXPECT_TRUE(answer.ParseFromString(verified->message.payload));
    return answer;
  }

  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ecowas_{"ECOWAS", clock_.Now(), true};
  std::unique_ptr<HandmadePartner> commission_;
  std::string digest_;
  int revision_ = 0;
  int cases_ = 0;
};

TEST_F(TableAnswersTest, Law8TheStoredAnswerIsTheAnswerForEver) {
  fed::TableQuestion question = Question({"sex"});
  auto* filter = question.add_filters();
  filter->set_column("citizenship");
  filter->add_values("unknown");
  filter->add_values("NE");
  const fed::TableAnswer first = Ask(question);
  ASSERT_TRUE(first.has_table());
  EXPECT_EQ(first.table().cells_size(), 3);
  // Another spelling of the same question.
  filter->clear_values();
  filter->add_values("NE");
  filter->add_values("unknown");
  EXPECT_EQ(Ask(question).SerializeAsString(), first.SerializeAsString());
  // Cases that came after the period was published do not count.
  AddCase("female");
  Restart();
  EXPECT_EQ(Ask(question).SerializeAsString(), first.SerializeAsString());
  // A new revision is a new period.
  Publish();
  const fed::TableAnswer second = Ask(question);
  EXPECT_EQ(second.table().revision(), 2u);
  EXPECT_NE(second.table().cells(0).SerializeAsString() +
                second.table().cells(2).SerializeAsString(),
            first.table().cells(0).SerializeAsString() +
                first.table().cells(2).SerializeAsString());
}

TEST_F(TableAnswersTest, Law8TheBudgetIsSpentByNewCellsAlone) {
  AllowCells(3);
  const fed::TableAnswer first = Ask(Question({"sex"}));
  ASSERT_TRUE(first.has_table());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask(Question({"sex"})).SerializeAsString(),
              first.SerializeAsString());
  }
  EXPECT_EQ(Ask(Question({"gender"})).refusal().reason(),
            "PRIVACY_BUDGET_SPENT");
  // A refusal charges nothing, and a restart gives nothing back.
  Restart();
  EXPECT_EQ(Ask(Question({"sex"})).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(Ask(Question({"gender"})).refusal().reason(),
            "PRIVACY_BUDGET_SPENT");
  // The cells of a new revision are new ones.
  Publish();
  EXPECT_EQ(Ask(Question({"sex"})).refusal().reason(), "PRIVACY_BUDGET_SPENT");
  AllowCells(6);
  EXPECT_EQ(Ask(Question({"sex"})).table().revision(), 2u);
}

TEST_F(TableAnswersTest, ARepeatedTableQuestionChargesNoDay) {
  const std::string text = absl::StrReplaceAll(
      ReadyPolicy("agreements/ecowas-counts.textproto"),
      {{"k_threshold: 11", "k_threshold: 11 max_per_day: 2"},
       {"revision: 1", "revision: 9"}});
  digest_ = LoadPolicyFile("a", text).body->digest;
  ASSERT_OK(ne_.ActivateTexts({text}));
  const Message question = Logged(Question({"sex"}));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Send(question).has_table());
  EXPECT_TRUE(Ask(Question({"sex"})).has_table());
  EXPECT_EQ(Ask(Question({"sex"})).refusal().reason(), "LIMIT_REACHED");
}

TEST_F(TableAnswersTest, APublishedPeriodLacksWhatNationalRulesKeepFromCounts) {
  for (int i = 0; i < 14; ++i) AddCase("female", "Adult");
  AddCase("female", "Child");
  ASSERT_OK(ne_.ActivateTexts({R"(schema: "comity.policy.v1"
    national {
      node: "NE"
      revision: 1
      title: "Children are not counted"
      deny {
        id: "children"
        operation: [AGGREGATE_COUNT]
        when { age: [CHILD] }
        reason: "Children are not counted."
      }
    })"}));
  // Of 38, one is a child and the age of 23 is not known.
  EXPECT_EQ(Publish().left_out(), 24u);
  const fed::TableAnswer answer = Ask(Question({"sex"}));
  ASSERT_TRUE(answer.has_table());
  uint64_t total = 0;
  for (const auto& cell : answer.table().cells()) {
    total = std::max(total, cell.value());
  }
  EXPECT_EQ(total, 14u);
}

TEST_F(TableAnswersTest, Law8BeforeThePeriodIsPublishedNothingIsTold) {
  fed::TableQuestion question = Question({"sex"});
  question.set_period("2017");
  EXPECT_EQ(Ask(question).refusal().reason(), "PERIOD_NOT_PUBLISHED");
}

}  // namespace
}  // namespace comity
