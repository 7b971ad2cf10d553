#include "comity/federation/v1/case_query.pb.h"
#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/cli/analysed_files.h"
#include "node/identity/node_layout.h"
#include "node/policy/policy_diff.h"
#include "node/wire/event_wire.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// Niger's node runs for real; Nigeria's messages are written by hand.
class FederationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Pair(ng_));
    ASSERT_OK(ne_.Activate({"agreements/ng-ne-bilateral.textproto",
                            "national/ne.textproto", "local/ne.textproto"}));
    // gRPC reads changed anchors once a second; a restart reads them now.
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    partner_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
  }

  template <typename Response, typename Service, typename Method,
            typename Request>
  Response Call(Method method, Request request) {
    CommandContext& coord = ne_.As("ANLTP", Role::kCoordinator, "coord");
    request.set_request_id(coord.NewRequestId());
    const auto response = coord.Call<Service, Response>(method, request);
    EXPECT_OK(response);
    return response.ok() ? *response : Response();
  }

  void Screen(const std::string& reference, bool never_contact) {
    ops::RecordScreeningRequest request;
    request.set_case_id(reference);
    request.mutable_screening()->set_never_contact(never_contact);
    Call<ops::RecordScreeningResponse, ops::CaseService>(
        &ops::CaseService::Stub::RecordScreening, request);
  }

  // A case of Niger's with consent to tell its status to Nigeria, and a draft
  // that gives it a pseudonym; returns the pseudonym's bytes.
  std::string ReferableCase(const std::string& reference) {
    ops::CreateCaseRequest create;
    create.mutable_record()->set_x_local_reference(reference);
    create.mutable_record()->set_cas_status("Active");
    create.mutable_screening();
    Call<ops::CreateCaseResponse, ops::CaseService>(
        &ops::CaseService::Stub::CreateCase, create);
    Screen(reference, false);
    ops::RecordConsentRequest consent;
    consent.set_case_id(reference);
    consent.mutable_consent()->set_recipient("NG");
    consent.mutable_consent()->set_purpose("SAFE_RETURN");
    consent.mutable_consent()->add_groups(v1::RECORD_GROUP_STATUS);
    consent.mutable_consent()->set_state("GIVEN");
    consent.mutable_consent()->set_language("ha");
    consent.mutable_consent()->set_withdrawal_channel("SHELTER");
    Call<ops::RecordConsentResponse, ops::CaseService>(
        &ops::CaseService::Stub::RecordConsent, consent);
    ops::CreateReferralRequest draft;
    draft.set_case_id(reference);
    draft.set_receiver("NG");
    draft.set_purpose("SAFE_RETURN");
    const auto drafted =
        Call<ops::CreateReferralResponse, ops::ReferralService>(
            &ops::ReferralService::Stub::CreateReferral, draft);
    return Uuid::Parse(drafted.referral().pseudonym()).value().ToBytes();
  }

  fed::CaseQuestion Question(const std::string& pseudonym) const {
    return partner_->QuestionAbout(pseudonym);
  }

  Message Ask(const fed::CaseQuestion& question, const Uuid& id) {
    return partner_->Ask(question, id);
  }

  // A referral of Nigeria's own, with one field group in its packet.
  Message Referral(const Uuid& event_id, const std::string& purpose) {
    record::v1::CaseRecord record;
    record.set_cas_status("Active");
    const FieldOpening opening{FieldGroup::kStatus, random_.Bytes(32),
                               record.SerializeAsString()};
    ReferralEvent event{event_id, NewUuid(random_), ng_.code()};
    event.sequence = 1;
    event.kind = ReferralEventKind::kSent;
    event.occurred_at = clock_.Now();
    event.role = Role::kCoordinator;
    fed::ReferralEventPayload payload;
    FormatEvent(event, payload);
    FormatTerms({}, *payload.mutable_packet());
    auto* packet = payload.mutable_packet();
    packet->set_agreement_id("ng-ne-bilateral");
    packet->set_agreement_digest(
        ReadyPolicyDigest("agreements/ng-ne-bilateral.textproto"));
    packet->set_purpose(purpose);
    packet->set_basis("CONSENT");
    packet->set_pseudonym(random_.Bytes(16));
    auto* field = packet->add_fields();
    field->set_group(v1::RECORD_GROUP_STATUS);
    field->set_commitment(CommitField(
        opening.salt, static_cast<uint8_t>(opening.group), opening.value));
    return partner_->Send(MessageKind::kEvent, event_id, kEventType,
                          payload.SerializeAsString(), {opening});
  }

  absl::StatusOr<VerifiedMessage> Receipt(const Message& event) {
    ASSIGN_OR_RETURN(const std::vector<Message> receipts,
                     partner_->peer().Deliver({event}, absl::Seconds(5)));
    return partner_->Verify(receipts.at(0), MessageKind::kReceipt);
  }

  // Sends a question and returns the verified answer.
  absl::StatusOr<fed::CaseAnswer> Answer(const Message& question) {
    ASSIGN_OR_RETURN(Message received,
                     partner_->peer().AskCase(question, absl::Seconds(5)));
    ASSIGN_OR_RETURN(const VerifiedMessage verified,
                     partner_->Verify(received, MessageKind::kCaseAnswer));
    answer_size_ = verified.message.payload.size();
    fed::CaseAnswer answer;
    EXPECT_TRUE(answer.ParseFromString(verified.message.payload));
    return answer;
  }
  std::string RefusalOf(const absl::StatusOr<fed::CaseAnswer>& answer) {
    EXPECT_OK(answer);
    return answer.ok() ? answer->refusal().reason() : "";
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  std::unique_ptr<HandmadePartner> partner_;
  SystemRandom random_;
  const std::string nobody_ = std::string(16, 'x');
  size_t answer_size_ = 0;
};

