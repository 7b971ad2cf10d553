#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/domain/participant.h"

namespace comity {

// The durable state of one Merkle log, named by its origin ("comity/NG/NE").
struct LogHead {
  uint64_t size = 0;
  std::string checkpoint;  // signed note over `size`; empty for size 0
};

// One leaf and what only this node may know of it.
struct LeafRow {
  uint64_t index = 0;
  std::string leaf;     // leaf data (node/audit/FORMAT.md)
  std::string opening;  // what its commitments stand for; sealed at rest
};

// What this node knows of a partner's log for it.
struct PeerHead {
  uint64_t size = 0;       // 0: nothing proved yet
  std::string root;        // 32 bytes
  std::string checkpoint;  // signed note
};

// A size seen in a message and not yet proved consistent with the head.
struct UnprovedHead {
  PeerHead head;
  absl::Time first_seen;
};

// A request id that was seen from a sender.
struct SeenRequest {
  // Of the message that carried it, with what the gate adds (what came of it).
  std::string leaf_hash;
  absl::Time first_seen;
};

// Reads logs. Thread-safe.
class LogReader {
 public:
  virtual ~LogReader() = default;
  // Size 0 for a log that has no entry.
  virtual absl::StatusOr<LogHead> ReadLogHead(absl::string_view log) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListLogs() const = 0;
  // Hash of a complete subtree (crypto/merkle.h). NOT_FOUND past the end.
  virtual absl::StatusOr<std::string> ReadNode(absl::string_view log,
                                               uint32_t level,
                                               uint64_t index) const = 0;
  // Leaves from `index` on, at most `limit`; openings only if asked for.
  virtual absl::StatusOr<std::vector<LeafRow>> ReadLeaves(
      absl::string_view log, uint64_t index, int limit,
      bool with_openings) const = 0;
  // Leaves that were linked to one of `subjects`, with openings, from `index`
  // on, at most `limit`.
  virtual absl::StatusOr<std::vector<LeafRow>> ReadLeavesAbout(
      absl::string_view log, const std::vector<Uuid>& subjects, uint64_t index,
      int limit) const = 0;
  virtual absl::StatusOr<PeerHead> ReadPeerHead(
      const ParticipantCode& partner) const = 0;
  // Ascending by size.
  virtual absl::StatusOr<std::vector<UnprovedHead>> ReadUnproved(
      const ParticipantCode& partner, int limit) const = 0;
  // When the one of them that waits longest was seen; nullopt if none waits.
  virtual absl::StatusOr<std::optional<absl::Time>> ReadOldestUnproved(
      const ParticipantCode& partner) const = 0;
  virtual absl::StatusOr<std::optional<SeenRequest>> ReadSeenRequest(
      absl::string_view sender, const Uuid& request_id) const = 0;
};

// Makes of the opening of one leaf what is left of it.
using LeafOpeningRewrite =
    std::function<absl::StatusOr<std::string>(absl::string_view opening)>;

// Writes logs inside a transaction.
class LogWriter {
 public:
  virtual ~LogWriter() = default;
  // Appends at the log's end: `row.index` must be the next index.
  virtual absl::Status InsertLeaf(absl::string_view log,
                                  const LeafRow& row) = 0;
  // Lets the leaf be found by what it is about: a case, a dossier, a pseudonym.
  // Only a keyed digest of `subject` is kept. Repeating it changes nothing.
  virtual absl::Status LinkLeaf(absl::string_view log, uint64_t index,
                                const Uuid& subject) = 0;
  // Replaces the openings of all leaves of `log` that are linked to one of
  // `subjects` by what `rewrite` returns, and removes the links. Returns how
  // many leaves there were; the leaves themselves stay.
  virtual absl::StatusOr<int64_t> ForgetSubjects(
      absl::string_view log, const std::vector<Uuid>& subjects,
      const LeafOpeningRewrite& rewrite) = 0;
  virtual absl::Status InsertNode(absl::string_view log, uint32_t level,
                                  uint64_t index, absl::string_view hash) = 0;
  virtual absl::Status PutLogHead(absl::string_view log,
                                  const LogHead& head) = 0;
  virtual absl::Status PutPeerHead(const ParticipantCode& partner,
                                   const PeerHead& head) = 0;
  // Does nothing if the size is known with the same root; LOG_FORKED if it is
  // known with another.
  virtual absl::Status PutUnproved(const ParticipantCode& partner,
                                   const UnprovedHead& head) = 0;
  virtual absl::Status DeleteUnproved(const ParticipantCode& partner,
                                      uint64_t size) = 0;
  // In place of what was put before.
  virtual absl::Status PutSeenRequest(absl::string_view sender,
                                      const Uuid& request_id,
                                      const SeenRequest& seen) = 0;
  // Forgets requests first seen before `time`.
  virtual absl::Status DeleteSeenRequests(absl::Time time) = 0;
};

}  // namespace comity
