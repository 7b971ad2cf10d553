#include <dirent.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "node/wire/event_wire.h"
#include "tests/support/faulty_opener.h"
#include "tests/support/log_check.h"
#include "tests/support/node_config.h"
#include "tests/support/referral_story.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The ports on which this process waits for connections.
std::set<int> ListeningPorts() {
  std::set<std::string> own;  // "socket:[4711]"
  DIR* directory = opendir("/proc/self/fd");
  while (const dirent* each = readdir(directory)) {
    char target[64] = {};
    const std::string path = absl::StrCat("/proc/self/fd/", each->d_name);
    if (readlink(path.c_str(), target, sizeof(target) - 1) > 0) {
      own.insert(target);
    }
  }
  closedir(directory);
  std::set<int> ports;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      // Local address, and 0A: it listens.
      if (fields.size() < 10 || fields[3] != "0A") continue;
      if (!own.contains(absl::StrCat("socket:[", fields[9], "]"))) continue;
      ports.insert(
          std::stoi(fields[1].substr(fields[1].rfind(':') + 1), nullptr, 16));
    }
  }
  return ports;
}

// Niger's node is called; Nigeria's is not, and collects every second.
class CollectTest : public ReferralStory {
 protected:
  CollectTest() : ReferralStory(/*ng_outbound_only=*/true) {}
  void SetUp() override {
    ASSERT_OK(ChangeConfig(
        ng_, [](NodeConfig& config) { config.collect_seconds = 1; }));
    Open({});
  }

  ops::GetStatusResponse StatusOf(TestParticipant& node, bool probe = false) {
    ops::GetStatusRequest request;
    request.set_probe(probe);
    const auto status = As<Admin, ops::GetStatusResponse>(
        node.As("ORG", Role::kAdmin, "admin-1"), &Admin::Stub::GetStatus,
        request);
    EXPECT_OK(status);
    return status.ok() ? *status : ops::GetStatusResponse();
  }
  static ops::StatusCheck CheckOf(const ops::PartnerStatus& partner,
                                  const std::string& subject) {
    for (const ops::StatusCheck& check : partner.checks()) {
      if (check.subject() == subject) return check;
    }
    return {};
  }
  // Until no head of the partner's waits for proof.
  bool ProvedAt(TestParticipant& node) {
    return Await([&] {
      return CheckOf(StatusOf(node).partners(0), "log heads").detail() ==
             "0 waiting for proof";
    });
  }
  // How many entries of that kind a log of the node's has.
  int Logged(TestParticipant& node, const std::string& log,
             const std::string& kind) {
    ops::ListLogEntriesRequest request;
    request.set_log(log);
    request.set_page_size(500);
    const auto entries = As<Admin, ops::ListLogEntriesResponse>(
        node.As("ORG", Role::kAuditor, "auditor"), &Admin::Stub::ListLogEntries,
        request);
    EXPECT_OK(entries);
    int count = 0;
    for (const ops::LogEntry& entry : entries->entries()) {
      if (entry.kind() == kind) ++count;
    }
    return count;
  }
  absl::Status Withdraw(const std::string& reference) {
    ops::WithdrawConsentRequest request;
    request.set_case_id(reference);
    request.set_channel("SHELTER");
    return As<ops::ConsentService, ops::WithdrawConsentResponse>(
               Drafter(), &ops::ConsentService::Stub::WithdrawConsent, request)
        .status();
  }
};

TEST_F(CollectTest, AReferralGoesBothWaysThoughOneSideCannotBeCalled) {
  const std::string id = Refer("C1");
  AgreeOnPlan(id);
  ExpectBoth(id, "PLAN_AGREED");
  Travel(id);
  EXPECT_EQ(KindsAt(ne_, id), KindsAt(ng_, id));
  EXPECT_TRUE(ProvedAt(ne_));
  EXPECT_TRUE(ProvedAt(ng_));
  EXPECT_TRUE(LogsHold(ne_));
  EXPECT_TRUE(LogsHold(ng_));
}

