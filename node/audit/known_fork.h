#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "node/store/store.h"

namespace comity {

// Two notes that the owner of a log signed and that do not belong to one
// history: another root for the same size, heads of which the newer one was
// proved to have grown of another, or one that its owner has no more. Kept
// as evidence until a person says that the owner's node was restored
// (ForgetHeads), or until a later proof joins the two after all.
struct KnownFork {
  std::string log;   // origin; empty: no fork is known
  std::string held;  // the note that came first
  // The one that does not join with it; empty: its owner has no entry any more.
  std::string shown;
  absl::Time found;
  std::string reporter;  // code of who found it
  bool told = false;     // the other side knows of it
};

// LOG_FORKED that carries both notes. The commit that ends with it is undone,
// and the writer keeps what it carries.
absl::Status ForkError(absl::string_view held, absl::string_view shown);

// Keeps what a ForkError carries, found by the node that the log is for; does
// nothing for any other status.
absl::Status KeepForkOf(const absl::Status& status, StoreTransaction& store,
                        absl::Time now);

// Keeps a fork; the first one of a log stays.
absl::Status KeepFork(StoreTransaction& store, const KnownFork& fork);

absl::StatusOr<KnownFork> ReadFork(const StateReader& store,
                                   absl::string_view log);

// The other side was told of the fork of `log`, if one is known.
absl::Status MarkForkTold(StoreTransaction& store, absl::string_view log);

// The fork of `log` is known no longer; its notes stay in the store as history.
absl::Status SettleFork(StoreTransaction& store, absl::string_view log,
                        absl::Time now);

// A proof joined heads of `sizes`: it was no fork if both notes are among them,
// or the first one if the owner itself, or who had its TLS key, said that it
// lost it.
absl::Status DropForkIfJoined(StoreTransaction& store, absl::string_view log,
                              const std::set<uint64_t>& sizes);

// The second line of a note that was verified before it was kept: its size.
// INTEGRITY_FAILURE if there is none.
absl::StatusOr<uint64_t> SizeOfNote(absl::string_view note);

}  // namespace comity
