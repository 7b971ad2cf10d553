#include "tests/support/counting_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace comity {
namespace {

constexpr size_t kAtOnce = size_t{16} << 10;

sockaddr_in AddressOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr) !=
          1) {
    std::abort();
  }
  where.sin_port = htons(static_cast<uint16_t>(port));
  return where;
}

void SendAtOnce(int socket_of) {
  const int on = 1;
  setsockopt(socket_of, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int ListenAt(const std::string& address) {
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = AddressOf(address);
  const int on = 1;
  // Beside whoever holds the port for the test.
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listening, reinterpret_cast<const sockaddr*>(&where),
           sizeof(where)) != 0 ||
      listen(listening, 64) != 0) {
    std::abort();
  }
  return listening;
}

// -1 if nobody is there.
int ConnectTo(const std::string& address) {
  const int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = AddressOf(address);
  if (connect(connected, reinterpret_cast<const sockaddr*>(&where),
              sizeof(where)) == 0) {
    SendAtOnce(connected);
    return connected;
  }
  close(connected);
  return -1;
}

bool SendAll(int to, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(to, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

CountingRelay::CountingRelay(const std::string& here, const std::string& there)
    : there_(there),
      listening_(ListenAt(here)),
      accepting_([this] { Accept(); }) {}

CountingRelay::~CountingRelay() {
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  close(listening_);
  absl::MutexLock lock(&mutex_);
  for (Link& link : links_) {
    shutdown(link.near, SHUT_RDWR);
    shutdown(link.far, SHUT_RDWR);
    link.there.join();
    link.back.join();
    close(link.near);
    close(link.far);
  }
}

void CountingRelay::Accept() {
  while (true) {
    const int near = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (near < 0) return;
    const int far = ConnectTo(there_);
    if (far < 0) {
      close(near);
      continue;
    }
    SendAtOnce(near);
    ++connections_;
    absl::MutexLock lock(&mutex_);
    Link& link = links_.emplace_back();
    link.near = near;
    link.far = far;
    link.there = std::thread([this, near, far] { Pump(near, far); });
    link.back = std::thread([this, near, far] { Pump(far, near); });
  }
}

void CountingRelay::Pump(int from, int to) {
  std::array<char, kAtOnce> bytes;
  while (true) {
    const ssize_t came = recv(from, bytes.data(), bytes.size(), 0);
    if (came <= 0) break;
    bytes_ += static_cast<uint64_t>(came);
    if (!SendAll(to, bytes.data(), static_cast<size_t>(came))) break;
  }
  // Whoever reads there sees the end, and whoever writes here.
  shutdown(to, SHUT_WR);
  shutdown(from, SHUT_RD);
}

}  // namespace comity