TEST_F(FederationTest, ARefusalIsEvidenceToo) {
  const auto answer = Answer(Ask(Question(nobody_), NewUuid(random_)));
  EXPECT_EQ(RefusalOf(answer), "NOT_AVAILABLE");
  EXPECT_EQ(answer_size_ % 2048, 0u);
}

TEST_F(FederationTest, WhatBothPartiesCanComputeIsTold) {
  fed::CaseQuestion question = Question(nobody_);
  question.set_purpose("PROSECUTION_SUPPORT");
  EXPECT_EQ(RefusalOf(Answer(Ask(question, NewUuid(random_)))), "NO_GRANT");
  question = Question(nobody_);
  question.set_agreement_digest(std::string(32, 'd'));
  EXPECT_EQ(RefusalOf(Answer(Ask(question, NewUuid(random_)))),
            "AGREEMENT_NOT_IN_FORCE");
}

TEST_F(FederationTest, AnalysesReadWhatIsInForceAtTheNode) {
  CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
  const auto files = ReadAnalysedFiles({"active"}, admin);
  ASSERT_OK(files);
  ASSERT_EQ(files->agreements.size(), 1u);
  EXPECT_EQ(files->agreements[0].digest,
            ReadyPolicyDigest("agreements/ng-ne-bilateral.textproto"));
  EXPECT_EQ(files->OnlyNode(), "NE");
  EXPECT_EQ(files->nationals.size(), 1u);
  EXPECT_EQ(files->locals.size(), 1u);
  // The same files from disk differ in nothing.
  const auto read =
      ReadAnalysedFiles({COMITY_SOURCE_DIR "/policy/agreements/"
                                           "ng-ne-bilateral.textproto",
                         COMITY_SOURCE_DIR "/policy/national/ne.textproto"},
                        admin);
  ASSERT_OK(read);
  const auto diff = DiffPolicies(files->Policies(), read->Policies(), {});
  ASSERT_OK(diff);
  EXPECT_TRUE(diff->changes.empty());
  CommandContext& coord = ne_.As("ANLTP", Role::kCoordinator, "coord");
  EXPECT_EQ(ReasonOf(ReadAnalysedFiles({"active"}, coord).status()),
            ErrorReason::kLocalAccessDenied);
}

