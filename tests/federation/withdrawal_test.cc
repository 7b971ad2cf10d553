#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "tests/support/border.h"
#include "tests/support/log_check.h"
#include "tests/support/published_cases.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Consents = ops::ConsentService;
using testing::Contains;

std::string Bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// Niger refers to Nigeria, which makes a case of it; then she withdraws.
class WithdrawalTest : public BorderTest {
 protected:
  static constexpr auto kStatus = v1::RECORD_GROUP_STATUS;
  static constexpr auto kNeeds = v1::RECORD_GROUP_NEEDS;

  void SetUp() override { Open({}); }

  CommandContext& Coord(TestParticipant& node) {
    return Coordinator(node, "coord");
  }
  CommandContext& Dpo(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }

  // Sent, received and accepted, with a case of Nigeria's made of it.
  ops::Referral Refer(const std::string& reference = "C1") {
    const ops::Referral draft = MakeCase(reference, {kStatus, kNeeds});
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
    ops::AcceptReferralRequest accept;
    accept.set_referral_id(draft.referral_id());
    EXPECT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
        Coord(ng_), &ops::ReferralService::Stub::AcceptReferral, accept)));
    EXPECT_TRUE(Await([&] { return StateAt(ne_, draft) == "ACCEPTED"; }));
    return draft;
  }
  std::string MakeOwnCase(const ops::Referral& referral,
                          const std::string& registered_on = "") {
    ops::CreateCaseRequest create;
    create.set_referral_id(referral.referral_id());
    create.mutable_record()->set_x_local_reference("NG-1");
    create.mutable_record()->add_x_services_needed("Health");
    if (!registered_on.empty()) {
      create.mutable_record()->set_x_registered_on(registered_on);
    }
    create.mutable_screening()->set_never_contact(false);
    create.mutable_screening()->add_never_share_with("ML");
    const auto made = As<ops::CaseService, ops::CreateCaseResponse>(
        Coord(ng_), &ops::CaseService::Stub::CreateCase, create);
    EXPECT_OK(made);
    return made.ok() ? made->case_id() : "";
  }
  absl::StatusOr<ops::Case> OwnCase() {
    ops::GetCaseRequest request;
    request.set_case_id("NG-1");
    ASSIGN_OR_RETURN(
        const auto shown,
        (As<ops::CaseService, ops::GetCaseResponse>(
            Coord(ng_), &ops::CaseService::Stub::GetCase, request)));
    return shown.case_();
  }
  absl::StatusOr<ops::WithdrawConsentResponse> Withdraw(
      const std::string& reference,
      const std::vector<v1::RecordGroup>& groups = {}) {
    ops::WithdrawConsentRequest request;
    request.set_case_id(reference);
    for (const auto group : groups) request.add_groups(group);
    request.set_channel("HELPLINE");
    return As<Consents, ops::WithdrawConsentResponse>(
        Coord(ne_), &Consents::Stub::WithdrawConsent, request);
  }
  absl::Status WithdrawReferral(TestParticipant& node,
                                const ops::Referral& referral) {
    ops::WithdrawReferralRequest request;
    request.set_referral_id(referral.referral_id());
    request.set_channel("LAWYER");
    return As<Consents, ops::WithdrawReferralResponse>(
               Coord(node), &Consents::Stub::WithdrawReferral, request)
        .status();
  }
  ops::GetConsentsResponse Standing(const std::string& reference = "C1") {
    ops::GetConsentsRequest request;
    request.set_case_id(reference);
    const auto shown = As<Consents, ops::GetConsentsResponse>(
        Coord(ne_), &Consents::Stub::GetConsents, request);
    EXPECT_OK(shown);
    return shown.ok() ? *shown : ops::GetConsentsResponse();
  }
  // "DOSSIER ERASED", "CASE KEPT COURT_ORDER"; empty: not answered.
  std::vector<std::string> Answers(const std::string& reference = "C1") {
    std::vector<std::string> answers;
    const ops::GetConsentsResponse standing = Standing(reference);
    for (const auto& each : standing.withdrawals()) {
      for (const auto& copies : each.copies()) {
        answers.push_back(copies.copies() + " " + copies.outcome() +
                          (copies.ground().empty() ? "" : " ") +
                          copies.ground());
      }
    }
    return answers;
  }
  bool Answered(const std::string& reference = "C1") {
    return Await([&] { return !Answers(reference).empty(); });
  }
  std::string StateAt(TestParticipant& node, const ops::Referral& referral) {
    const auto shown = Show(node, referral.referral_id());
    return shown.ok() ? shown->referral().state() : "";
  }
  absl::Status Screen(bool never_share_with_ng) {
    ops::RecordScreeningRequest request;
    request.set_case_id("C1");
    request.mutable_screening()->add_never_share_with(
        never_share_with_ng ? "NG" : "TG");
    return As<ops::CaseService, ops::RecordScreeningResponse>(
               Coord(ne_), &ops::CaseService::Stub::RecordScreening, request)
        .status();
  }
  absl::StatusOr<ops::HoldCaseResponse> Hold(absl::Duration length) {
    ops::HoldCaseRequest request;
    request.set_case_id("NG-1");
    if (length == absl::ZeroDuration()) {
      request.set_lift(true);
    } else {
      request.set_ground("COURT_ORDER");
      request.mutable_until()->set_seconds(
          absl::ToUnixSeconds(clock_.Now() + length));
    }
    return As<Consents, ops::HoldCaseResponse>(
        Dpo(ng_), &Consents::Stub::HoldCase, request);
  }
};

