#pragma once

#include <utility>
#include <vector>

#include "node/crypto/signature.h"

namespace comity {

// The public keys that one participant used for one purpose, one after the
// other: what was signed with an earlier one stays evidence. Whoever judges
// what comes in now asks the newest alone. Immutable.
class VerifyKeys {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): most have had one.
  VerifyKeys(VerifyKey newest, const std::vector<VerifyKey>& before = {})
      : keys_{std::move(newest)} {
    keys_.insert(keys_.end(), before.begin(), before.end());
  }

  const VerifyKey& newest() const { return keys_.front(); }
  // Newest first.
  std::vector<VerifyKey>::const_iterator begin() const { return keys_.begin(); }
  std::vector<VerifyKey>::const_iterator end() const { return keys_.end(); }

 private:
  std::vector<VerifyKey> keys_;
};

// The answer of the first key that has one; else that of the newest.
template <typename Verify>
auto ByAnyKey(const VerifyKeys& keys, const Verify& verify) {
  auto answer = verify(keys.newest());
  for (const VerifyKey& key : keys) {
    if (answer.ok()) break;
    auto another = verify(key);
    if (another.ok()) answer = std::move(another);
  }
  return answer;
}

}  // namespace comity
