#include "comity/federation/v1/attachment.pb.h"
#include "node/crypto/hash.h"
#include "node/wire/event_wire.h"
#include "node/wire/policy_file.h"
#include "tests/support/attachment_story.h"

namespace comity {
namespace {

namespace fed = federation::v1;
namespace ops = operators::v1;

// Niger's node offers a document; Nigeria asks for it by messages that are
// written by hand.
class AttachmentAnswerTest : public AttachmentStory {
 protected:
  void SetUp() override {
    Open({});
    // Its log is the test's from here on.
    ng_.Stop();
    MakePerson("C1");
    ASSERT_OK(Consent({kMedical, kIdentity}));
    ops::SendReferralRequest send;
    send.set_request_id(Drafter().NewRequestId());
    const auto drafted = Draft("C1");
    ASSERT_OK(drafted);
    referral_ = *drafted;
    ASSERT_OK(Clear(Holder(), referral_));
    send.set_referral_id(referral_);
    ASSERT_OK((As<ops::ReferralService, ops::SendReferralResponse>(
        Drafter(), &ops::ReferralService::Stub::SendReferral, send)));
    sent_ = send.request_id();
    pseudonym_ = Show(ne_, referral_)->referral().pseudonym();
    nigeria_ = std::make_unique<HandmadePartner>(ng_, ne_, clock_);
  }

  void AcceptByHand() {
    ReferralEvent event{NewUuid(nigeria_->random()), *Uuid::Parse(referral_),
                        ng_.code()};
    event.sequence = 1;
    event.parents = {*Uuid::Parse(sent_)};
    event.kind = ReferralEventKind::kAccepted;
    event.occurred_at = clock_.Now();
    event.role = Role::kCoordinator;
    fed::ReferralEventPayload payload;
    FormatEvent(event, payload);
    payload.mutable_acceptance()->set_case_manager("NAPTIP");
    const auto receipts = nigeria_->peer().Deliver(
        {nigeria_->Send(MessageKind::kEvent, event.event_id, kEventType,
                        payload.SerializeAsString())},
        absl::Seconds(5));
    ASSERT_OK(receipts);
    ASSERT_EQ(StateAt(ne_, referral_), "ACCEPTED");
  }
  void OfferIt(const std::string& content) {
    const auto document = Attach(content);
    ASSERT_OK(document);
    const auto offer = Offer(referral_, *document);
    ASSERT_OK(offer);
    offer_ = *offer;
  }

  fed::AttachmentQuestion Question(uint32_t first, uint32_t chunks = 1) {
    fed::AttachmentQuestion question;
    *question.mutable_question() =
        nigeria_->QuestionAbout(Uuid::Parse(pseudonym_)->ToBytes());
    question.mutable_question()->set_referral_id(referral_);
    question.mutable_question()->clear_wanted();
    question.mutable_question()->add_wanted(kMedical);
    question.mutable_question()->add_wanted(kIdentity);
    question.set_offer_id(offer_);
    question.set_first_chunk(first);
    question.set_chunks(chunks);
    return question;
  }
  fed::AttachmentAnswer Answer(const fed::AttachmentQuestion& question) {
    fed::AttachmentAnswer answer;
    EXPECT_OK(nigeria_->ProveHeads());
    const auto received = nigeria_->peer().AskAttachment(
        nigeria_->Send(MessageKind::kAttachmentQuestion,
                       NewUuid(nigeria_->random()),
                       "comity.federation.v1.AttachmentQuestion",
                       question.SerializeAsString()),
        absl::Seconds(5));
    EXPECT_OK(received);
    if (!received.ok()) return answer;
    EXPECT_OK(nigeria_->Verify(*received, MessageKind::kAttachmentAnswer));
    EXPECT_TRUE(answer.ParseFromString(received->payload));
    EXPECT_EQ(answer.ByteSizeLong() % 2048, 0u);
    EXPECT_LT(received->payload.size(), 600u << 10);
    return answer;
  }
  std::string Outcome(const fed::AttachmentQuestion& question) {
    const fed::AttachmentAnswer answer = Answer(question);
    return answer.has_released() ? "RELEASED" : answer.refusal().reason();
  }

