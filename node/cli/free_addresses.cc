#include "node/cli/free_addresses.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

// A socket that holds a port of the loopback address while it lives.
class HeldPort {
 public:
  HeldPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  HeldPort(HeldPort&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  HeldPort& operator=(HeldPort&&) = delete;
  ~HeldPort() {
    if (fd_ >= 0) close(fd_);
  }

  absl::StatusOr<int> Bind() const {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(where);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
      return ReasonError(ErrorReason::kStoreUnavailable,
                         "the system gave no free port");
    }
    return ntohs(where.sin_port);
  }

 private:
  int fd_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FreeAddresses(size_t count) {
  // Each is held until the last is found: the system may give a port again as
  // soon as it is closed.
  std::vector<HeldPort> held(count);
  std::vector<std::string> addresses;
  addresses.reserve(count);
  for (const HeldPort& each : held) {
    ASSIGN_OR_RETURN(const int port, each.Bind());
    addresses.push_back(absl::StrCat("127.0.0.1:", port));
  }
  return addresses;
}

}  // namespace comity
