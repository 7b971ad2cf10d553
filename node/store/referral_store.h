#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/clearance.h"
#include "node/domain/referral.h"
#include "node/policy/permit.h"

namespace comity {

// One referral as this node holds it, at the holder or at the receiver.
struct ReferralRow {
  Uuid referral_id;
  ReferralParties parties;
  Uuid case_id;    // nil at the receiver
  Uuid pseudonym;  // the pair pseudonym: what the receiver calls the person
  Purpose purpose = Purpose::kUnset;
  LegalBasis basis = LegalBasis::kUnset;
  std::string agreement_id;
  std::string agreement_digest;  // 32 bytes
  std::string drafted_by;        // operator name; empty at the receiver
  absl::Time created_at;
  ReferralState state = ReferralState::kUnset;  // as of the events held
  uint64_t version = 0;                         // raised by each event
  // What the holder's release binds this receiver to; erase_at: when the packet
  // is to be erased, InfiniteFuture: not bound.
  absl::Time erase_at = absl::InfiniteFuture();
  bool no_onward_transfer = false;
  bool erased = false;                     // its data key is destroyed
  std::optional<RiskClearance> clearance;  // nullopt: nobody cleared it here
  std::string reason;  // why, at the holder; empty: not told
  int64_t place = 0;   // in the order in which they came; given by the store

  bool PacketReadable(absl::Time now) const {
    return !erased && now < erase_at;
  }
};

// One event with the bytes that its evidence is made of. `event` comes back
// without content and receipt: those are parsed from the bytes
// (delivery/dossier.h). `openings` is a
// serialized comity.federation.v1.Envelope that holds openings only; the store
// seals it under the dossier's own data key, the rest holds no person data.
struct EventRow {
  ReferralEvent event;
  std::string type;
  std::string payload;
  std::string salt;
  std::string leaf;
  uint64_t leaf_index = 0;  // in the author's log for the other party
  std::string openings;
  // The receipt: at the receiver what it answered, at the author what came
  // back. Empty until there is one.
  std::string receipt_payload;
  std::string receipt_salt;
  std::string receipt_leaf;
  uint64_t receipt_leaf_index = 0;
  // The tlog-proofs of what the other side logged, as they came: of the event
  // at the receiver, of the receipt at the author. Empty for what this node
  // logged and can prove itself.
  std::string proof;
  std::string receipt_proof;
};

// What the events of a referral lead to, as far as the store looks for it.
struct ReferralStanding {
  // Implicit: without a clock, only the state counts.
  // NOLINTNEXTLINE(google-explicit-constructor)
  ReferralStanding(ReferralState reached,
                   absl::Time acts_at = absl::InfiniteFuture(),
                   bool open = true)
      : state(reached), node_acts_at(acts_at), is_open(open) {}

