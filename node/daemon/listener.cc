#include "node/daemon/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr int kMaxAnswerSize = 4 << 20;

absl::StatusOr<int> Bind(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  uint32_t port = 0;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr) !=
          1 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("\"", address,
                                    "\" is not an address such as "
                                    "127.0.0.1:4711"));
  }
  where.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0 ||
      listen(fd, 128) != 0) {
    const int error = errno;
    close(fd);
    return ReasonError(ErrorReason::kStoreUnavailable,
                       absl::StrCat("cannot listen on ", address, ": ",
                                    std::generic_category().message(error)));
  }
  return fd;
}

// The arguments of security.md 5.2.
void SetLimits(grpc::ServerBuilder& builder, int max_request_size) {
  builder.SetMaxReceiveMessageSize(max_request_size);
  builder.SetMaxSendMessageSize(kMaxAnswerSize);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 64);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 3000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 300000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 3600000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_HPACK_TABLE_SIZE_DECODER, 4096);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  grpc::ResourceQuota quota("comity");
  quota.Resize(256U << 20);
  builder.SetResourceQuota(quota);
}

// As grpc::ServerContext::peer() writes it.
std::string AddressText(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text = {};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return absl::StrCat("ipv4:", text.data(), ":", ntohs(address.sin_port));
}

bool HasEnded(int fd) {
  pollfd state{fd, POLLRDHUP, 0};
  return poll(&state, 1, 0) > 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(
    const std::string& address,
    std::shared_ptr<grpc::ServerCredentials> credentials,
    std::vector<ServedService> services, int max_request_size) {
  std::unique_ptr<Listener> listener(new Listener());
  listener->services_ = std::move(services);
  ASSIGN_OR_RETURN(listener->listening_, Bind(address));
  listener->wake_ = eventfd(0, EFD_CLOEXEC);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetLimits(builder, max_request_size);
  listener->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      std::move(credentials));
  for (const ServedService& each : listener->services_) {
    builder.RegisterService(each.service.get());
  }
  listener->server_ = builder.BuildAndStart();
  if (listener->server_ == nullptr) {
    return ReasonError(ErrorReason::kInternal, "the gRPC server did not start");
  }
  listener->SetServing(true);
  listener->thread_ = std::thread([raw = listener.get()] { raw->Accept(); });
  return listener;
}

Listener::~Listener() {
  Stop(std::chrono::milliseconds(0));
  for (const auto& [address, fd] : connections_) close(fd);
  if (listening_ >= 0) close(listening_);
  if (wake_ >= 0) close(wake_);
}

void Listener::SetServing(bool serving) {
  if (auto* health = server_->GetHealthCheckService()) {
    health->SetServingStatus(serving);
    for (const ServedService& each : services_) {
      health->SetServingStatus(each.name, serving);
    }
  }
}

void Listener::Stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  if (write(wake_, &one, sizeof(one)) < 0) return;
  thread_.join();
  server_->Shutdown(std::chrono::system_clock::now() + grace);
}

void Listener::Keep(const std::string& address, int fd) {
  const int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  absl::MutexLock lock(&mutex_);
  const auto [place, added] = connections_.emplace(address, kept);
  if (added) return;
  // The one before from this address has ended.
  close(place->second);
  place->second = kept;
}

void Listener::Cut(const std::set<std::string>& addresses) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& address : addresses) {
    const auto found = connections_.find(address);
    if (found == connections_.end()) continue;
    // Resets it whoever else holds it; shutdown() leaves some half-alive.
    const sockaddr nowhere{AF_UNSPEC, {}};
    connect(found->second, &nowhere, sizeof(nowhere));
    close(found->second);
    connections_.erase(found);
  }
}

std::set<std::string> Listener::TakeEnded() {
  std::set<std::string> ended;
  absl::MutexLock lock(&mutex_);
  for (auto at = connections_.begin(); at != connections_.end();) {
    if (!HasEnded(at->second)) {
      ++at;
      continue;
    }
    ended.insert(at->first);
    close(at->second);
    at = connections_.erase(at);
  }
  return ended;
}

void Listener::Accept() {
  std::array<pollfd, 2> events = {
      {{listening_, POLLIN, 0}, {wake_, POLLIN, 0}}};
  while (true) {
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR) return;
    if ((events[1].revents & POLLIN) != 0) return;
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    const int fd = accept4(listening_, reinterpret_cast<sockaddr*>(&from),
                           &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++accepted_;
    Keep(AddressText(from), fd);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        parameters;
    parameters.listener_fd = listening_;
    parameters.fd = fd;
    acceptor_->HandleNewConnection(&parameters);
  }
}

}  // namespace comity