TEST_F(WithdrawalTest, Law5WithdrawnConsentIsToldToNobodyAndErasedByAll) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  EXPECT_EQ(OutcomeOf(AskStatus("coord", referral)), "RELEASED");
  const auto withdrawn = Withdraw("C1");
  ASSERT_OK(withdrawn);
  // In the same instant, before anything reached the other side.
  EXPECT_EQ(OutcomeOf(AskStatus("coord", referral)), "NOT_AVAILABLE");
  ASSERT_EQ(withdrawn->withdrawals_size(), 1);
  EXPECT_TRUE(withdrawn->withdrawals(0).whole());
  ASSERT_TRUE(Answered());
  EXPECT_THAT(Answers(),
              testing::UnorderedElementsAre("DOSSIER ERASED", "CASE ERASED"));
  EXPECT_FALSE(Standing().withdrawals(0).has_answer_due_at());
  EXPECT_TRUE(Standing().withdrawals(0).has_delivered_at());
  EXPECT_TRUE(Show(ng_, referral.referral_id())->referral().erased());
  EXPECT_THAT(OwnCase(), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(StateAt(ne_, referral), "WITHDRAWN");
  EXPECT_EQ(StateAt(ng_, referral), "WITHDRAWN");
  EXPECT_TRUE(LogsHold(ne_));
  EXPECT_TRUE(LogsHold(ng_));
}

