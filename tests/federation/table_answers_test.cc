#include <filesystem>

#include "absl/strings/str_replace.h"
#include "comity/federation/v1/table.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "node/disclosure/published_table.h"
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
    // So many that no noise brings a figure under the threshold.
    for (int i = 0; i < 30; ++i) AddCase("female");
    for (int i = 0; i < 20; ++i) AddCase("male");
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

  // Puts the ready agreement in force with one text replaced.
  void Edit(const std::string& from, const std::string& to) {
    const std::string text = absl::StrReplaceAll(
        ReadyPolicy("agreements/ecowas-counts.textproto"),
        {{from, to},
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

  void AddCase(const std::string& sex, const std::string& age_class = "",
               const std::string& citizenship = "") {
    ops::CreateCaseRequest request;
    auto* record = request.mutable_record();
    record->set_x_local_reference("C" + std::to_string(++cases_));
    record->set_x_sex(sex);
    if (!age_class.empty()) record->set_x_age_class(age_class);
    if (!citizenship.empty()) record->add_prs_citizenship(citizenship);
    record->set_x_registered_on("2018-03-04");
    request.mutable_screening();
    Call<ops::CreateCaseResponse, ops::CaseService>(
        "coord", Role::kCoordinator, &ops::CaseService::Stub::CreateCase,
        request);
  }

  ops::PublishPeriodResponse Publish(
      const std::vector<std::string>& not_collected = {}) {
    ops::PublishPeriodRequest request;
    request.set_period("2018");
    for (const std::string& column : not_collected) {
      request.add_not_collected(column);
    }
    return Call<ops::PublishPeriodResponse, ops::TableService>(
        "stat", Role::kStatistician, &ops::TableService::Stub::PublishPeriod,
        request);
  }

  // The revisions that held a row of hers.
  std::vector<std::string> Erase(const std::string& reference) {
    ops::EraseSubjectRequest request;
    request.set_case_id(reference);
    request.set_ground("SUBJECT_REQUEST");
    request.set_confirm(true);
    const auto erased = Call<ops::EraseSubjectResponse, ops::SubjectService>(
        "dpo", Role::kDataProtectionOfficer,
        &ops::SubjectService::Stub::EraseSubject, request);
    return {erased.reach().revisions().begin(),
            erased.reach().revisions().end()};
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

  // The figures of an answer by their codes.
  static std::map<std::vector<std::string>, double> Figures(
      const fed::TableAnswer& answer) {
    std::map<std::vector<std::string>, double> figures;
    for (const auto& cell : answer.table().cells()) {
      if (cell.status() != fed::CELL_STATUS_VALUE) continue;
      figures[{cell.codes().begin(), cell.codes().end()}] =
          static_cast<double>(cell.value());
    }
    return figures;
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
  fed::TableQuestion question = Question({"sex", "age_group"});
  auto* filter = question.add_filters();
  filter->set_column("citizenship");
  filter->add_values("unknown");
  const fed::TableAnswer first = Ask(question);
  ASSERT_TRUE(first.has_table());
  // Another spelling of the same question.
  question.clear_dimensions();
  question.add_dimensions("age_group");
  question.add_dimensions("sex");
  question.mutable_filters(0)->add_values("unknown");
  EXPECT_EQ(Ask(question).SerializeAsString(), first.SerializeAsString());
  // Cases that came after the period was published do not count.
  for (int i = 0; i < 20; ++i) AddCase("female");
  Restart();
  EXPECT_EQ(Ask(question).SerializeAsString(), first.SerializeAsString());
  // A new revision is a new period: 20 more are more than noise can hide.
  Publish();
  const fed::TableAnswer second = Ask(question);
  EXPECT_EQ(second.table().revision(), 2u);
  const auto before = Figures(first);
  const auto after = Figures(second);
  EXPECT_GT(after.at({"total", "female"}), before.at({"total", "female"}));
  EXPECT_EQ(after.at({"total", "male"}), before.at({"total", "male"}));
}

TEST_F(TableAnswersTest,
       FiguresLieWithinTheStatedErrorAndNeverUnderTheThreshold) {
  const fed::TableAnswer answer = Ask(Question({"sex"}));
  EXPECT_EQ(answer.table().method(), "cell-key/v1");
  EXPECT_EQ(answer.table().threshold(), 11u);
  const auto figures = Figures(answer);
  EXPECT_NEAR(figures.at({"female"}), 30, 8);
  EXPECT_NEAR(figures.at({"male"}), 20, 8);
  EXPECT_NEAR(figures.at({"total"}), 50, 8);
  // Codes of nobody are there as cells without a figure.
  EXPECT_EQ(answer.table().cells_size(), 5);
  EXPECT_EQ(figures.size(), 3u);
}

// Noise that differed from table to table could be averaged away.
TEST_F(TableAnswersTest, Law8ACellHasOneFigureInEveryTable) {
  const auto by_sex = Figures(Ask(Question({"sex"})));
  const auto cross = Figures(Ask(Question({"sex", "status"})));
  for (const auto& [codes, figure] : by_sex) {
    EXPECT_EQ(cross.at({codes[0], "total"}), figure);
    EXPECT_EQ(cross.at({codes[0], "unknown"}) > 0, true);
  }
  fed::TableQuestion filtered = Question({"sex"});
  auto* filter = filtered.add_filters();
  filter->set_column("status");
  filter->add_values("unknown");
  for (const auto& [codes, figure] : Figures(Ask(filtered))) {
    EXPECT_EQ(cross.at({codes[0], "unknown"}), figure);
  }
}

TEST_F(TableAnswersTest, ATableThatTheAgreementDoesNotNameIsRefused) {
  EXPECT_EQ(Ask(Question({"recruiter", "sex"})).refusal().reason(), "NO_GRANT");
  // Of forced labour it is an indicator, of everybody it is another table.
  fed::TableQuestion industry = Question({"industry"});
  EXPECT_EQ(Ask(industry).refusal().reason(), "NO_GRANT");
  auto* filter = industry.add_filters();
  filter->set_column("exploitation");
  filter->add_values("ForcedLabour");
  EXPECT_TRUE(Ask(industry).has_table());
  // A refusal charges nothing, and naming it is what was missing.
  Edit("\"gender\",", "\"gender\", \"recruiter\",");
  EXPECT_TRUE(Ask(Question({"recruiter", "sex"})).has_table());
}

// Each measure is opened by its name.
TEST_F(TableAnswersTest, AMeasureThatTheAgreementDoesNotNameIsRefused) {
  fed::TableQuestion question = Question({"partner"});
  question.set_measure("REFERRALS");
  EXPECT_EQ(Ask(question).refusal().reason(), "NO_GRANT");
  Edit("dimension: [\"age_group\"",
       "measure: [PERSONS, REFERRALS] dimension: [\"partner\", \"age_group\"");
  question.set_agreement_digest(digest_);
  const fed::TableAnswer referrals = Ask(question);
  ASSERT_TRUE(referrals.has_table());
  EXPECT_EQ(referrals.table().measure(), "REFERRALS");
  // Nobody was referred in that year, which looks like few.
  EXPECT_THAT(Figures(referrals), testing::IsEmpty());
  question.set_measure("MEDIAN_ACCEPTANCE_DAYS");
  EXPECT_EQ(Ask(question).refusal().reason(), "NO_GRANT");
  question.set_measure("REFERRALS_RECEIVED");
  EXPECT_EQ(Ask(question).refusal().reason(), "NO_GRANT");
  question.set_measure("MEAN_DAYS");
  const fed::TableAnswer unknown = Ask(question);
  EXPECT_EQ(unknown.refusal().reason(), "FIELD_INVALID");
  EXPECT_THAT(unknown.refusal().message(),
              testing::HasSubstr("measures are PERSONS, REFERRALS"));
  question.set_measure("REFERRALS");
  question.set_dimensions(0, "sex");
  EXPECT_EQ(Ask(question).refusal().reason(), "FIELD_INVALID");
  // What asks for no measure is answered as it always was.
  EXPECT_EQ(Ask(Question({"sex"})).table().measure(), "");
}

TEST_F(TableAnswersTest, AStateSaysThatItCollectsNoReferrals) {
  Edit("dimension: [\"age_group\"",
       "measure: [PERSONS, MEDIAN_ACCEPTANCE_DAYS] "
       "dimension: [\"partner\", \"age_group\"");
  fed::TableQuestion question = Question({"partner"});
  question.set_measure("MEDIAN_ACCEPTANCE_DAYS");
  EXPECT_EQ(Ask(question).table().method(), "rank-key/v1");
  Publish({"acceptance_days"});
  EXPECT_EQ(Ask(question).refusal().reason(), "NOT_COLLECTED");
  Publish({"referrals"});
  const fed::TableAnswer answer = Ask(question);
  EXPECT_EQ(answer.refusal().reason(), "NOT_COLLECTED");
  EXPECT_THAT(answer.refusal().message(),
              testing::HasSubstr("does not collect referrals for 2018"));
}

// Not collected is not zero, and not hidden.
TEST_F(TableAnswersTest, AStateSaysWhatItDoesNotCollect) {
  Publish({"exploitation"});
  const fed::TableAnswer answer = Ask(Question({"exploitation", "sex"}));
  EXPECT_EQ(answer.refusal().reason(), "NOT_COLLECTED");
  EXPECT_THAT(answer.refusal().message(),
              testing::HasSubstr("does not collect exploitation for 2018"));
  EXPECT_TRUE(Ask(Question({"sex"})).has_table());
}

// "A or B" less "A" would be B, and all but one less all that one.
TEST_F(TableAnswersTest, UnionsAndComplementsOfCodesAreRefused) {
  fed::TableQuestion question = Question({"sex"});
  auto* filter = question.add_filters();
  filter->set_column("citizenship");
  filter->add_values("NE");
  filter->add_values("unknown");
  EXPECT_EQ(Ask(question).refusal().reason(), "FIELD_INVALID");
}

// Exact figures, chosen by the agreement; the small cell and what would give it
// away have none.
TEST_F(TableAnswersTest, AnAgreementMayChooseSuppression) {
  for (int i = 0; i < 4; ++i) AddCase("other");
  Publish();
  Edit("k_threshold: 11", "k_threshold: 11 count_method: SUPPRESSION");
  const fed::TableAnswer answer = Ask(Question({"sex"}));
  EXPECT_EQ(answer.table().method(), "suppression/v1");
  const auto figures = Figures(answer);
  EXPECT_EQ(figures.at({"female"}), 30);
  EXPECT_EQ(figures.at({"total"}), 54);
  // 54 less 30 is not known to be 20 and 4.
  EXPECT_EQ(figures.size(), 2u);
  // Exact figures of another revision would show who came since.
  Publish();
  EXPECT_EQ(Ask(Question({"sex"})).refusal().reason(), "NOT_AVAILABLE");
}

// Whoever solves all its lines together, as the node did before, learns no
// cell.
TEST_F(TableAnswersTest, ATableOfThreeDimensionsIsSolvedBeforeItLeaves) {
  for (int i = 0; i < 4; ++i) AddCase("other");
  Publish();
  Edit("k_threshold: 11", "k_threshold: 11 count_method: SUPPRESSION");
  const fed::TableAnswer answer = Ask(Question({"sex", "age_group", "status"}));
  ASSERT_TRUE(answer.has_table());
  EXPECT_EQ(answer.table().method(), "suppression/v1");
  EXPECT_EQ(Figures(answer).at({"total", "total", "total"}), 54);
  PublishedTable published;
  published.dimensions.resize(3);
  for (const auto& cell : answer.table().cells()) {
    PublishedCell one;
    one.codes = {cell.codes().begin(), cell.codes().end()};
    one.hidden = cell.status() != fed::CELL_STATUS_VALUE;
    const auto figure = static_cast<int64_t>(cell.value());
    if (!one.hidden) one.bounds = {figure, figure};
    published.cells.push_back(one);
  }
  const PublishedAudit audit = AuditTable(published);
  EXPECT_TRUE(audit.complete);
  EXPECT_TRUE(audit.contradictions.empty());
  EXPECT_GT(audit.hidden, 0u);
  EXPECT_TRUE(audit.uncovered.empty());
}

TEST_F(TableAnswersTest, NoRevisionIsAnsweredByTwoMethods) {
  ASSERT_TRUE(Ask(Question({"sex"})).has_table());
  Edit("k_threshold: 11", "k_threshold: 11 count_method: SUPPRESSION");
  EXPECT_EQ(Ask(Question({"gender"})).refusal().reason(), "NOT_AVAILABLE");
  Publish();
  EXPECT_TRUE(Ask(Question({"gender"})).has_table());
}

// Which countries are listed must not tell that somebody is from there.
TEST_F(TableAnswersTest, ACountryOfFewLooksLikeACountryOfNobody) {
  const fed::TableAnswer nobody = Ask(Question({"citizenship"}));
  AddCase("female", "", "TD");
  Publish();
  const fed::TableAnswer one = Ask(Question({"citizenship"}));
  EXPECT_EQ(one.ByteSizeLong(), nobody.ByteSizeLong());
  EXPECT_THAT(one.SerializeAsString(), testing::Not(testing::HasSubstr("TD")));
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

// Or an asker could ask about few and nobody without end, and everybody's next
// question would read all of it.
TEST_F(TableAnswersTest, AQuestionWithoutFiguresCountsAsOneCell) {
  AllowCells(2);
  const auto of = [this](const std::string& country) {
    fed::TableQuestion question = Question({"sex"});
    auto* filter = question.add_filters();
    filter->set_column("citizenship");
    filter->add_values(country);
    return Ask(question);
  };
  const fed::TableAnswer first = of("TD");
  ASSERT_TRUE(first.has_table());
  EXPECT_TRUE(Figures(first).empty());
  ASSERT_TRUE(of("CM").has_table());
  EXPECT_EQ(of("BJ").refusal().reason(), "PRIVACY_BUDGET_SPENT");
  EXPECT_EQ(of("TD").SerializeAsString(), first.SerializeAsString());
}

TEST_F(TableAnswersTest, TheBudgetIsShownAndOutlivesARestart) {
  const auto budget = [this] {
    const auto response =
        ne_.As("ANLTP", Role::kStatistician, "stat")
            .Call<ops::TableService, ops::ListBudgetsResponse>(
                &ops::TableService::Stub::ListBudgets,
                ops::ListBudgetsRequest());
    EXPECT_OK(response);
    EXPECT_EQ(response->budgets_size(), 1);
    return response->budgets(0);
  };
  EXPECT_EQ(budget().used(), 0u);
  ASSERT_TRUE(Ask(Question({"sex"})).has_table());
  Restart();
  EXPECT_EQ(budget().asker(), "ECOWAS");
  EXPECT_EQ(budget().agreement_id(), "ecowas-counts");
  EXPECT_EQ(budget().used(), 3u);
  EXPECT_EQ(budget().allowed(), 20000u);
}

// privacy.md 3.4: tables that share two columns.
TEST_F(TableAnswersTest, Law8AFourthLinkedTableIsRefusedAndARestartGivesNone) {
  const std::vector<std::string> first = {"age_group", "citizenship", "sex"};
  ASSERT_TRUE(Ask(Question(first)).has_table());
  ASSERT_TRUE(Ask(Question({"age_group", "sex", "status"})).has_table());
  ASSERT_TRUE(Ask(Question({"age_group", "gender", "sex"})).has_table());
  const auto refused = [this] {
    return Ask(Question({"age_group", "exploitation", "sex"}))
        .refusal()
        .reason();
  };
  EXPECT_EQ(refused(), "LIMIT_REACHED");
  Restart();
  EXPECT_EQ(refused(), "LIMIT_REACHED");
  EXPECT_TRUE(Ask(Question(first)).has_table());
  const auto listed =
      ne_.As("ANLTP", Role::kStatistician, "stat")
          .Call<ops::TableService, ops::ListBudgetsResponse>(
              &ops::TableService::Stub::ListBudgets, ops::ListBudgetsRequest());
  ASSERT_OK(listed);
  ASSERT_EQ(listed->linked_table_budgets_size(), 1);
  EXPECT_EQ(listed->linked_table_budgets(0).given(), 3u);
  EXPECT_EQ(listed->linked_table_budgets(0).allowed(), 3u);
  // The next revision is another publication, and the agreement may say more.
  Publish();
  EXPECT_EQ(
      Ask(Question({"age_group", "exploitation", "sex"})).table().revision(),
      2u);
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
  for (int i = 0; i < 40; ++i) AddCase("female", "Adult");
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
  // Of 91, one is a child and the age of 50 is not known.
  EXPECT_EQ(Publish().left_out(), 51u);
  const fed::TableAnswer answer = Ask(Question({"sex"}));
  ASSERT_TRUE(answer.has_table());
  EXPECT_NEAR(Figures(answer).at({"total"}), 40, 8);
}

TEST_F(TableAnswersTest, Law8BeforeThePeriodIsPublishedNothingIsTold) {
  fed::TableQuestion question = Question({"sex"});
  question.set_period("2017");
  EXPECT_EQ(Ask(question).refusal().reason(), "PERIOD_NOT_PUBLISHED");
}

TEST_F(TableAnswersTest, Law8ErasingAPersonClosesTheRevisionToNewQuestions) {
  const fed::TableAnswer first = Ask(Question({"sex"}));
  ASSERT_TRUE(first.has_table());
  EXPECT_THAT(Erase("C1"), testing::ElementsAre("2018 revision 1"));
  EXPECT_EQ(Ask(Question({"sex"})).SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(Ask(Question({"sex", "status"})).refusal().reason(),
            "PERIOD_NOT_PUBLISHED");
  Publish();
  EXPECT_EQ(Ask(Question({"sex", "status"})).table().revision(), 2u);
  // She has no row there, nor has who came after it was published.
  AddCase("male");
  EXPECT_THAT(Erase("C51"), testing::IsEmpty());
  EXPECT_TRUE(Ask(Question({"status"})).has_table());
}

// Cells that never held her change as hers do: which ones were hers is not
// told. Where noise went on the figures of men would be the same.
TEST_F(TableAnswersTest, Law8AnErasureChangesFiguresOfOthersToo) {
  const std::vector<std::vector<std::string>> tables = {
      {"sex"},           {"age_group", "sex"}, {"citizenship", "sex"},
      {"gender", "sex"}, {"sex", "status"},    {"exploitation", "sex"}};
  // In all of these cells are the same 20 men.
  const auto men = [&] {
    std::vector<double> figures;
    for (const auto& table : tables) {
      const size_t sex = table[0] == "sex" ? 0 : 1;
      for (const auto& [codes, figure] : Figures(Ask(Question(table)))) {
        if (codes[sex] == "male") figures.push_back(figure);
      }
    }
    return figures;
  };
  const std::vector<double> before = men();
  ASSERT_GE(before.size(), 6u);
  Publish();
  EXPECT_EQ(men(), before);
  Erase("C1");
  Publish();
  EXPECT_NE(men(), before);
}

// Of an old backup the answers that it holds come back, and no budget.
TEST_F(TableAnswersTest, Law8ARestoredNodeGivesNoBudgetBack) {
  const fed::TableAnswer first = Ask(Question({"sex"}));
  ASSERT_TRUE(first.has_table());
  const TestDirectory place;
  const SecretBytes passphrase("correct horse battery");
  const std::string file = place.Path("ne.backup");
  ASSERT_OK(
      BackUpNode(ne_.directory(), file, passphrase, clock_.Now(), random_));
  ASSERT_TRUE(Ask(Question({"gender"})).has_table());
  ne_.Stop();
  std::filesystem::remove_all(ne_.directory());
  ASSERT_OK(RestoreNode(file, ne_.directory(), passphrase, "", random_));
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_EQ(Ask(Question({"sex"})).SerializeAsString(),
            first.SerializeAsString());
  // The lost answer would be given anew, beside a ledger that lacks it.
  EXPECT_EQ(Ask(Question({"gender"})).refusal().reason(),
            "PERIOD_NOT_PUBLISHED");
  // Her program looks at the files of its profile once a second, and they were
  // gone for a moment.
  const auto reaches = [&] {
    return ne_.As("ANLTP", Role::kStatistician, "stat")
        .Call<ops::TableService, ops::ListBudgetsResponse>(
            &ops::TableService::Stub::ListBudgets, ops::ListBudgetsRequest())
        .ok();
  };
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (!reaches()) ASSERT_LT(absl::Now(), limit);
  Publish();
  EXPECT_EQ(Ask(Question({"gender"})).refusal().reason(),
            "PRIVACY_BUDGET_SPENT");
}

}  // namespace
}  // namespace comity
