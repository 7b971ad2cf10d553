#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/base/clock.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/store/store.h"

namespace comity {

// A running node: opens everything in its directory, wires the modules, and
// serves on both listeners until it is destroyed; an outbound-only node on that
// of its own people alone.
class Node {
 public:
  virtual ~Node() = default;
  // Does what the time asks for: tells health checks whether the log can be
  // written, gives up calls past their deadline, writes what was counted,
  // erases what partners told when its time ended. To be called about once a
  // second; a test moves its clock and calls it.
  virtual void Tick() = 0;
};

// Opens the store file of a node with its key; a test wraps what it opens.
using StoreOpener = std::function<absl::StatusOr<std::unique_ptr<Store>>(
    const std::string& path, const SecretBytes& key, RandomSource& random)>;

// Starts the node in `directory` (made by comity node init). The error says
// which file or address is to blame and what to do. Borrows clock and random.
absl::StatusOr<std::unique_ptr<Node>> StartNode(const std::string& directory,
                                                const Clock& clock,
                                                RandomSource& random,
                                                const StoreOpener& open_store);

}  // namespace comity