TEST_F(WithdrawalTest, Law5AfterItNoMessageAboutHerLeavesEitherNode) {
  const ops::Referral referral = Refer();
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  const int events = Show(ne_, referral.referral_id())->history_size();
  // Whatever people of either side try next.
  ops::DeclineReferralRequest decline;
  decline.set_referral_id(referral.referral_id());
  decline.set_reason("NO_CAPACITY");
  EXPECT_THAT(
      (As<ops::ReferralService, ops::DeclineReferralResponse>(
          Coord(ng_), &ops::ReferralService::Stub::DeclineReferral, decline)),
      FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_FALSE(Send("coord", referral).ok());
  EXPECT_THAT(WithdrawReferral(ng_, referral),
              FailsWith(ErrorReason::kReferralStateConflict));
  EXPECT_THAT(Withdraw("C1"), FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(OutcomeOf(AskStatus("coord", referral)), "NOT_AVAILABLE");
  EXPECT_EQ(Show(ne_, referral.referral_id())->history_size(), events);
  EXPECT_EQ(Show(ng_, referral.referral_id())->history_size(), events);
}

TEST_F(WithdrawalTest, WhatHadNotLeftDoesNotLeave) {
  ng_.Stop();
  const ops::Referral draft = MakeCase("C1", {kStatus});
  ASSERT_OK(Send("coord", draft));
  ASSERT_OK(Withdraw("C1"));
  ASSERT_OK(ng_.Start(clock_));
  // The other side says that it holds nothing of this dossier.
  ASSERT_TRUE(Await([&] { return Standing().withdrawals(0).nothing_held(); }));
  EXPECT_FALSE(Standing().withdrawals(0).has_answer_due_at());
  EXPECT_EQ(StateAt(ne_, draft), "WITHDRAWN");
  EXPECT_EQ(Show(ne_, draft.referral_id())->referral().undelivered_events(),
            0u);
  EXPECT_THAT(Show(ng_, draft.referral_id()),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(WithdrawalTest, APartnerThatWasAwayLearnsItOnItsReturn) {
  const ops::Referral referral = Refer();
  ng_.Stop();
  ASSERT_OK(Withdraw("C1"));
  EXPECT_EQ(StateAt(ne_, referral), "WITHDRAWN");
  EXPECT_FALSE(Standing().withdrawals(0).has_delivered_at());
  clock_.Advance(absl::Hours(73));
  EXPECT_TRUE(Standing().withdrawals(0).overdue());
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Answered());
  EXPECT_FALSE(Standing().withdrawals(0).overdue());
}

TEST_F(WithdrawalTest, SomeGroupsAreErasedAndTheReferralGoesOn) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  EXPECT_EQ(OwnCase()->record().x_services_needed_size(), 1);
  ASSERT_OK(Withdraw("C1", {kNeeds}));
  ASSERT_TRUE(Answered());
  EXPECT_EQ(StateAt(ne_, referral), "ACCEPTED");
  EXPECT_EQ(Show(ng_, referral.referral_id())->packet().cas_status(), "Active");
  ASSERT_OK(OwnCase());
  EXPECT_EQ(OwnCase()->record().x_services_needed_size(), 0);
  EXPECT_EQ(OwnCase()->record().cas_status(), "Active");
  EXPECT_EQ(OutcomeOf(AskStatus("coord", referral)), "RELEASED");
}

TEST_F(WithdrawalTest, TheReceiversPeopleTakeItDownToo) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  ASSERT_OK(WithdrawReferral(ng_, referral));
  // At once, not when the holder heard of it.
  EXPECT_TRUE(Show(ng_, referral.referral_id())->referral().erased());
  EXPECT_THAT(OwnCase(), FailsWith(ErrorReason::kNotFound));
  ASSERT_TRUE(Answered());
  EXPECT_TRUE(Standing().consents(0).live_groups().empty());
  EXPECT_EQ(Standing().consents(0).act().withdrawals(0).recorded_by(), "NG");
  EXPECT_EQ(OutcomeOf(AskStatus("coord", referral)), "NOT_AVAILABLE");
}

TEST_F(WithdrawalTest, PeopleAnswerForWhatTheyHoldOnPaper) {
  const ops::Referral referral = Refer();
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  ops::ConfirmErasureRequest request;
  request.set_referral_id(referral.referral_id());
  request.set_copies("PAPER");
  request.set_outcome("ERASED");
  EXPECT_OK((As<Consents, ops::ConfirmErasureResponse>(
      Coord(ng_), &Consents::Stub::ConfirmErasure, request)));
  EXPECT_TRUE(Await([&] {
    const auto answers = Answers();
    return std::count(answers.begin(), answers.end(), "PAPER ERASED") == 1;
  }));
  request.set_copies("CASE");
  EXPECT_THAT((As<Consents, ops::ConfirmErasureResponse>(
                  Coord(ng_), &Consents::Stub::ConfirmErasure, request)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(WithdrawalTest, WhatACourtAskedForIsKeptShutOffUntilItsTimeEnds) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  ASSERT_OK(Hold(absl::Hours(24 * 30)));
  ASSERT_OK(OwnCase());
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  EXPECT_THAT(Answers(), Contains("CASE KEPT COURT_ORDER"));
  EXPECT_THAT(OwnCase(), FailsWith(ErrorReason::kNotFound));
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_TRUE(Await([&] {
    ng_.Tick();
    const auto answers = Answers();
    return std::count(answers.begin(), answers.end(), "CASE ERASED") == 1;
  }));
}

// What was published of a case that a partner referred takes no new questions
// once it is erased.
TEST_F(WithdrawalTest, Law5WhatIsPublishedOfAnErasedCaseIsClosed) {
  MakeOwnCase(Refer(), "2018-03-04");
  PublishPeriod(ng_, "2018");
  EXPECT_FALSE(LastPublishedIsClosed(ng_));
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  EXPECT_TRUE(LastPublishedIsClosed(ng_));
  PublishPeriod(ng_, "2018");
  EXPECT_FALSE(LastPublishedIsClosed(ng_));
}

// Nor while it is kept for no use but a hold.
TEST_F(WithdrawalTest, Law5WhatIsPublishedOfACaseThatIsShutOffIsClosed) {
  MakeOwnCase(Refer(), "2018-03-04");
  ASSERT_OK(Hold(absl::Hours(24 * 30)));
  PublishPeriod(ng_, "2018");
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  EXPECT_TRUE(LastPublishedIsClosed(ng_));
}

TEST_F(WithdrawalTest, AHoldThatIsLiftedLetsTheErasureFollow) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  EXPECT_THAT(Hold(absl::Hours(24 * 400)),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Hold(absl::ZeroDuration()),
              FailsWith(ErrorReason::kReferralStateConflict));
  ASSERT_OK(Hold(absl::Hours(24)));
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  ASSERT_OK(Hold(absl::ZeroDuration()));
  EXPECT_TRUE(Await([&] {
    const auto answers = Answers();
    return std::count(answers.begin(), answers.end(), "CASE ERASED") == 1;
  }));
  EXPECT_TRUE(LogsHold(ng_));
}

TEST_F(WithdrawalTest, ACoordinatorKeepsNothingFromBeingErased) {
  MakeOwnCase(Refer());
  ops::HoldCaseRequest request;
  request.set_case_id("NG-1");
  request.set_ground("COURT_ORDER");
  EXPECT_THAT((As<Consents, ops::HoldCaseResponse>(
                  Coord(ng_), &Consents::Stub::HoldCase, request)),
              FailsWith(ErrorReason::kLocalAccessDenied));
}

// Law 3: a flag stops the events of a dossier too, and what waits; withdrawal
// goes all the same, with nothing but what is withdrawn.
TEST_F(WithdrawalTest, Law3AFlagHoldsBackWhatWaitsUntilItIsGone) {
  ng_.Stop();
  const ops::Referral draft = MakeCase("C1", {kStatus});
  ASSERT_OK(Send("coord", draft));
  ASSERT_OK(Screen(true));
  ASSERT_OK(ng_.Start(clock_));
  // Another referral arrives; this one did not.
  const ops::Referral other = Refer("C2");
  EXPECT_THAT(Show(ng_, draft.referral_id()),
              FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Screen(false));
  EXPECT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
}

TEST_F(WithdrawalTest, WhatWasWithdrawnWhileHeldBackDoesNotFollowTheFlag) {
  ng_.Stop();
  const ops::Referral draft = MakeCase("C1", {kStatus});
  ASSERT_OK(Send("coord", draft));
  ASSERT_OK(Screen(true));
  // The excluded side holds nothing as far as is known, and is told nothing.
  const auto withdrawn = Withdraw("C1");
  ASSERT_OK(withdrawn);
  EXPECT_EQ(withdrawn->withdrawals_size(), 0);
  ASSERT_OK(Screen(false));
  ASSERT_OK(ng_.Start(clock_));
  ASSERT_TRUE(Await([&] {
    return Standing().withdrawals_size() == 1 &&
           Standing().withdrawals(0).nothing_held();
  }));
  EXPECT_THAT(Show(ng_, draft.referral_id()),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(WithdrawalTest, Law3NothingButTheWithdrawalGoesToAFlaggedPartner) {
  const ops::Referral referral = Refer();
  ASSERT_OK(Screen(true));
  ops::RecordConsentRequest consent;
  consent.set_case_id("C1");
  auto* act = consent.mutable_consent();
  act->set_recipient("NG");
  act->set_purpose("SAFE_RETURN");
  act->add_groups(v1::RECORD_GROUP_IDENTITY);
  act->set_state("GIVEN");
  act->set_language("ha");
  act->set_withdrawal_channel("OFFICE");
  const auto recorded = As<ops::CaseService, ops::RecordConsentResponse>(
      Coord(ne_), &ops::CaseService::Stub::RecordConsent, consent);
  ASSERT_OK(recorded);
  EXPECT_EQ(recorded->notified_referral_ids_size(), 0);
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  const auto history = Show(ng_, referral.referral_id());
  EXPECT_EQ(history->history(2).kind(), "CONSENT_WITHDRAWN");
  EXPECT_EQ(history->history_size(), 4);
}

// The values of one column of a store's copy.
std::vector<std::string> Column(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  EXPECT_EQ(
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr),
      SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr),
            SQLITE_OK);
  std::vector<std::string> values;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    values.emplace_back(
        static_cast<const char*>(sqlite3_column_blob(statement, 0)),
        static_cast<size_t>(sqlite3_column_bytes(statement, 0)));
  }
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return values;
}

// Law 11: whoever copies the whole directory afterwards, keys and journal too,
// finds neither the data key nor anything that it sealed.
TEST_F(WithdrawalTest, Law11ACopyMadeAfterErasureOpensNothing) {
  const ops::Referral referral = Refer();
  MakeOwnCase(referral);
  const NodeLayout layout{ng_.directory()};
  std::vector<std::string> secrets =
      Column(layout.StoreFile(), "SELECT wrapped_key FROM cases");
  for (const char* sql :
       {"SELECT wrapped_key FROM referrals", "SELECT sealed_body FROM cases",
        "SELECT sealed_facts FROM cases",
        "SELECT sealed_openings FROM events WHERE "
        "sealed_openings != x''"}) {
    for (std::string& each : Column(layout.StoreFile(), sql)) {
      secrets.push_back(std::move(each));
    }
  }
  ASSERT_EQ(secrets.size(), 5u);
  const auto found = [&](const std::string& directory) {
    size_t hits = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      const std::string bytes = Bytes(entry.path());
      for (const std::string& secret : secrets) {
        hits += bytes.find(secret) != std::string::npos ? 1 : 0;
      }
    }
    return hits;
  };
  EXPECT_GE(found(ng_.directory()), secrets.size());
  ASSERT_OK(Withdraw("C1"));
  ASSERT_TRUE(Answered());
  const TestDirectory copy;
  ASSERT_TRUE(Await([&] {
    ng_.Tick();
    std::filesystem::remove_all(copy.Path("node"));
    std::filesystem::copy(ng_.directory(), copy.Path("node"),
                          std::filesystem::copy_options::recursive);
    return found(copy.Path("node")) == 0;
  }));
}

}  // namespace
}  // namespace comity