// Law 5: it is the first thing of the next collection, and the proof of erasure
// comes back at once.
TEST_F(CollectTest, Law5AWithdrawalIsCollectedAndErasureConfirmed) {
  const std::string id = Refer("C1");
  ASSERT_OK(Accept(id));
  ExpectBoth(id, "ACCEPTED");
  ASSERT_OK(Withdraw("C1"));
  ExpectBoth(id, "WITHDRAWN");
  ASSERT_OK_AND_ASSIGN(const auto shown, Show(ng_, id));
  EXPECT_TRUE(shown.referral().erased());
  const std::vector<std::string> kinds = KindsAt(ne_, id);
  EXPECT_THAT(kinds, Contains(HasSubstr("NG ERASURE_CONFIRMED")));
}

// It asks as others do: only questions to it find nobody.
TEST_F(CollectTest, ItMayAskAndCannotBeAsked) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("coord", draft)), "RELEASED");
  const int before = Logged(ne_, "comity/NE/NG", "CASE_QUESTION");
  ops::RequestCaseRequest question = StatusQuestion(draft);
  question.set_holder("NG");
  const absl::Time start = absl::Now();
  const auto asked = As<ops::ReferralService, ops::RequestCaseResponse>(
      Drafter(), &ops::ReferralService::Stub::RequestCase, question);
  EXPECT_THAT(asked, FailsWith(ErrorReason::kPartnerCollects));
  EXPECT_THAT(std::string(asked.status().message()),
              HasSubstr("NG cannot be asked"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  // Nothing was written of a question that could not leave.
  EXPECT_EQ(Logged(ne_, "comity/NE/NG", "CASE_QUESTION"), before);
  ops::CompareAgreementRequest compare;
  compare.set_partner("NG");
  compare.set_agreement_id("ng-ne-bilateral");
  EXPECT_THAT((As<ops::PolicyService, ops::CompareAgreementResponse>(
                  ne_.As("ORG", Role::kAdmin, "admin-1"),
                  &ops::PolicyService::Stub::CompareAgreement, compare)),
              FailsWith(ErrorReason::kPartnerCollects));
}

// It asks a question whose head nobody can ask it to prove: it proves by
// itself.
TEST_F(CollectTest, WhatItAskedIsProvedBeforeItIsLate) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(OutcomeOf(AskStatus("coord", draft)), "RELEASED");
  }
  ASSERT_TRUE(ProvedAt(ne_));
  clock_.Advance(absl::Seconds(11));
  EXPECT_EQ(OutcomeOf(AskStatus("coord", draft)), "RELEASED");
}

TEST_F(CollectTest, BothSidesSeeThatItCollectsAndWhenItLastDid) {
  for (TestParticipant* node : {&ne_, &ng_}) {
    ASSERT_TRUE(
        Await([&] { return StatusOf(*node).partners(0).has_collected_at(); }));
  }
  const ops::PartnerStatus at_niger = StatusOf(ne_, true).partners(0);
  EXPECT_TRUE(at_niger.collects());
  EXPECT_TRUE(CheckOf(at_niger, "mail").ok());
  EXPECT_THAT(CheckOf(at_niger, "mail").detail(),
              HasSubstr("it collects its mail; last 20"));
  // Nobody tried to reach it, so nothing failed.
  EXPECT_EQ(CheckOf(at_niger, "reachable").subject(), "");
  const ops::PartnerStatus at_nigeria = StatusOf(ng_, true).partners(0);
  EXPECT_FALSE(at_nigeria.collects());
  EXPECT_TRUE(CheckOf(at_nigeria, "mail").ok());
  EXPECT_TRUE(CheckOf(at_nigeria, "reachable").ok());
  // It is gone, and something waits for it.
  ng_.Stop();
  EXPECT_OK(Send("coord", MakeCase("C1", {v1::RECORD_GROUP_STATUS})));
  clock_.Advance(absl::Minutes(16));
  const ops::StatusCheck late = CheckOf(StatusOf(ne_).partners(0), "mail");
  EXPECT_FALSE(late.ok());
  EXPECT_EQ(late.reason(), "PEER_UNREACHABLE");
}

