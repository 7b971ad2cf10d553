#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "node/domain/caller.h"
#include "node/identity/participant_card.h"
#include "node/identity/revoked_certificates.h"
#include "node/identity/revoked_operators.h"

namespace comity {

// The pinned cards of all partners at one time. Immutable, thread-safe.
class PartnerTable {
 public:
  PartnerTable() = default;
  explicit PartnerTable(
      std::vector<ParticipantCard> cards,
      std::set<ParticipantCode> suspended = {},
      std::map<ParticipantCode, RevokedCertificates> revoked = {});

  // nullptr if `code` is no partner.
  const ParticipantCard* Find(const ParticipantCode& code) const;
  const std::map<ParticipantCode, ParticipantCard>& cards() const {
    return cards_;
  }
  // True if its node may not call; what this node sends to it still goes.
  bool IsSuspended(const ParticipantCode& code) const {
    return suspended_.contains(code);
  }

  // What it revoked of its own, as far as it is known here.
  const RevokedCertificates& RevokedBy(const ParticipantCode& code) const;

  // Turns a node's certificate into a Caller. It must name exactly one URI,
  // spiffe://<code>.comity/node, of a partner, and chain to that partner's own
  // anchors (design.md law 9), through nothing that it revoked.
  // CERTIFICATE_UNKNOWN, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, or for the
  // client that a suspended partner's node is PARTNER_SUSPENDED.
  absl::StatusOr<Caller> IdentifyNode(const Certificate& certificate,
                                      const std::vector<Certificate>& presented,
                                      ChainPurpose purpose,
                                      absl::Time now) const;

  // All partners' anchors as PEM: what TLS itself is given. Never the decision.
  std::string UnionAnchorsPem() const;

 private:
  std::map<ParticipantCode, ParticipantCard> cards_;
  std::set<ParticipantCode> suspended_;
  std::map<ParticipantCode, RevokedCertificates> revoked_;
};

// The partner table in force. Thread-safe; a reader keeps the table it took.
class PartnerTableHolder {
 public:
  std::shared_ptr<const PartnerTable> Get() const {
    absl::MutexLock lock(&mutex_);
    return table_;
  }
  void Set(std::shared_ptr<const PartnerTable> table) {
    absl::MutexLock lock(&mutex_);
    table_ = std::move(table);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const PartnerTable> table_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<PartnerTable>();
};

// The own country's anchors, which operators' certificates are judged by.
// Thread-safe.
class NationalTrust {
 public:
  // `revoked` and `certificates` may be null: nobody is, and nothing.
  NationalTrust(ParticipantCode self, std::vector<Certificate> anchors,
                RevokedOperators* revoked = nullptr,
                const RevokedCertificatesHolder* certificates = nullptr)
      : self_(std::move(self)),
        anchors_(std::move(anchors)),
        revoked_(revoked),
        certificates_(certificates) {}

  // Turns an operator's certificate into a Caller. It must name exactly one
  // URI, spiffe://<code>.comity/operator/<organisation>/<ROLE>/<person>.
  // CERTIFICATE_REVOKED for one that was issued before its person was revoked,
  // or was revoked itself, from that instant on.
  absl::StatusOr<Caller> IdentifyOperator(
      const Certificate& certificate, const std::vector<Certificate>& presented,
      absl::Time now) const;

  // The last part of that, for whom IdentifyOperator identified; cheap.
  absl::Status CheckNotRevoked(const Caller& caller,
                               const Certificate& certificate,
                               absl::Time now) const;

  // From the next certificate on.
  void SetAnchors(std::vector<Certificate> anchors) {
    absl::MutexLock lock(&mutex_);
    anchors_ = std::move(anchors);
  }

 private:
  std::vector<Certificate> Anchors() const {
    absl::MutexLock lock(&mutex_);
    return anchors_;
  }

  const ParticipantCode self_;
  mutable absl::Mutex mutex_;
  std::vector<Certificate> anchors_ ABSL_GUARDED_BY(mutex_);
  RevokedOperators* revoked_;
  const RevokedCertificatesHolder* certificates_;
};

// The URI of an operator's certificate. FIELD_INVALID unless organisation is 1
// to 32 of A-Z a-z 0-9 - and person 1 to 64 of a-z 0-9 . -
// that does not begin with a dot: her profile is a folder of that name.
absl::StatusOr<std::string> OperatorUri(const ParticipantCode& participant,
                                        absl::string_view organisation,
                                        Role role, absl::string_view person);

}  // namespace comity
