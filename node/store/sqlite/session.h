#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/base/uuid.h"
#include "node/crypto/random.h"
#include "node/store/sqlite/database.h"

namespace comity {

// The keys of a store, all derived from the node's store key (HKDF), so that
// the file alone opens nothing.
struct StoreKeys {
  SecretBytes wrap;   // wraps the data keys of persons and dossiers
  SecretBytes index;  // keys the blind indexes
  SecretBytes state;  // seals snapshots, answers, policies, openings of logs

  explicit StoreKeys(const SecretBytes& store_key);
};

// A connection with what the table functions need. Used by one thread at a
// time; borrows keys and randomness.
struct Session {
  SqliteDatabase& database;
  const StoreKeys& keys;
  RandomSource& random;
  // The rows of logs that this session wrote to, by name: an id stays what it
  // is, unless what made the row is undone.
  std::map<std::string, int64_t, std::less<>> log_ids = {};
};

// The ids that rows of one column hold.
absl::StatusOr<std::vector<Uuid>> ReadIds(SqliteStatement& rows);

// HMAC-SHA-256 under the index key; `kind` keeps index spaces apart.
std::string BlindIndex(const Session& session, absl::string_view kind,
                       absl::string_view value);

// Makes a data key for `owner`; returns it wrapped.
std::string NewWrappedKey(const Session& session, absl::string_view owner);
// INTEGRITY_FAILURE if it was not wrapped for `owner` under these keys.
absl::StatusOr<SecretBytes> UnwrapKey(const Session& session,
                                      absl::string_view wrapped,
                                      absl::string_view owner);

}  // namespace comity
