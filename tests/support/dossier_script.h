#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "node/domain/referral_status.h"

namespace comity {

// The events of one referral as one node holds them, written step by step as a
// node does: the guard is asked first, an hour passes with each.
class DossierScript {
 public:
  explicit DossierScript(absl::Time start) : now_(start) {}

  const ReferralParties& parties() const { return parties_; }
  const std::vector<ReferralEvent>& events() const { return events_; }
  ReferralStatus Status() const {
    return StatusOf(parties_, OrderEvents(events_));
  }
  absl::Time now() const { return now_; }
  void AdvanceTo(absl::Time now) { now_ = now; }
  void UseIds(uint64_t first) { next_id_ = first; }

  Uuid NewId() {
    std::string bytes(16, '\0');
    uint64_t id = next_id_++;
    for (size_t i = 0; i < 8; ++i, id >>= 8) bytes[i] = static_cast<char>(id);
    return *Uuid::FromBytes(bytes);
  }

  absl::Status Write(bool by_holder, ReferralEventKind kind, Role role,
                     EventContent content = {}) {
    ReferralEvent event{NewId(), Uuid(),
                        by_holder ? parties_.holder : parties_.receiver};
    const std::vector<ReferralEvent> ordered = OrderEvents(events_);
    std::map<ParticipantCode, const ReferralEvent*> heads;
    for (const ReferralEvent& each : ordered) {
      const ReferralEvent*& head = heads[each.author];
      if (head == nullptr || head->sequence < each.sequence) head = &each;
      if (each.author == event.author) ++event.sequence;
    }
    ++event.sequence;
    for (const auto& [author, head] : heads) {
      event.parents.push_back(head->event_id);
    }
    event.kind = kind;
    event.role = role;
    event.content = std::move(content);
    event.occurred_at = now_;
    const absl::Status allowed =
        CheckEvent(parties_, StatusOf(parties_, ordered), event);
    if (!allowed.ok()) return allowed;
    events_.push_back(std::move(event));
    now_ += absl::Hours(1);
    return absl::OkStatus();
  }
  absl::Status ByHolder(ReferralEventKind kind, EventContent content,
                        Role role = Role::kCoordinator) {
    return Write(true, kind, role, std::move(content));
  }
  absl::Status ByHolder(ReferralEventKind kind,
                        Role role = Role::kCoordinator) {
    return Write(true, kind, role);
  }
  absl::Status ByReceiver(ReferralEventKind kind, EventContent content,
                          Role role = Role::kCoordinator) {
    return Write(false, kind, role, std::move(content));
  }
  absl::Status ByReceiver(ReferralEventKind kind,
                          Role role = Role::kCoordinator) {
    return Write(false, kind, role);
  }

  // Takes events of its own back, which had no receipt yet, with a withdrawal.
  absl::Status WithdrawRecalling(bool by_holder, Withdrawal what,
                                 const std::vector<Uuid>& recalled) {
    std::vector<ReferralEvent> gone;
    std::erase_if(events_, [&](const ReferralEvent& event) {
      const bool is_gone = std::find(recalled.begin(), recalled.end(),
                                     event.event_id) != recalled.end();
      if (is_gone) gone.push_back(event);
      return is_gone;
    });
    const absl::Status written =
        Write(by_holder, ReferralEventKind::kConsentWithdrawn,
              Role::kCaseWorker, what);
    if (written.ok()) events_.back().recalled = recalled;
    events_.insert(events_.end(), gone.begin(), gone.end());
    return written;
  }
  void SetReceipt(const Uuid& id, ReceiptOutcome outcome) {
    for (ReferralEvent& each : events_) {
      if (each.event_id == id) each.receipt = outcome;
    }
  }

  DossierScript& Send(const ReferralTerms& terms) {
    Expect(ByHolder(ReferralEventKind::kSent, terms));
    return *this;
  }
  DossierScript& Acknowledge() {
    events_.back().receipt = ReceiptOutcome::kStored;
    events_.back().received_at = now_;
    return *this;
  }
  DossierScript& RefuseLast() {
    events_.back().receipt = ReceiptOutcome::kRefused;
    return *this;
  }
  DossierScript& Accept() {
    Expect(ByReceiver(ReferralEventKind::kAccepted));
    return *this;
  }
  DossierScript& AgreeOnPlan() {
    Expect(ByHolder(ReferralEventKind::kPlanProposed, PlanVersion{1}));
    Expect(ByReceiver(ReferralEventKind::kPlanAccepted, PlanVersion{1}));
    Expect(ByHolder(ReferralEventKind::kPlanAnswered, PlanAnswer{1, true}));
    return *this;
  }
  ReturnSchedule GoodSchedule() const {
    const absl::Time departs = now_ + absl::Hours(24 * 4);
    return {departs, departs + absl::Hours(12), now_ - absl::Hours(1),
            now_ - absl::Hours(2)};
  }
  absl::Status Schedule() {
    return ByHolder(ReferralEventKind::kReturnScheduled, GoodSchedule());
  }

  // Takes an event of the other node in.
  absl::Status Take(const ReferralEvent& event) {
    for (const ReferralEvent& each : events_) {
      if (each.event_id == event.event_id) return absl::OkStatus();
    }
    const absl::Status allowed = CheckIncoming(parties_, events_, event);
    if (allowed.ok()) events_.push_back(event);
    return allowed;
  }
  void SetReceived(const Uuid& id, absl::Time at) {
    for (ReferralEvent& each : events_) {
      if (each.event_id != id) continue;
      each.receipt = ReceiptOutcome::kStored;
      each.received_at = at;
    }
  }