  ReferralState state;
  absl::Time node_acts_at;  // NodeActsAt(); InfiniteFuture: never
  bool is_open;             // IsOpen()
};

// A part of the list of referrals, which is newest first. Those that come while
// a reader turns the pages are not on them.
struct ReferralPage {
  // Begins behind the one of this place; the greatest: with the newest.
  int64_t before = std::numeric_limits<int64_t>::max();
  int limit = std::numeric_limits<int>::max();
  bool open_only = false;  // drafts, and what stands as open
};

// One event that waits for its receipt.
struct OutboxRow {
  ParticipantCode partner;
  Uuid referral_id;
  Uuid event_id;
  absl::Time queued_at;
  bool urgent = false;  // goes ahead of all that is not
};

// Makes of the openings of one event what is left of them; empty: nothing.
// Nothing of them leaves the store: what it returns is sealed again.
using OpeningsRewrite =
    std::function<absl::StatusOr<std::string>(absl::string_view openings)>;

// Reads referrals. Thread-safe.
class ReferralReader {
 public:
  virtual ~ReferralReader() = default;
  // NOT_FOUND if this node holds no such referral.
  virtual absl::StatusOr<ReferralRow> ReadReferral(
      const Uuid& referral_id) const = 0;
  virtual absl::StatusOr<std::vector<ReferralRow>> ListReferrals(
      const ReferralPage& page) const = 0;
  // All of one case at its holder, oldest first.
  virtual absl::StatusOr<std::vector<ReferralRow>> ListReferralsOf(
      const Uuid& case_id) const = 0;
  // All in which the person goes by this pseudonym, on either side, oldest
  // first.
  virtual absl::StatusOr<std::vector<ReferralRow>> ListReferralsUnder(
      const Uuid& pseudonym) const = 0;
  // In order of arrival, without openings.
  virtual absl::StatusOr<std::vector<EventRow>> ReadEvents(
      const Uuid& referral_id) const = 0;
  // Without openings. NOT_FOUND if this node never saw the event.
  virtual absl::StatusOr<EventRow> ReadEvent(const Uuid& event_id) const = 0;
  // The event with its openings, for people of this node: INTERNAL unless
  // `permit` is for kReferralRead. NOT_FOUND if they were erased.
  virtual absl::StatusOr<EventRow> ReadEventOpenings(
      const Permit& permit, const Uuid& event_id) const = 0;
  // The openings of an event that offers a document: what they say is no part
  // of a record. Empty if they were withheld or erased. NOT_FOUND unless this
  // node holds such an event.
  virtual absl::StatusOr<std::string> ReadOfferOpening(
      const Uuid& event_id) const = 0;
  // The event with its openings, for sending it once more: a permit put it
  // into the outbox. NOT_FOUND if it is not there.
  virtual absl::StatusOr<EventRow> ReadForDelivery(
      const OutboxRow& row) const = 0;
  // Urgent ones first, then oldest first, at most `limit`.
  virtual absl::StatusOr<std::vector<OutboxRow>> ReadOutbox(
      const ParticipantCode& partner, int limit) const = 0;
  // How many events of one referral wait for the partner.
  virtual absl::StatusOr<uint32_t> CountOutbox(
      const ParticipantCode& partner, const Uuid& referral_id) const = 0;
  virtual absl::StatusOr<std::vector<ParticipantCode>> OutboxPartners()
      const = 0;
  // Dossiers whose erase_at has come and that are not erased, at most `limit`.
  virtual absl::StatusOr<std::vector<Uuid>> ListExpiredDossiers(
      absl::Time now, int limit) const = 0;
  // Referrals on which this node is to act by `now`, at most `limit`.
  virtual absl::StatusOr<std::vector<Uuid>> ListReferralsToActOn(
      absl::Time now, int limit) const = 0;
};

// Writes referrals inside a transaction.
class ReferralWriter {
 public:
  virtual ~ReferralWriter() = default;
  // ALREADY_EXISTS if the id is taken.
  virtual absl::Status InsertReferral(const ReferralRow& row) = 0;
  // Appends and sets where the referral stands. ALREADY_EXISTS if the event id
  // is taken.
  virtual absl::Status InsertEvent(const EventRow& row,
                                   const ReferralStanding& standing) = 0;
  virtual absl::Status SetReferralState(const Uuid& referral_id,
                                        const ReferralStanding& standing) = 0;
  // Removes a referral of which nothing was ever written. INTERNAL if it has
  // events.
  virtual absl::Status DeleteDraft(const Uuid& referral_id) = 0;
  // Replaces the clearance of the referral's risk; one without a risk level
  // takes it away.
  virtual absl::Status PutClearance(const Uuid& referral_id,
                                    const RiskClearance& clearance) = 0;
  // Replaces what the holder's release binds this receiver to.
  virtual absl::Status BindReferral(const Uuid& referral_id,
                                    absl::Time erase_at,
                                    bool no_onward_transfer) = 0;
  virtual absl::Status InsertOutbox(const OutboxRow& row) = 0;
  // Makes all events of a referral urgent that wait: one builds on another.
  virtual absl::Status HurryOutbox(const Uuid& referral_id) = 0;
  // Takes an event out of the outbox; nothing happens if it is not there.
  virtual absl::Status RemoveOutbox(const Uuid& event_id) = 0;
  // Stores the row's receipt fields and takes the event out of the outbox.
  // Repeating it changes nothing.
  virtual absl::Status PutReceipt(const EventRow& row) = 0;
  // Destroys the dossier's data key and all openings; events, receipts and logs
  // stay. Later events of it carry none.
  virtual absl::Status EraseDossier(const Uuid& referral_id) = 0;
  // Replaces the openings of each event by what `rewrite` returns, under a new
  // data key of the dossier; the old one is destroyed.
  virtual absl::Status RewriteOpenings(const Uuid& referral_id,
                                       const OpeningsRewrite& rewrite) = 0;
};

}  // namespace comity
