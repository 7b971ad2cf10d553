#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "node/base/clock.h"
#include "node/crypto/random.h"

namespace comity {

// A running node: opens everything in its directory, wires the modules, and
// serves on both listeners until it is destroyed.
class Node {
 public:
  virtual ~Node() = default;
  // Says whether the log can be written, to health checks.
  virtual void CheckHealth() = 0;
};

// Starts the node in `directory` (made by comity node init). The error says
// which file or address is to blame and what to do. Borrows clock and random.
absl::StatusOr<std::unique_ptr<Node>> StartNode(const std::string& directory,
                                                const Clock& clock,
                                                RandomSource& random);

}  // namespace comity