 private:
  static void Expect(const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
  }

  ReferralParties parties_{*ParticipantCode::Create("NE"),
                           *ParticipantCode::Create("NG")};
  std::vector<ReferralEvent> events_;
  absl::Time now_;
  uint64_t next_id_ = 1;
};

// Two nodes that write at random what their guards allow, over a link that
// delivers late and twice, but each author's events in order.
class TwoNodes {
 public:
  TwoNodes(std::mt19937_64& random, absl::Time start)
      : random_(random), sides_{DossierScript(start), DossierScript(start)} {
    sides_[1].UseIds(uint64_t{1} << 32);
    sides_[1].AdvanceTo(start + absl::Minutes(Below(600)) - absl::Hours(5));
    terms_.travels = Below(4) != 0;
    terms_.child = Below(4) == 0;
    terms_.deadlines.expiry_days = 20;
  }

  void Step() {
    const size_t side = Below(2);
    if (Below(3) == 0) return Deliver(side);
    if (Below(60) == 0) {
      sides_[side].AdvanceTo(sides_[side].now() + absl::Hours(48));
    }
    Act(side);
  }

  void DeliverAll() {
    for (size_t i = 0; i < 1000; ++i) Deliver(i % 2);
    for (DossierScript& side : sides_) {
      for (const auto& [id, at] : receipts_) side.SetReceived(id, at);
    }
  }

  ReferralStatus StatusAt(bool holder) const {
    return sides_[holder ? 0 : 1].Status();
  }
  const DossierScript& Side(bool holder) const {
    return sides_[holder ? 0 : 1];
  }
  const std::string& refused() const { return refused_; }

  bool HandoverWasGuarded() const {
    const ReferralStatus status = sides_[0].Status();
    const bool arrived =
        status.state == ReferralState::kHandedOver ||
        (status.assisted_at != absl::InfinitePast() && status.terms.travels);
    return !arrived || (status.accepted_at != absl::InfinitePast() &&
                        status.plan_accepted && status.person_agrees == true &&
                        status.schedule.has_value());
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  // The next event of the other side, now and then one it sent before.
  void Deliver(size_t to) {
    const auto& from = sides_[1 - to].events();
    std::vector<const ReferralEvent*> own;
    for (const ReferralEvent& event : from) {
      const bool by_holder = event.author == sides_[0].parties().holder;
      if (by_holder == (to == 1)) own.push_back(&event);
    }
    size_t& next = delivered_[to];
    if (next < own.size()) {
      const ReferralEvent event = *own[next++];
      const absl::Status taken = sides_[to].Take(event);
      if (!taken.ok()) absl::StrAppend(&refused_, taken.message(), "; ");
      receipts_[event.event_id] = sides_[to].now();
      sides_[to].SetReceived(event.event_id, receipts_[event.event_id]);
    } else if (!own.empty() && Below(2) == 0) {
      const ReferralEvent event = *own[Below(own.size())];
      if (!sides_[to].Take(event).ok()) refused_ += "a repeat was refused; ";
    }
  }

  EventContent ContentOf(ReferralEventKind kind, DossierScript& side) {
    const uint32_t plan = side.Status().plan;
    switch (kind) {
      case ReferralEventKind::kSent:
        return terms_;
      case ReferralEventKind::kPlanProposed:
        return PlanVersion{plan + 1};
      case ReferralEventKind::kPlanAccepted:
        return PlanVersion{plan};
      case ReferralEventKind::kPlanAnswered:
        return PlanAnswer{plan, Below(5) != 0, true};
      case ReferralEventKind::kGuardianApproved:
        return GuardianApproval{
            plan, side.Status().state == ReferralState::kPlanAgreed};
      case ReferralEventKind::kReturnScheduled:
        return side.GoodSchedule();
      case ReferralEventKind::kConsentWithdrawn:
        return Withdrawal{Below(2) == 0};
      case ReferralEventKind::kCorrected:
        return Correction{Below(2) == 0};
      case ReferralEventKind::kFeedback:
        return Feedback{side.now()};
      case ReferralEventKind::kRiskAnswered:
        return RiskAnswer{side.now() + absl::Hours(24 * 20)};
      default:
        return {};
    }
  }

  void Act(size_t side) {
    const auto kind =
        static_cast<ReferralEventKind>(1 + Below(kReferralEventKindCount - 1));
    // What ends a referral or starts over is tried less often, else none gets
    // far.
    const bool back = kind == ReferralEventKind::kDeclined ||
                      kind == ReferralEventKind::kCancelled ||
                      kind == ReferralEventKind::kPlanProposed ||
                      kind == ReferralEventKind::kRiskAsked ||
                      kind == ReferralEventKind::kConsentWithdrawn;
    if (back && Below(40) != 0) return;
    for (const Role role :
         {Role::kCoordinator, Role::kGuardian, Role::kUnset}) {
      if (sides_[side]
              .Write(side == 0, kind, role, ContentOf(kind, sides_[side]))
              .ok()) {
        return;
      }
    }
  }

  std::mt19937_64& random_;
  std::array<DossierScript, 2> sides_;
  std::array<size_t, 2> delivered_ = {0, 0};
  std::map<Uuid, absl::Time> receipts_;
  std::string refused_;
  ReferralTerms terms_;
};

}  // namespace comity
