#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "node/daemon/byte_account.h"
#include "node/wire/config_file.h"

namespace comity {

// A connection that has not shaken hands by then is ended.
inline constexpr absl::Duration kHandshakeTimeout = absl::Seconds(3);

// What a listener takes at most.
struct ListenerLimits {
  int request_bytes = 0;
  ByteLimits bytes;
  size_t connections = 512;
  size_t connections_per_host = 16;
  // Kept where all are taken; a peer opens as many (proto/README.md).
  size_t connections_per_caller = 8;
  double handshakes_per_second = 5;  // of one host, on average
  double handshakes_at_once = 64;    // of one host, after a pause
};

inline ListenerLimits FederationLimits(const NodeConfig& config) {
  ListenerLimits limits;
  // Requests are refused above 16 KiB; this is what gRPC reads of one.
  limits.request_bytes = 64 << 10;
  // 24 KiB of requests that wait for answers (proto/README.md), with their
  // headers, and what a connection needs besides.
  limits.bytes.unexplained = 48 << 10;
  limits.connections = static_cast<size_t>(config.max_connections);
  limits.connections_per_host =
      static_cast<size_t>(config.max_connections_per_host);
  // A host makes all its connections anew every three seconds, on average, and
  // four times as many after a pause.
  limits.handshakes_per_second = config.max_connections_per_host / 3.0;
  limits.handshakes_at_once = config.max_connections_per_host * 4.0;
  return limits;
}

inline ListenerLimits OperatorLimits(const NodeConfig& config) {
  ListenerLimits limits;
  limits.request_bytes = 1 << 20;
  // One request may be that large, and each command is a connection.
  limits.bytes.unexplained = (1 << 20) + (48 << 10);
  limits.connections = static_cast<size_t>(config.max_connections);
  limits.connections_per_host = limits.connections;
  limits.handshakes_per_second = 50;
  limits.handshakes_at_once = 256;
  return limits;
}

}  // namespace comity