TEST_F(CollectTest, AnOutboundOnlyNodeListensToItsOwnPeopleAlone) {
  ne_.Stop();
  const std::string path = NodeLayout{ng_.directory()}.Config();
  const std::string address =
      ParseConfig(*ReadPublicFile(path))->operator_address;
  const int own = std::stoi(address.substr(address.rfind(':') + 1));
  EXPECT_EQ(ListeningPorts(), std::set<int>{own});
  // The same look at a node that is called finds both of its ports.
  ng_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_THAT(ListeningPorts(), SizeIs(2));
}

TEST_F(CollectTest, FilesThatSayDifferentThingsDoNotStart) {
  ng_.Stop();
  ASSERT_OK(ChangeConfig(ng_, [](NodeConfig& config) {
    config.outbound_only = false;
    config.federation_address = "127.0.0.1:0";
  }));
  EXPECT_THAT(ng_.Start(clock_), FailsWith(ErrorReason::kFieldInvalid));
  ne_.Stop();
  ASSERT_OK(ChangeConfig(ne_, [](NodeConfig& config) {
    config.outbound_only = true;
    config.federation_address.clear();
  }));
  EXPECT_THAT(ne_.Start(clock_), FailsWith(ErrorReason::kFieldInvalid));
}

// The receipts of what Nigeria took in do not come through; then both restart.
TEST_F(CollectTest, Law7RestartsBetweenCollectionAndReceiptDoubleNothing) {
  FaultInjectingStore* disk = nullptr;
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_, FaultyOpener(disk)));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ng_.Stop();
  ASSERT_OK(Send("coord", draft));
  disk->FailNextCommits(1000000);
  ASSERT_OK(ng_.Start(clock_));
  const std::string& id = draft.referral_id();
  ASSERT_TRUE(Await([&] { return StateAt(ng_, id) == "RECEIVED"; }));
  ASSERT_EQ(disk->ReadOutbox(ng_.code(), 10)->size(), 1u);
  ng_.Stop();
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  ASSERT_OK(ng_.Start(clock_));
  ExpectBoth(id, "RECEIVED");
  EXPECT_EQ(Logged(ng_, "comity/NG/NE", "RECEIPT"), 1);
  EXPECT_THAT(KindsAt(ng_, id), SizeIs(1));
}

TEST_F(CollectTest, TwoNodesThatCannotBeCalledAreToldToCarryTheirMail) {
  const TestParticipant chad("TD", clock_.Now(), /*commission=*/false,
                             /*outbound_only=*/true);
  ASSERT_TRUE(
      Await([&] { return StatusOf(ng_).partners(0).has_collected_at(); }));
  ASSERT_OK(ng_.Pair(chad));
  const ops::GetStatusResponse status = StatusOf(ng_);
  ASSERT_EQ(status.partners_size(), 2);
  for (const ops::PartnerStatus& partner : status.partners()) {
    EXPECT_EQ(CheckOf(partner, "mail").reason(),
              partner.participant() == "TD" ? "PARTNER_COLLECTS" : "");
  }
}

// Under an agreement that has questions approved by another person.
class ApprovedQuestionTest : public CollectTest {
 protected:
  void SetUp() override { Open({{"max_per_day: 200", "approvals: 1"}}); }
};

TEST_F(ApprovedQuestionTest, NobodyIsToApproveWhatCannotBeAsked) {
  ops::RequestCaseRequest question =
      StatusQuestion(MakeCase("C1", {v1::RECORD_GROUP_STATUS}));
  question.set_holder("NG");
  EXPECT_THAT(
      (As<ops::ReferralService, ops::RequestCaseResponse>(
          Drafter(), &ops::ReferralService::Stub::RequestCase, question)),
      FailsWith(ErrorReason::kPartnerCollects));
  EXPECT_EQ(Inbox(Holder()).approvals_size(), 0);
}