TEST_F(FederationTest, RefusesAMessageWithoutProofOrWithABrokenOne) {
  Message message = Ask(Question(nobody_), NewUuid(random_));
  Message bad = message;
  bad.proof.clear();
  EXPECT_THAT(partner_->peer().AskCase(bad, absl::Seconds(5)),
              FailsWith(ErrorReason::kEvidenceMissing));
  bad = message;
  bad.payload[0] ^= 1;
  EXPECT_THAT(partner_->peer().AskCase(bad, absl::Seconds(5)),
              FailsWith(ErrorReason::kEvidenceInvalid));
  bad = message;
  bad.leaf[40] ^= 1;
  EXPECT_FALSE(partner_->peer().AskCase(bad, absl::Seconds(5)).ok());
}

TEST_F(FederationTest, RefusesAMessageForAnotherAudience) {
  const TestParticipant tg("TG", clock_.Now());
  HandmadePartner for_togo(ng_, tg, clock_);
  const Message message =
      for_togo.Send(MessageKind::kCaseQuestion, NewUuid(random_),
                    "comity.federation.v1.CaseQuestion",
                    Question(nobody_).SerializeAsString());
  EXPECT_THAT(partner_->peer().AskCase(message, absl::Seconds(5)),
              FailsWith(ErrorReason::kWrongAudience));
}

// Law 7, its questions.
TEST_F(FederationTest, Law7ARepeatedQuestionIsDecidedAnewForSixtySeconds) {
  const Uuid id = NewUuid(random_);
  const Message message = Ask(Question(nobody_), id);
  EXPECT_EQ(RefusalOf(Answer(message)), "NOT_AVAILABLE");
  EXPECT_EQ(RefusalOf(Answer(message)), "NOT_AVAILABLE");
  fed::CaseQuestion other = Question(nobody_);
  other.add_wanted(v1::RECORD_GROUP_NEEDS);
  EXPECT_EQ(RefusalOf(Answer(Ask(other, id))), "REQUEST_ID_REUSED");
  ASSERT_OK(partner_->ProveHeads());
  // The time in a leaf counts milliseconds.
  clock_.Advance(absl::Milliseconds(59999));
  EXPECT_EQ(RefusalOf(Answer(message)), "NOT_AVAILABLE");
  ASSERT_OK(partner_->ProveHeads());
  clock_.Advance(absl::Milliseconds(2));
  EXPECT_EQ(RefusalOf(Answer(message)), "QUESTION_EXPIRED");
}

