#include "node/store/sqlite/session.h"

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/crypto/aead.h"
#include "node/crypto/hash.h"

namespace comity {

StoreKeys::StoreKeys(const SecretBytes& store_key)
    : wrap(HkdfSha256(store_key, "comity/store/wrap/v1", 32)),
      index(HkdfSha256(store_key, "comity/store/index/v1", 32)),
      state(HkdfSha256(store_key, "comity/store/state/v1", 32)) {}

absl::StatusOr<std::vector<Uuid>> ReadIds(SqliteStatement& rows) {
  std::vector<Uuid> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return ids;
    ASSIGN_OR_RETURN(const Uuid id, Uuid::FromBytes(rows.Blob(0)));
    ids.push_back(id);
  }
}

std::string BlindIndex(const Session& session, absl::string_view kind,
                       absl::string_view value) {
  return HmacSha256(session.keys.index.Expose(),
                    absl::StrCat(kind, absl::string_view("\0", 1), value));
}

std::string NewWrappedKey(const Session& session, absl::string_view owner) {
  const SecretBytes key(session.random.Bytes(32));
  return Seal(session.keys.wrap, key.Expose(), owner, session.random);
}

absl::StatusOr<SecretBytes> UnwrapKey(const Session& session,
                                      absl::string_view wrapped,
                                      absl::string_view owner) {
  ASSIGN_OR_RETURN(std::string key, Open(session.keys.wrap, wrapped, owner));
  return SecretBytes(std::move(key));
}

}  // namespace comity
