#pragma once

#include <cstdint>
#include <istream>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "node/store/sqlite/database.h"

namespace comity {

// What a store's journal holds: SQLite's write-ahead log, of which SQLite reads
// as much as is whole, and says nothing of the rest.
struct Journal {
  uint64_t commits = 0;      // that are whole
  uint64_t whole_bytes = 0;  // up to the end of the last of them
  // Behind that: of a commit that was not finished, or was cut off. Frames of
  // an earlier round of the journal do not count.
  uint64_t cut_bytes = 0;
  // Behind the damage stands a commit that another one followed: it was durable
  // once, and SQLite leaves it out.
  bool lost_commits = false;
  std::set<uint32_t> pages;  // of the commits that are whole
};

// Reads a journal by its format alone; an empty one has no commits.
Journal ReadJournal(std::istream& file);

// INTEGRITY_FAILURE, before SQLite makes a new store of what is left, if the
// store at `path` is empty and its journal is not.
absl::Status CheckNotEmptied(const std::string& path);

// Looks at what the store at `path`, opened as `database`, ends with. A commit
// that was not finished is told of in the node's messages. INTEGRITY_FAILURE if
// the store or its journal lost what was durable: nothing is to be written
// then, and nothing signed.
absl::Status CheckTail(SqliteDatabase& database, const std::string& path);

}  // namespace comity