  std::string referral_;
  std::string sent_;
  std::string pseudonym_;
  std::string offer_;
  std::unique_ptr<HandmadePartner> nigeria_;
};

TEST_F(AttachmentAnswerTest, ItTellsTheChunksWantedAndWhatTheyBelongTo) {
  AcceptByHand();
  const std::string content = Pdf(40 * kChunk + 5);
  OfferIt(content);
  const fed::AttachmentAnswer most = Answer(Question(0, 32));
  EXPECT_EQ(most.released().content(), content.substr(0, 32 * kChunk));
  EXPECT_EQ(most.released().size(), content.size());
  EXPECT_EQ(most.released().digest(), Sha256(content));
  EXPECT_EQ(CommitAttachment(most.released().salt(), Sha256(content)),
            OffersAt(ne_, referral_)[0].attachment().commitment());
  EXPECT_EQ(Answer(Question(39, 32)).released().content(),
            content.substr(39 * kChunk));
}

TEST_F(AttachmentAnswerTest, AChunkThatIsNotThereIsRefusedByItsNumber) {
  AcceptByHand();
  OfferIt(Pdf(2 * kChunk));
  EXPECT_EQ(Outcome(Question(1)), "RELEASED");
  for (const uint32_t first : {2u, 1280u, UINT32_MAX}) {
    EXPECT_EQ(Outcome(Question(first)), "FIELD_INVALID") << first;
  }
  for (const uint32_t chunks : {0u, 33u}) {
    EXPECT_EQ(Outcome(Question(0, chunks)), "FIELD_INVALID") << chunks;
  }
}

// Law 10: whatever the reason, what is not told looks the same.
TEST_F(AttachmentAnswerTest, Law10RefusalsTellNothing) {
  AcceptByHand();
  OfferIt(Pdf(2 * kChunk));
  ASSERT_EQ(Outcome(Question(0)), "RELEASED");
  fed::AttachmentQuestion strange = Question(0);
  strange.set_offer_id(NewUuid(nigeria_->random()).ToString());
  const std::string refusal = Answer(strange).SerializeAsString();
  EXPECT_EQ(Outcome(strange), "NOT_AVAILABLE");
  fed::AttachmentQuestion fewer = Question(0);
  fewer.mutable_question()->clear_wanted();
  fewer.mutable_question()->add_wanted(kMedical);
  EXPECT_EQ(Answer(fewer).SerializeAsString(), refusal);
  fed::AttachmentQuestion of_another = Question(0);
  of_another.mutable_question()->set_referral_id(
      NewUuid(nigeria_->random()).ToString());
  EXPECT_EQ(Answer(of_another).SerializeAsString(), refusal);
  fed::AttachmentQuestion of_nobody = Question(0);
  of_nobody.mutable_question()->set_pseudonym(
      NewUuid(nigeria_->random()).ToBytes());
  EXPECT_EQ(Answer(of_nobody).SerializeAsString(), refusal);
  ASSERT_OK(Exclude(true));
  EXPECT_EQ(Answer(Question(0)).SerializeAsString(), refusal);
  ASSERT_OK(Exclude(false));
  ASSERT_OK(Withdraw({kMedical}));
  EXPECT_EQ(Answer(Question(0)).SerializeAsString(), refusal);
}

// Before acceptance there is no offer, and a question gets what one about
// nobody gets.
TEST_F(AttachmentAnswerTest, Law4NothingIsToldBeforeAcceptance) {
  offer_ = NewUuid(nigeria_->random()).ToString();
  EXPECT_EQ(Outcome(Question(0)), "NOT_AVAILABLE");
}

// A third participant that somehow knows all names of it.
TEST_F(AttachmentAnswerTest, AnotherPartnerGetsNothing) {
  AcceptByHand();
  OfferIt(Pdf(2 * kChunk));
  TestParticipant tg("TG", clock_.Now());
  ASSERT_OK(ne_.Pair(tg));
  const std::string with_togo =
      PolicyText("agreements/ng-ne-bilateral.textproto",
                 {{"ng-ne-bilateral", "ne-tg"}, {"\"NG\"", "\"TG\""}});
  ASSERT_OK(ne_.ActivateTexts({with_togo}));
  ne_.Stop();
  ASSERT_OK(ne_.Start(clock_));
  nigeria_ = std::make_unique<HandmadePartner>(tg, ne_, clock_);
  fed::AttachmentQuestion question = Question(0);
  question.mutable_question()->set_agreement_id("ne-tg");
  question.mutable_question()->set_agreement_digest(
      LoadPolicyFile("ne-tg.textproto", with_togo).body->digest);
  EXPECT_EQ(Outcome(question), "NOT_AVAILABLE");
}

// A question once more, within its minute: decided anew, nothing charged.
TEST_F(AttachmentAnswerTest, ARepeatedQuestionGetsItsChunksAgain) {
  AcceptByHand();
  OfferIt(Pdf(2 * kChunk));
  const Message question = nigeria_->Send(
      MessageKind::kAttachmentQuestion, NewUuid(nigeria_->random()),
      "comity.federation.v1.AttachmentQuestion",
      Question(0).SerializeAsString());
  EXPECT_OK(nigeria_->ProveHeads());
  const auto first = nigeria_->peer().AskAttachment(question, absl::Seconds(5));
  ASSERT_OK(first);
  EXPECT_OK(nigeria_->ProveHeads());
  const auto second =
      nigeria_->peer().AskAttachment(question, absl::Seconds(5));
  ASSERT_OK(second);
  EXPECT_EQ(first->payload, second->payload);
}

}  // namespace
}  // namespace comity
