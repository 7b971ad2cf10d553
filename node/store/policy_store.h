#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace comity {

// One version of a policy file on this node. `kind` is "agreement", "national"
// or "local"; `id` the agreement's id, else empty.
struct PolicyRow {
  std::string kind;
  std::string id;
  uint32_t revision = 0;
  std::string digest;      // 32 bytes
  std::string text;        // the file
  std::string signatures;  // serialized administrators' signatures
  absl::Time activated_at;
  absl::Time effective_at;  // from when it is in force; later: a timed switch
  std::string activated_by;
  bool rolled_back = false;  // an earlier revision that was put back
  bool cancelled = false;    // a timed switch that was called off
};

// A file that waits for signatures. At most one for each digest.
struct PolicyProposal {
  std::string kind;
  std::string id;
  uint32_t revision = 0;
  std::string digest;  // 32 bytes
  std::string text;
  std::string signatures;
  std::string proposed_by;
  absl::Time proposed_at;
};

// Files that an administrator tried to put in force, and that stayed out.
struct RefusedActivation {
  absl::Time at;
  std::string by;        // operator name
  std::string why;       // sealed at rest: it may quote a private file
  bool settled = false;  // other files came in force since
};

// Reads policy files. Thread-safe.
class PolicyReader {
 public:
  virtual ~PolicyReader() = default;
  // For each file the version in force at `now`, then those that come into
  // force later, in that order.
  virtual absl::StatusOr<std::vector<PolicyRow>> ListPolicies(
      absl::Time now) const = 0;
  // Every version ever activated, newest activation first, at most `limit`,
  // without texts. Empty `kind`: of all files.
  virtual absl::StatusOr<std::vector<PolicyRow>> ListPolicyVersions(
      absl::string_view kind, absl::string_view id, int limit) const = 0;
  // The newest version of this digest, with its text. NOT_FOUND if it was never
  // activated here.
  virtual absl::StatusOr<PolicyRow> ReadPolicy(
      absl::string_view digest) const = 0;
  // Oldest first.
  virtual absl::StatusOr<std::vector<PolicyProposal>> ListProposals() const = 0;
  // Newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<RefusedActivation>> ListRefusedActivations(
      int limit) const = 0;
};

// Writes policy files inside a transaction.
class PolicyWriter {
 public:
  virtual ~PolicyWriter() = default;
  // Adds a version; the ones before are kept. Calls off any switch of the same
  // file that was still to come.
  virtual absl::Status PutPolicy(const PolicyRow& row) = 0;
  // Calls off switches of the file after `now`; returns how many there were.
  virtual absl::StatusOr<int64_t> CancelScheduled(absl::string_view kind,
                                                  absl::string_view id,
                                                  absl::Time now) = 0;
  // Replaces the proposal of the same digest.
  virtual absl::Status PutProposal(const PolicyProposal& proposal) = 0;
  virtual absl::Status DeleteProposal(absl::string_view digest) = 0;
  // Keeps the last 1,000. `settled` is not written.
  virtual absl::Status InsertRefusedActivation(
      const RefusedActivation& refused) = 0;
};

}  // namespace comity
