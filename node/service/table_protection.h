#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/table.pb.h"
#include "node/audit/commit_writer.h"
#include "node/base/secret_bytes.h"
#include "node/domain/table_question.h"
#include "node/policy/permit.h"
#include "node/service/node_context.h"
#include "node/service/solving_turns.h"
#include "node/store/store.h"

namespace comity {

// The answer to a table question (design.md law 8): stored under the question,
// the revision of its period, and the method with its parameters, never under
// the asker.
struct ProtectedAnswer {
  std::string key;  // 32 bytes
  federation::v1::ReleasedTable released;
  // One 32-byte key for each cell that has a figure; the same for the same cell
  // in another table. Of a table without figures one of its own.
  std::vector<std::string> cells;
  // Thousandths of epsilon that the table tells; 0: its method counts none.
  uint32_t epsilon = 0;
  // Trillionths of delta that it tells besides; 0: its noise has none.
  uint32_t delta = 0;

  // For the first answer: its place in the release ledger, which all answers of
  // one revision and method form, and what stands there.
  struct LedgerEntry {
    std::string key;  // 32 bytes
    std::string text;
  };
  std::optional<LedgerEntry> first;
};

// Of a question that has no answer yet, and would get one from a revision that
// takes new questions: what its answer costs whatever it tells, without cells.
// Looks at no count.
absl::StatusOr<std::optional<ProtectedAnswer>> ToBeCounted(
    const TableQuestion& question, const Permit& permit,
    const StoreReader& reader);

// The stored answer, or the first one: counts the published snapshot and
// protects the table against itself and against all earlier answers in the
// ledger. PERIOD_NOT_PUBLISHED, for a new question to a closed revision too;
// NOT_COLLECTED; NOT_AVAILABLE if earlier answers
// leave no way to protect this table, or with them it is too large to be
// solved, or takes more work than one question may; DEADLINE_EXCEEDED if nobody
// waits any longer. `take_turn`: for a table that has to be solved; its errors
// are returned.
absl::StatusOr<ProtectedAnswer> FindOrProtect(const NodeContext& node,
                                              const TableQuestion& question,
                                              const Permit& permit,
                                              const TakeSolvingTurn& take_turn,
                                              const StoreReader& reader);

// Whether the ledger is still as it was when the answer was protected, and for
// a first answer its revision not closed since.
absl::StatusOr<bool> LedgerUnchanged(const ProtectedAnswer& answer,
                                     const StoreReader& reader);

// Stores a first answer and its ledger entry.
absl::Status KeepAnswer(const ProtectedAnswer& answer, CommitScope& scope);

// What record keys of published snapshots are made with.
SecretBytes RecordKeySecret(const NodeContext& node);

}  // namespace comity
