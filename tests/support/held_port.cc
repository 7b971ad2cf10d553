#include "tests/support/held_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace comity {

void HoldPort(const std::string& address) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) {
    std::abort();
  }
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(static_cast<uint16_t>(port));
  // Bound beside it may who sets the same option, as listeners do.
  const int held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(held, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Who was faster is found by the node that cannot listen.
  (void)bind(held, reinterpret_cast<sockaddr*>(&where), sizeof(where));
}

}  // namespace comity
