#include "node/daemon/socket_bytes.h"

// The system's own header knows no tcpi_bytes_received.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace comity {
namespace {

// A window that nobody reads stays under twice the 128 KiB that Linux gives a
// new connection. A reader that stops for good is no excuse for more.
constexpr uint64_t kMostWaiting = uint64_t{256} << 10;

}  // namespace

uint64_t BytesReceived(int fd) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

uint64_t BytesTaken(int fd) {
  const uint64_t received = BytesReceived(fd);
  int waiting = 0;
  if (HasEnded(fd) || ioctl(fd, FIONREAD, &waiting) != 0 || waiting <= 0) {
    return received;
  }
  const uint64_t unread =
      std::min(static_cast<uint64_t>(waiting), kMostWaiting);
  return received > unread ? received - unread : 0;
}

bool HasEnded(int fd) {
  pollfd state{fd, POLLRDHUP, 0};
  return poll(&state, 1, 0) > 0;
}

}  // namespace comity
