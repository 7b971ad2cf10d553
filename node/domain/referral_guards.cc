#include <array>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/domain/referral_status.h"

// Who may write which event, and when.
namespace comity {
namespace {

using State = ReferralState;
using Kind = ReferralEventKind;
using States = EnumSet<ReferralState>;
using Roles = EnumSet<Role>;

constexpr uint32_t kMaxInfoRounds = 3;
// Of one side: far more than a referral comes to, and few enough to be read
// whole with each event. What ends disclosure has as many places of its own.
constexpr uint32_t kMostEvents = 256;
constexpr absl::Duration kReconfirmedWithin = absl::Hours(24 * 14);
constexpr absl::Duration kRiskAssessedWithin = absl::Hours(24 * 30);
// The alarm runs from the planned arrival: one in another year would
// keep it silent.
constexpr absl::Duration kLongestJourney = absl::Hours(24 * 14);

enum class Side : uint8_t { kHolder, kReceiver, kEither };

// Who may write an event of one kind, and when. kUnset as a role: the node.
struct Step {
  Side side;
  Roles roles;
  States states;
  const char* who;   // "the receiver's coordinator"
  const char* when;  // "it waits for a decision"
};

constexpr Roles kNode = {Role::kUnset};
constexpr Roles kCoordinator = {Role::kCoordinator};
constexpr Roles kPeople = {Role::kCoordinator, Role::kCaseWorker};
constexpr Roles kGuardian = {Role::kGuardian};
constexpr Roles kForThePerson = {Role::kCoordinator, Role::kCaseWorker,
                                 Role::kDataProtectionOfficer, Role::kGuardian,
                                 Role::kSurvivorRepresentative};

constexpr States kWaiting = {State::kSent, State::kReceived};
constexpr States kUndecided = {State::kSent, State::kReceived,
                               State::kNeedsInfo};
constexpr States kPlanning = {State::kAccepted, State::kPlanAgreed,
                              State::kReturnScheduled};
constexpr States kUnderway = {State::kReturnScheduled, State::kInTransit};
constexpr States kBeforeTravel = kUndecided.Union(kPlanning);
constexpr States kOpen = kBeforeTravel.Union(
    {State::kInTransit, State::kHandedOver, State::kInAssistance});
constexpr States kSentOnce =
    kOpen.Union({State::kDeclined, State::kClosed, State::kWithdrawn,
                 State::kCancelled, State::kExpired});

// The receiver has taken her on, and the referral is not over.
constexpr States kTakenOn = kPlanning.Union(
    {State::kInTransit, State::kHandedOver, State::kInAssistance});

// The receiver may still hold what it was told.
constexpr States kHeldThere = kOpen.Union(
    {State::kDeclined, State::kClosed, State::kCancelled, State::kExpired});

constexpr Step kNoStep = {Side::kEither, {}, {}, "nobody", "never"};

// Indexed by kind.
constexpr std::array<Step, kReferralEventKindCount> kSteps = {{
    kNoStep,
    {Side::kHolder,
     kCoordinator,
     {State::kRiskCleared},
     "the holder's coordinator sends it",
     "once, when its risk is cleared"},
    {Side::kReceiver, kCoordinator, kWaiting, "the receiver's coordinator asks",
     "while it waits for a decision"},
    {Side::kHolder,
     kPeople,
     {State::kNeedsInfo},
     "the holder's people answer",
     "when the receiver asked"},
    {Side::kReceiver, kCoordinator, kWaiting,
     "the receiver's coordinator accepts it", "while it waits for a decision"},
    {Side::kReceiver, kCoordinator, kUndecided,
     "the receiver's coordinator declines it", "before it is accepted"},
    {Side::kEither, kCoordinator, kPlanning, "a coordinator proposes a plan",
     "between acceptance and departure"},
    {Side::kEither,
     kCoordinator,
     {State::kAccepted},
     "a coordinator accepts the other side's plan",
     "while it is proposed"},
    {Side::kHolder,
     kPeople,
     {State::kAccepted},
     "the holder's people record what the person says to the plan",
     "while it is proposed"},
    {Side::kEither,
     kGuardian,
     {State::kAccepted, State::kPlanAgreed},
     "a child's guardian approves",
     "when there is a plan"},
    {Side::kHolder,
     kCoordinator,
     {State::kPlanAgreed, State::kReturnScheduled},
     "the holder's coordinator schedules the return",
     "when a plan is agreed"},
    {Side::kHolder,
     kPeople,
     {State::kReturnScheduled},
     "the holder's people confirm the departure",
     "when it is scheduled"},
    {Side::kReceiver, kCoordinator, kUnderway,
     "the receiver's coordinator confirms the arrival",
     "when a return is scheduled"},
    {Side::kEither, kNode, kUnderway, "a node raises the alarm",
     "when she is overdue"},
    {Side::kReceiver,
     kPeople,
     {State::kPlanAgreed, State::kHandedOver},
     "the receiver's people begin the assistance",
     "after the handover, or with an agreed plan if nobody travels"},
    {Side::kReceiver,
     kPeople,
     {State::kInAssistance},
     "the receiver's people report",
     "during the assistance"},
    {Side::kReceiver,
     kCoordinator,
     {State::kInAssistance},
     "the receiver's coordinator closes it",
     "during the assistance"},
    {Side::kHolder, kForThePerson, kOpen, "the holder's people record consent",
     "while it is open between the two parties"},
    {Side::kEither, kNode.Union(kForThePerson), kSentOnce,
     "people of either side record a withdrawal, or a node passes one on",
     "once it was sent"},
    {Side::kReceiver, kNode.Union(kForThePerson), kSentOnce,
     "the receiver confirms the erasure", "after a withdrawal"},
    {Side::kHolder, kCoordinator, kBeforeTravel,
     "the holder's coordinator cancels it", "before she travels"},
    {Side::kHolder, kNode,
     kUndecided.Union({State::kAccepted, State::kPlanAgreed}),
     "the holder's node lets it expire", "before a return is scheduled"},
    {Side::kHolder, kPeople, kHeldThere, "the holder's people correct it",
     "once it was sent, unless consent was withdrawn"},
    {Side::kReceiver,
     kForThePerson,
     {State::kInAssistance, State::kClosed},
     "the receiver's people pass on what she says",
     "during the assistance or after it"},
    {Side::kHolder, kPeople, kTakenOn, "the holder's people offer a document",
     "once it is accepted and until it is closed"},
    {Side::kEither, kForThePerson, kTakenOn,
     "people of either side record that she wants no reports any more",
     "once it is accepted and until it is closed"},
    {Side::kHolder, kPeople, kPlanning,
     "the holder's people ask about the risk of a return",
     "between acceptance and departure"},
    {Side::kReceiver, kPeople, kPlanning,
     "the receiver's people answer about the risk of a return",
     "between acceptance and departure"},
}};

bool HasAPlace(const ReferralEvent& event) {
  const bool ends = event.kind == Kind::kConsentWithdrawn ||
                    event.kind == Kind::kErasureConfirmed;
  return event.sequence <= (ends ? 2 * kMostEvents : kMostEvents);
}

const Step& StepOf(Kind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < kSteps.size() ? kSteps.at(index) : kNoStep;
}

absl::Status Conflict(const ReferralStatus& status, absl::string_view what) {
  return ReasonError(
      ErrorReason::kReferralStateConflict,
      absl::StrCat("the referral is ", Name(status.state), ": ", what));
}

absl::Status RefuseUnless(bool holds, const ReferralStatus& status,
                          absl::string_view what) {
  return holds ? absl::OkStatus() : Conflict(status, what);
}

absl::Status CheckPlanVersion(const ReferralStatus& status, uint32_t version) {
  if (version != 0 && version == status.plan) return absl::OkStatus();
  return Conflict(
      status, status.plan == 0
                  ? "no plan was proposed yet"
                  : absl::StrCat("the latest plan is version ", status.plan));
}

// Whoever asked waits for the answer, and she decides knowing it.
absl::Status CheckRiskKnown(const ReferralStatus& status,
                            const ReturnSchedule& schedule) {
  RETURN_IF_ERROR(RefuseUnless(!status.risk_asked_at.has_value(), status,
                               "the receiver was asked about the risk where "
                               "she would go, and has not answered"));
  if (!status.risk.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(
      RefuseUnless(schedule.departs_at <= status.risk->valid_until, status,
                   "the receiver's answer about the risk ends before the "
                   "departure; ask again"));
  return RefuseUnless(schedule.reconfirmed_at >= status.risk->answered_at,
                      status,
                      "she confirms her decision again, knowing the "
                      "receiver's answer about the risk");
}

absl::Status CheckSchedule(const ReferralStatus& status,
                           const ReturnSchedule& schedule, absl::Time now) {
  const uint32_t notice = status.terms.deadlines.travel_notice_hours;
  RETURN_IF_ERROR(
      RefuseUnless(status.terms.travels, status, "it was sent without travel"));
  RETURN_IF_ERROR(RefuseUnless(
      status.GuardiansSigned(&GuardianSignatures::for_return), status,
      "the guardians of both sides approve a child's return first"));
  RETURN_IF_ERROR(
      RefuseUnless(schedule.departs_at >= now + absl::Hours(notice), status,
                   absl::StrCat("the receiver needs ", notice,
                                " hours of notice before the departure")));
  RETURN_IF_ERROR(RefuseUnless(schedule.arrives_at >= schedule.departs_at,
                               status, "she arrives after she departs"));
  RETURN_IF_ERROR(CheckRiskKnown(status, schedule));
  RETURN_IF_ERROR(RefuseUnless(
      schedule.arrives_at - schedule.departs_at <= kLongestJourney, status,
      "a journey takes at most 14 days; nobody would miss her before its end"));
  RETURN_IF_ERROR(RefuseUnless(
      schedule.reconfirmed_at <= now &&
          schedule.departs_at - schedule.reconfirmed_at <= kReconfirmedWithin,
      status,
      "her decision to return must be confirmed again, at most 14 "
      "days before the departure"));
  return RefuseUnless(
      schedule.risk_assessed_at <= now &&
          schedule.departs_at - schedule.risk_assessed_at <=
              kRiskAssessedWithin,
      status,
      "the risk of the return must be assessed, at most 30 days "
      "before the departure");
}

// What a guard asks beyond author, role and state; one overload for each
// content, and for kinds without one.
struct ContentGuard {
  const ReferralStatus& status;
  const ReferralEvent& event;
  bool by_holder;

  absl::Status operator()(const std::monostate&) const {
    switch (event.kind) {
      case Kind::kInfoRequested:
        return RefuseUnless(status.info_rounds < kMaxInfoRounds, status,
                            "there were three rounds of questions; decide");
      case Kind::kAlarmRaised:
        return RefuseUnless(
            !status.alarm && status.schedule.has_value() &&
                event.occurred_at >
                    status.schedule->arrives_at +
                        absl::Hours(status.terms.deadlines.handover_hours),
            status, "she is not overdue, or the alarm was raised before");
      case Kind::kAssistanceBegun:
        return RefuseUnless(
            status.state == State::kHandedOver || !status.terms.travels, status,
            "she has not arrived yet");
      case Kind::kFollowUp:
        return RefuseUnless(
            status.follow_up, status,
            status.follow_up_stopped
                ? "the person wants no follow-up reports any more"
                : "the person did not opt in to follow-up reports");
      case Kind::kRiskAsked:
        return RefuseUnless(
            status.terms.travels && !status.risk_asked_at.has_value(), status,
            "it was sent without travel, or the question before is open");
      case Kind::kFollowUpStopped:
        return RefuseUnless(status.follow_up, status,
                            "the person wants no follow-up reports as it is");
      case Kind::kErasureConfirmed:
        return RefuseUnless(status.withdrawal, status,
                            "consent to nothing of it was withdrawn");
      case Kind::kExpired:
        return RefuseUnless(
            event.occurred_at >=
                status.sent_at +
                    absl::Hours(24) * status.terms.deadlines.expiry_days,
            status, "its time has not ended");
      case Kind::kPlanProposed:
      case Kind::kPlanAccepted:
      case Kind::kPlanAnswered:
      case Kind::kGuardianApproved:
      case Kind::kReturnScheduled:
      case Kind::kConsentWithdrawn:
      case Kind::kCorrected:
      case Kind::kFeedback:
      case Kind::kRiskAnswered:
      case Kind::kSent:
        return Conflict(status, "the event lacks its content");
      default:
        return absl::OkStatus();
    }
  }
  absl::Status operator()(const ReferralTerms&) const {
    return Expect(Kind::kSent);
  }
  absl::Status operator()(const PlanVersion& plan) const {
    if (event.kind == Kind::kPlanProposed) {
      return RefuseUnless(
          plan.version == status.plan + 1, status,
          absl::StrCat("the next plan is version ", status.plan + 1));
    }
    RETURN_IF_ERROR(Expect(Kind::kPlanAccepted));
    RETURN_IF_ERROR(CheckPlanVersion(status, plan.version));
    return RefuseUnless(by_holder != status.plan_by_holder, status,
                        "the side that proposed the plan cannot accept it");
  }
  absl::Status operator()(const PlanAnswer& answer) const {
    RETURN_IF_ERROR(Expect(Kind::kPlanAnswered));
    RETURN_IF_ERROR(CheckPlanVersion(status, answer.version));
    return RefuseUnless(
        !status.person_agrees.has_value(), status,
        "the person answered this plan; propose a new version to ask again");
  }
  absl::Status operator()(const GuardianApproval& approval) const {
    RETURN_IF_ERROR(Expect(Kind::kGuardianApproved));
    RETURN_IF_ERROR(CheckPlanVersion(status, approval.version));
    return RefuseUnless(
        approval.for_return == (status.state == State::kPlanAgreed), status,
        "guardians approve first the plan, then the return");
  }
  absl::Status operator()(const ReturnSchedule& schedule) const {
    RETURN_IF_ERROR(Expect(Kind::kReturnScheduled));
    return CheckSchedule(status, schedule, event.occurred_at);
  }
  absl::Status operator()(const Withdrawal&) const {
    RETURN_IF_ERROR(Expect(Kind::kConsentWithdrawn));
    return RefuseUnless(!status.withdrawn, status,
                        "consent to the whole referral is withdrawn already");
  }
  absl::Status operator()(const Correction& correction) const {
    RETURN_IF_ERROR(Expect(Kind::kCorrected));
    RETURN_IF_ERROR(CheckNotWithdrawn());
    return RefuseUnless(
        !correction.says_who || status.accepted_at != absl::InfinitePast(),
        status, "before it is accepted nothing tells who or where she is");
  }
  absl::Status operator()(const Feedback& feedback) const {
    RETURN_IF_ERROR(Expect(Kind::kFeedback));
    RETURN_IF_ERROR(CheckNotWithdrawn());
    return RefuseUnless(feedback.agreed_at <= event.occurred_at, status,
                        "she is asked once she has agreed to it");
  }
  absl::Status operator()(const RiskAnswer& answer) const {
    RETURN_IF_ERROR(Expect(Kind::kRiskAnswered));
    RETURN_IF_ERROR(RefuseUnless(status.risk_asked_at.has_value(), status,
                                 "no question about the risk is open"));
    return RefuseUnless(
        answer.valid_until > event.occurred_at &&
            answer.valid_until <= event.occurred_at + kRiskAssessedWithin,
        status, "an answer about the risk holds for 30 days at most");
  }

 private:
  absl::Status CheckNotWithdrawn() const {
    return RefuseUnless(!status.withdrawn, status,
                        "consent to the whole referral is withdrawn");
  }
  absl::Status Expect(Kind kind) const {
    return RefuseUnless(event.kind == kind, status,
                        "the event carries what is of another kind");
  }
};

}  // namespace

absl::Status CheckEvent(const ReferralParties& parties,
                        const ReferralStatus& status,
                        const ReferralEvent& event) {
  const bool by_holder = event.author == parties.holder;
  if (!by_holder && event.author != parties.receiver) {
    return Conflict(status, "a third participant cannot change it");
  }
  if (!HasAPlace(event)) {
    return Conflict(status, "one side has written as much as a referral takes");
  }
  const Step& step = StepOf(event.kind);
  const bool right_side =
      step.side == Side::kEither || by_holder == (step.side == Side::kHolder);
  if (!right_side || !step.roles.Contains(event.role) ||
      !step.states.Contains(status.state)) {
    return Conflict(status, absl::StrCat(step.who, ", ", step.when));
  }
  return std::visit(ContentGuard{status, event, by_holder}, event.content);
}

}  // namespace comity
