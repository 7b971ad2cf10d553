#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "node/base/uuid.h"
#include "node/policy/permit.h"

namespace comity {

// A published period: the coded columns of all cases of that period, without
// case ids, sealed at rest. Each publish of a period is its next revision.
struct SnapshotRow {
  std::string period;  // "2018"
  uint32_t revision = 0;
  absl::Time published_at;
  std::string published_by;
  std::string columns;  // serialized by tabulation; sealed at rest
  // A person in it was erased: the columns are gone, and what was answered from
  // it before is all that is.
  bool closed = false;
  // Whose rows the columns hold, each once; kept beside them, and not read
  // back. nullopt: not known.
  std::optional<std::vector<uint64_t>> record_keys;
};

// An operator's call that changed something, kept so that its repeat is
// answered and not done again. Sealed at rest as a whole.
struct AnsweredCall {
  std::string request_digest;  // 32 bytes
  std::string response;        // serialized
  absl::Time answered_at;
};

// Reads counters, published periods, stored answers and partners: what is
// neither a person's nor a log's. Thread-safe.
class StateReader {
 public:
  virtual ~StateReader() = default;
  // What was charged to `counter` in `window` ("2026-11-24", "2026").
  virtual absl::StatusOr<uint32_t> ReadCounter(
      absl::string_view counter, absl::string_view window) const = 0;
  // Newest revision first; without columns.
  virtual absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots() const = 0;
  // The newest revision of `period`, with columns. PERIOD_NOT_PUBLISHED if
  // there is none.
  virtual absl::StatusOr<SnapshotRow> ReadSnapshot(
      const Permit& permit, absl::string_view period) const = 0;
  // Calls `visit` with every open revision of every period that holds a row of
  // one of `record_keys`, without columns, and with every one that was stored
  // without its keys and may, with columns.
  virtual absl::Status ScanSnapshots(
      const Permit& permit, const std::vector<uint64_t>& record_keys,
      const std::function<absl::Status(const SnapshotRow&)>& visit) const = 0;
  // The stored answer to a table question by its key (32 bytes); nullopt
  // before the first.
  virtual absl::StatusOr<std::optional<std::string>> ReadTableAnswer(
      absl::string_view key) const = 0;
  // How many of `cells` (32-byte keys) were never delivered to `asker`.
  virtual absl::StatusOr<uint32_t> CountUndelivered(
      absl::string_view asker, const std::vector<std::string>& cells) const = 0;
  // Serialized participant cards of all partners, by code.
  virtual absl::StatusOr<std::vector<std::string>> ListPartnerCards() const = 0;
  // Small named values of the node itself; empty if never set.
  virtual absl::StatusOr<std::string> ReadMeta(
      absl::string_view name) const = 0;
  // Names of those that are set and begin with `prefix`, in order of bytes.
  virtual absl::StatusOr<std::vector<std::string>> ListMeta(
      absl::string_view prefix) const = 0;
  // The call that `operator_name` ("NAPTIP/amina.b") made under `request_id`;
  // nullopt before the first and after it was forgotten.
  virtual absl::StatusOr<std::optional<AnsweredCall>> ReadAnsweredCall(
      absl::string_view operator_name, const Uuid& request_id) const = 0;
};

// Writes the same inside a transaction.
class StateWriter {
 public:
  virtual ~StateWriter() = default;
  // Adds `amount` and returns the new total.
  virtual absl::StatusOr<uint32_t> ChargeCounter(absl::string_view counter,
                                                 absl::string_view window,
                                                 uint32_t amount) = 0;
  // ALREADY_EXISTS if period and revision are taken.
  virtual absl::Status InsertSnapshot(const SnapshotRow& row) = 0;
  // Destroys the columns of a revision.
  virtual absl::Status CloseSnapshot(absl::string_view period,
                                     uint32_t revision) = 0;
  virtual absl::Status PutTableAnswer(absl::string_view key,
                                      absl::string_view answer) = 0;
  virtual absl::Status PutDelivered(absl::string_view asker,
                                    const std::vector<std::string>& cells) = 0;
  virtual absl::Status PutPartnerCard(absl::string_view code,
                                      absl::string_view card) = 0;
  virtual absl::Status DeletePartnerCard(absl::string_view code) = 0;
  virtual absl::Status PutMeta(absl::string_view name,
                               absl::string_view value) = 0;
  // ALREADY_EXISTS if the operator made a call under this id.
  virtual absl::Status InsertAnsweredCall(absl::string_view operator_name,
                                          const Uuid& request_id,
                                          const AnsweredCall& call) = 0;
  // Forgets calls that were answered before `time`.
  virtual absl::Status DeleteAnsweredCalls(absl::Time time) = 0;
};

}  // namespace comity
