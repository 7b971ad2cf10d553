#pragma once

#include <cstdint>

namespace comity {

// How many bytes a TCP connection has brought that count as its peer's: what
// gRPC has read of it. What still waits in the kernel does not count yet, up to
// what the kernel takes in before anybody reads: a certificate is judged before
// more is read than its handshake, so whose a connection is is known before it
// can be a flood, however late that is. Once the connection has ended all of it
// counts. May be less than at an earlier look.
uint64_t BytesTaken(int fd);

// All that came, read or not.
uint64_t BytesReceived(int fd);

// Whether either side has ended it.
bool HasEnded(int fd);

}  // namespace comity
