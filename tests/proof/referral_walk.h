#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "comity/v1/annotations.pb.h"
#include "node/delivery/dossier.h"
#include "tests/proof/linked_node.h"

namespace comity {

// One person's referral from Niger to Nigeria as the test knows it.
struct WalkedReferral {
  Uuid id;
  std::string case_name;  // local reference at the holder
  std::string pseudonym;
};

// People of two nodes who take referrals a step at a time, at random among what
// the side that they look from would let them do, now and then the same call
// twice. Used by one thread.
class ReferralWalk {
 public:
  // Borrows all.
  ReferralWalk(const Clock& clock, LinkedNode& holder, LinkedNode& receiver,
               std::mt19937_64& random);

  // A screened case with consent to tell the groups of a packet, and a cleared
  // draft of its referral.
  WalkedReferral Begin();
  // The cleared draft alone, of a case that is there.
  absl::Status Draft(WalkedReferral& referral);
  absl::Status Send(const WalkedReferral& referral);
  // One step that the state at `node` invites to. OK if an event was written.
  absl::Status Step(const WalkedReferral& referral, LinkedNode& node);
  // One named step; the request's other fields are filled in.
  absl::Status Take(const WalkedReferral& referral, LinkedNode& node,
                    ReferralEventKind kind);

  absl::Status RecordConsent(const WalkedReferral& referral,
                             const std::vector<v1::RecordGroup>& groups,
                             absl::Duration lasting);
  // No groups: all.
  absl::Status WithdrawGroups(const WalkedReferral& referral,
                              const std::vector<v1::RecordGroup>& groups);
  absl::Status WithdrawReferral(const WalkedReferral& referral,
                                LinkedNode& node);
  absl::Status Screen(const WalkedReferral& referral, bool excludes_receiver);
  // The receiver's question; the reason of a refusal as an error.
  absl::Status AskCase(const WalkedReferral& referral,
                       const std::vector<v1::RecordGroup>& groups);

  // Whether people call again, with the same id, what failed for its log could
  // not be written.
  void TryAgain(bool again) { try_again_ = again; }
  // Persons agree to every plan.
  void AgreeAlways(bool agrees) { agrees_always_ = agrees; }
  // How often that was.
  int failures() const { return failures_; }

  // Every event that somebody was told is written, with its author.
  const std::map<Uuid, ParticipantCode>& written() const { return written_; }
  // Repeated calls that were not answered as the first ones were.
  const std::vector<std::string>& faults() const { return faults_; }
  ReferralState StateAt(LinkedNode& node, const WalkedReferral& referral) const;
  // Which steps were taken, how often.
  const std::map<ReferralEventKind, int>& taken() const { return taken_; }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  // Calls with an id of the call's own, which is the id of the event that it
  // writes; sometimes twice.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Do(
      LinkedNode& node, const Caller& person, LocalOperation operation,
      absl::Status (*handler)(OperatorCall&, const Request&, Response&),
      Request request, bool writes_event);
  template <typename Request, typename Response>
  absl::Status DoStep(LinkedNode& node, const WalkedReferral& referral,
                      LocalOperation operation,
                      absl::Status (*handler)(OperatorCall&, const Request&,
                                              Response&),
                      Request request);
  absl::Status TakePlanStep(const WalkedReferral& referral, LinkedNode& node,
                            ReferralEventKind kind);
  absl::Status TakeJourneyStep(const WalkedReferral& referral, LinkedNode& node,
                               ReferralEventKind kind);
  absl::Status TakeDecision(const WalkedReferral& referral, LinkedNode& node,
                            ReferralEventKind kind);
  ReferralStatus StatusAt(LinkedNode& node,
                          const WalkedReferral& referral) const;
  std::vector<ReferralEventKind> Invited(const ReferralStatus& status,
                                         bool holds);

  const Clock& clock_;
  LinkedNode& holder_;
  LinkedNode& receiver_;
  std::mt19937_64& random_;
  SeededRandomForTest ids_;
  int begun_ = 0;
  std::map<Uuid, ParticipantCode> written_;
  std::map<ReferralEventKind, int> taken_;
  std::vector<std::string> faults_;
  bool try_again_ = false;
  bool agrees_always_ = false;
  int failures_ = 0;
};

}  // namespace comity
