#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "tests/support/border.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/published_cases.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Consents = ops::ConsentService;
using testing::ElementsAre;
using testing::IsEmpty;

// A person whom Niger has published in its figures of 2018 says that she is
// not to be counted (domain.md, section 10, invariant 9).
class CountedNoMoreTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    record::v1::CaseRecord record = RegisteredIn("2018");
    record.set_x_local_reference("C1");
    RecordCase(ne_, record);
    PublishPeriod(ne_, "2018");
  }

  void Say(const std::string& purpose, const std::string& state) {
    // Each word is later than the one before.
    clock_.Advance(absl::Seconds(1));
    ops::RecordConsentRequest request;
    request.set_case_id("C1");
    auto* act = request.mutable_consent();
    act->set_recipient("NG");
    act->set_purpose(purpose);
    act->add_groups(v1::RECORD_GROUP_STATUS);
    act->add_groups(v1::RECORD_GROUP_NEEDS);
    act->set_state(state);
    act->set_language("ha");
    act->set_withdrawal_channel("SHELTER");
    ASSERT_OK((As<ops::CaseService, ops::RecordConsentResponse>(
        Coordinator(ne_, "coord"), &ops::CaseService::Stub::RecordConsent,
        request)));
  }
  void Withdraw(const std::vector<v1::RecordGroup>& groups = {}) {
    clock_.Advance(absl::Seconds(1));
    ops::WithdrawConsentRequest request;
    request.set_case_id("C1");
    for (const auto group : groups) request.add_groups(group);
    request.set_channel("HELPLINE");
    ASSERT_OK((As<Consents, ops::WithdrawConsentResponse>(
        Coordinator(ne_, "coord"), &Consents::Stub::WithdrawConsent, request)));
  }
  // The open revisions that hold a row of hers, as her erasure would find them.
  std::vector<std::string> RevisionsWithHer() {
    ops::EraseSubjectRequest request;
    request.set_case_id("C1");
    request.set_ground("SUBJECT_REQUEST");
    const auto shown = As<ops::SubjectService, ops::EraseSubjectResponse>(
        ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
        &ops::SubjectService::Stub::EraseSubject, request);
    EXPECT_OK(shown);
    if (!shown.ok()) return {"?"};
    return {shown->reach().revisions().begin(),
            shown->reach().revisions().end()};
  }
};

TEST_F(CountedNoMoreTest, Law5AWithdrawalFromStatisticsTakesHerOut) {
  Say("STATISTICS", "GIVEN");
  EXPECT_THAT(RevisionsWithHer(), ElementsAre("2018 revision 1"));
  // What was published before takes no new questions; the next is without her.
  Withdraw();
  EXPECT_TRUE(LastPublishedIsClosed(ne_));
  PublishPeriod(ne_, "2018");
  EXPECT_FALSE(LastPublishedIsClosed(ne_));
  EXPECT_THAT(RevisionsWithHer(), IsEmpty());
  // She may change her mind.
  Say("STATISTICS", "GIVEN");
  PublishPeriod(ne_, "2018");
  EXPECT_THAT(RevisionsWithHer(), ElementsAre("2018 revision 3"));
}

// A row is one: what is left of it after a group is gone is not told either.
TEST_F(CountedNoMoreTest, Law5OneGroupTakenBackTakesTheRow) {
  Say("STATISTICS", "GIVEN");
  Withdraw({v1::RECORD_GROUP_NEEDS});
  EXPECT_TRUE(LastPublishedIsClosed(ne_));
  PublishPeriod(ne_, "2018");
  EXPECT_THAT(RevisionsWithHer(), IsEmpty());
}

TEST_F(CountedNoMoreTest, Law5ARefusalIsAWordToo) {
  Say("STATISTICS", "REFUSED");
  EXPECT_TRUE(LastPublishedIsClosed(ne_));
  PublishPeriod(ne_, "2018");
  EXPECT_THAT(RevisionsWithHer(), IsEmpty());
}

// What is published of her while she takes her consent back was counted before
// it, and could be closed by nobody yet.
TEST_F(CountedNoMoreTest, Law5AWithdrawalWhileAPeriodIsPublishedTakesHerOut) {
  Say("STATISTICS", "GIVEN");
  FaultInjectingStore* store = nullptr;
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_, FaultyOpener(store)));
  store->AfterNextScan([this] { Withdraw(); });
  PublishPeriod(ne_, "2018");
  EXPECT_FALSE(LastPublishedIsClosed(ne_));
  EXPECT_THAT(RevisionsWithHer(), IsEmpty());
  Say("STATISTICS", "GIVEN");
  PublishPeriod(ne_, "2018");
  EXPECT_THAT(RevisionsWithHer(), ElementsAre("2018 revision 3"));
  // All is counted and looked at by then; the commit alone finds her.
  store->BeforeNextSnapshot([this] { Withdraw(); });
  PublishPeriod(ne_, "2018");
  EXPECT_FALSE(LastPublishedIsClosed(ne_));
  EXPECT_THAT(RevisionsWithHer(), IsEmpty());
}

// Niger counts its own cases by law; consent to be referred is another matter.
TEST_F(CountedNoMoreTest, AWithdrawalFromReferralsLeavesHerCounted) {
  Say("SAFE_RETURN", "GIVEN");
  Withdraw();
  EXPECT_FALSE(LastPublishedIsClosed(ne_));
  EXPECT_THAT(RevisionsWithHer(), ElementsAre("2018 revision 1"));
}

}  // namespace
}  // namespace comity