// Nigeria's messages are written by hand, and Togo's, another partner's.
class HandmadeCollectTest : public CollectTest {
 protected:
  void SetUp() override {
    CollectTest::SetUp();
    ng_.Stop();
    ASSERT_OK(ne_.Pair(tg_));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    nigeria_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
    togo_ = std::make_unique<HandmadePartner>(tg_, ne_, clock_);
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    ASSERT_OK(Send("coord", draft_));
  }

  static absl::StatusOr<CollectedMail> Collect(
      HandmadePartner& partner, const std::vector<Message>& receipts = {}) {
    MailRequest request;
    request.receipts = receipts;
    return partner.peer().Collect(request, absl::Seconds(5));
  }
  // The event that waits for Nigeria.
  Message Waiting() {
    const auto mail = Collect(*nigeria_);
    EXPECT_OK(mail);
    EXPECT_EQ(mail->events.size(), 1u);
    return mail->events.at(0);
  }
  uint32_t Undelivered() {
    const auto shown = Show(ne_, draft_.referral_id());
    EXPECT_OK(shown);
    return shown.ok() ? shown->referral().undelivered_events() : 99;
  }

  TestParticipant tg_{"TG", clock_.Now()};
  std::unique_ptr<HandmadePartner> nigeria_;
  std::unique_ptr<HandmadePartner> togo_;
  ops::Referral draft_;
  SystemRandom random_;
};

TEST_F(HandmadeCollectTest, AnEventIsGivenUntilItsReceiptComes) {
  const Message event = Waiting();
  EXPECT_OK(nigeria_->Verify(event, MessageKind::kEvent));
  EXPECT_EQ(Waiting().leaf, event.leaf);
  EXPECT_EQ(Undelivered(), 1u);
  const Message receipt = nigeria_->Receipt(event);
  ASSERT_OK_AND_ASSIGN(const CollectedMail rest, Collect(*nigeria_, {receipt}));
  EXPECT_THAT(rest.events, IsEmpty());
  EXPECT_FALSE(rest.more);
  EXPECT_EQ(Undelivered(), 0u);
  // Repeated, it has no second effect.
  const int logged = Logged(ne_, "", "RECEIPT_RECEIVED");
  EXPECT_EQ(logged, 1);
  EXPECT_OK(Collect(*nigeria_, {receipt}));
  EXPECT_EQ(Logged(ne_, "", "RECEIPT_RECEIVED"), 1);
}

TEST_F(HandmadeCollectTest, CollectingLeavesNoEntryOfItsOwn) {
  Waiting();
  const int before = Logged(ne_, "comity/NE/NG", "EVENT");
  Waiting();
  Waiting();
  EXPECT_EQ(Logged(ne_, "comity/NE/NG", "EVENT"), before);
  EXPECT_EQ(before, 1);
}

