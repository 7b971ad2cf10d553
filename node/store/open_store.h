#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/store/store.h"

namespace comity {

// Opens the store at `path`, making it if it is not there. `store_key` is 32
// bytes from a file apart from the data. INTEGRITY_FAILURE if the store was
// made with another key or by a newer build, or lost what was durable; what a
// commit that did not end had written is left out, and told of in the node's
// messages. The store borrows `random`.
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& path,
                                                 const SecretBytes& store_key,
                                                 RandomSource& random);

}  // namespace comity