TEST_F(FederationTest, RefusesAProofFromTheLogForAnotherPartner) {
  const TestParticipant tg("TG", clock_.Now());
  HandmadePartner for_togo(ng_, tg, clock_, "togo");
  Message message = Ask(Question(nobody_), NewUuid(random_));
  message.proof = for_togo.Ask(Question(nobody_), NewUuid(random_)).proof;
  EXPECT_THAT(partner_->peer().AskCase(message, absl::Seconds(5)),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(FederationTest, RefusesAProofWithAWrongPath) {
  Ask(Question(nobody_), NewUuid(random_));
  const Message first = Ask(Question(nobody_), NewUuid(random_));
  Message second = Ask(Question(nobody_), NewUuid(random_));
  second.proof = first.proof;
  EXPECT_THAT(partner_->peer().AskCase(second, absl::Seconds(5)),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

// A partner that shows two histories: both of size one, with two roots.
TEST_F(FederationTest, TwoRootsForOneSizeAreCaughtAtOnce) {
  HandmadePartner other_history(ng_, ne_, clock_, "other");
  const Message honest = Ask(Question(nobody_), NewUuid(random_));
  const Message forked = other_history.Ask(Question(nobody_), NewUuid(random_));
  EXPECT_EQ(RefusalOf(Answer(honest)), "NOT_AVAILABLE");
  EXPECT_THAT(Answer(forked), FailsWith(ErrorReason::kLogForked));
  EXPECT_EQ(RefusalOf(Answer(honest)), "NOT_AVAILABLE");
}

TEST_F(FederationTest, AHeadThatIsNotProvedInTenSecondsStopsThePartner) {
  EXPECT_OK(Answer(Ask(Question(nobody_), NewUuid(random_))));
  EXPECT_OK(Answer(Ask(Question(nobody_), NewUuid(random_))));
  clock_.Advance(absl::Seconds(11));
  EXPECT_THAT(Answer(Ask(Question(nobody_), NewUuid(random_))),
              FailsWith(ErrorReason::kConsistencyUnproved));
}

// Laws 3 and 10.
TEST_F(FederationTest, Law10AFlaggedCaseLooksLikeOneThatDoesNotExist) {
  const std::string pseudonym = ReferableCase("C1");
  const auto released = Answer(Ask(Question(pseudonym), NewUuid(random_)));
  ASSERT_OK(released);
  EXPECT_EQ(released->released().record().cas_status(), "Active");
  const size_t size = answer_size_;
  Screen("C1", true);
  const auto flagged = Answer(Ask(Question(pseudonym), NewUuid(random_)));
  const auto absent = Answer(Ask(Question(nobody_), NewUuid(random_)));
  ASSERT_OK(flagged);
  ASSERT_OK(absent);
  EXPECT_EQ(flagged->refusal().reason(), "NOT_AVAILABLE");
  EXPECT_EQ(flagged->SerializeAsString(), absent->SerializeAsString());
  EXPECT_EQ(answer_size_, size);
}

// Laws 6 and 7, their events.
TEST_F(FederationTest, Law7ARepeatedEventGetsTheSameReceipt) {
  const Uuid id = NewUuid(random_);
  const Message event = Referral(id, "SAFE_RETURN");
  const auto first = Receipt(event);
  const auto second = Receipt(event);
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_EQ(first->message.payload, second->message.payload);
  EXPECT_EQ(first->message.salt, second->message.salt);
  EXPECT_EQ(first->leaf_hash, second->leaf_hash);
  fed::EventReceipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(first->message.payload));
  EXPECT_TRUE(receipt.has_delivered());
  const auto other = Receipt(Referral(id, "SAFE_RETURN"));
  ASSERT_OK(other);
  ASSERT_TRUE(receipt.ParseFromString(other->message.payload));
  EXPECT_EQ(receipt.refusal().reason(), "REQUEST_ID_REUSED");
}

TEST_F(FederationTest, APacketOutsideTheAgreementIsRefusedWithEvidence) {
  const auto refused = Receipt(Referral(NewUuid(random_), "STATISTICS"));
  ASSERT_OK(refused);
  fed::EventReceipt receipt;
  ASSERT_TRUE(receipt.ParseFromString(refused->message.payload));
  EXPECT_EQ(receipt.refusal().reason(), "NO_GRANT");
}

TEST_F(FederationTest, ACallWithoutDeadlineIsRefused) {
  const auto channel = grpc::CreateChannel(
      ne_.card().endpoints[0],
      TlsClientSide(TlsFilesOf(ng_, ne_.card()),
                    [](const auto&, const auto&) { return absl::OkStatus(); }));
  auto stub = fed::FederationService::NewStub(channel);
  grpc::ClientContext context;
  fed::HandshakeResponse response;
  EXPECT_THAT(
      FromGrpc(stub->Handshake(&context, fed::HandshakeRequest(), &response)),
      FailsWith(ErrorReason::kDeadlineMissing));
}

TEST_F(FederationTest, AMessageOverTheLimitIsRefused) {
  fed::CaseQuestion question = Question(nobody_);
  question.set_organisation(std::string(20000, 'o'));
  EXPECT_THAT(Answer(Ask(question, NewUuid(random_))),
              FailsWith(ErrorReason::kMessageTooLarge));
}

}  // namespace
}  // namespace comity