TEST_F(HandmadeCollectTest, NobodyCollectsOrAcknowledgesMailOfAnother) {
  const Message event = Waiting();
  ASSERT_OK_AND_ASSIGN(const CollectedMail of_togo, Collect(*togo_));
  EXPECT_THAT(of_togo.events, IsEmpty());
  EXPECT_FALSE(of_togo.more);
  // A receipt of Togo's own for it, and Nigeria's that Togo got hold of.
  EXPECT_THAT(Collect(*togo_, {togo_->Receipt(event)}),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_THAT(Collect(*togo_, {nigeria_->Receipt(event)}),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_EQ(Undelivered(), 1u);
  TestParticipant stranger("ML", clock_.Now());
  HandmadePartner unknown(stranger, ne_, clock_);
  EXPECT_FALSE(Collect(unknown).ok());
}

TEST_F(HandmadeCollectTest, AReceiptThatDoesNotHoldKeepsTheEventAndNoOther) {
  const Message first = Waiting();
  ASSERT_OK(Send("coord", MakeCase("C2", {v1::RECORD_GROUP_STATUS})));
  ASSERT_OK_AND_ASSIGN(const CollectedMail both, Collect(*nigeria_));
  ASSERT_EQ(both.events.size(), 2u);
  Message damaged = nigeria_->Receipt(both.events[0]);
  damaged.payload += "x";
  const Message good = nigeria_->Receipt(both.events[1]);
  EXPECT_THAT(Collect(*nigeria_, {damaged, good}),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_EQ(Waiting().leaf, first.leaf);
  // For an event that Niger never wrote.
  Message other = nigeria_->Send(MessageKind::kReceipt, NewUuid(random_),
                                 kReceiptType, "a receipt");
  EXPECT_THAT(Collect(*nigeria_, {other}),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_EQ(Undelivered(), 1u);
}

// Mail is given all the same: a withdrawal may be in it.
TEST_F(HandmadeCollectTest, ReceiptsUnderAHeadThatIsNotProvedAreRefused) {
  const Message event = Waiting();
  ASSERT_OK(Collect(*nigeria_, {nigeria_->Receipt(event)}));
  ASSERT_OK(Send("coord", MakeCase("C2", {v1::RECORD_GROUP_STATUS})));
  const Message second = Waiting();
  ASSERT_OK(Collect(*nigeria_, {nigeria_->Receipt(second)}));
  ASSERT_OK(Send("coord", MakeCase("C3", {v1::RECORD_GROUP_STATUS})));
  clock_.Advance(absl::Seconds(11));
  const Message third = Waiting();
  const Message receipt = nigeria_->Receipt(third);
  EXPECT_THAT(Collect(*nigeria_, {receipt}),
              FailsWith(ErrorReason::kConsistencyUnproved));
  ASSERT_OK(nigeria_->ProveHeads());
  EXPECT_OK(Collect(*nigeria_, {receipt}));
  EXPECT_THAT(Collect(*nigeria_)->events, IsEmpty());
}

TEST_F(HandmadeCollectTest, WhatIsHeldUpThereHoldsUpNoOther) {
  const Message first = Waiting();
  ASSERT_OK(Send("coord", MakeCase("C2", {v1::RECORD_GROUP_STATUS})));
  MailRequest request;
  request.held_up = {ParseMessageLeaf(first.leaf)->request_id};
  ASSERT_OK_AND_ASSIGN(const CollectedMail rest,
                       nigeria_->peer().Collect(request, absl::Seconds(5)));
  ASSERT_EQ(rest.events.size(), 1u);
  EXPECT_NE(rest.events[0].leaf, first.leaf);
  EXPECT_FALSE(rest.more);
  request.held_up.clear();
  request.max_events = 1;
  ASSERT_OK_AND_ASSIGN(const CollectedMail one,
                       nigeria_->peer().Collect(request, absl::Seconds(5)));
  ASSERT_EQ(one.events.size(), 1u);
  EXPECT_EQ(one.events[0].leaf, first.leaf);
  EXPECT_TRUE(one.more);
}

TEST_F(HandmadeCollectTest, ASuspendedPartnerCollectsNothing) {
  ops::SuspendPartnerRequest request;
  request.set_participant("NG");
  const auto suspended = As<Admin, ops::SuspendPartnerResponse>(
      ne_.As("ORG", Role::kAdmin, "admin-1"), &Admin::Stub::SuspendPartner,
      request);
  ASSERT_OK(suspended);
  EXPECT_TRUE(suspended->collects());
  EXPECT_FALSE(Collect(*nigeria_).ok());
  EXPECT_EQ(Undelivered(), 1u);
}

}  // namespace
}  // namespace comity
