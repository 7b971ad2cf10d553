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

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/daemon/connection_places.h"
#include "node/daemon/socket_bytes.h"

namespace comity {
namespace {

constexpr int kMaxAnswerSize = 4 << 20;
constexpr int kWatchMilliseconds = 20;
constexpr size_t kMostHosts = 4096;
// Ten seconds in all.
constexpr int kBindTries = 200;
constexpr int kBindPauseMilliseconds = 50;

// The descriptor; -1, with errno, if it cannot be.
int Listen(const sockaddr_in& where) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0 &&
      listen(fd, 128) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

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
  // While the node was down the system may have lent its port to a connection
  // that somebody makes from here; those come and go.
  int error = EADDRINUSE;
  for (int tries = 0; tries < kBindTries && error == EADDRINUSE; ++tries) {
    if (tries > 0) poll(nullptr, 0, kBindPauseMilliseconds);
    const int fd = Listen(where);
    if (fd >= 0) return fd;
    error = errno;
  }
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat("cannot listen on ", address, ": ",
                                  std::generic_category().message(error)));
}

// The arguments of security.md 5.2.
void SetLimits(grpc::ServerBuilder& builder, int request_bytes) {
  builder.SetMaxReceiveMessageSize(request_bytes);
  builder.SetMaxSendMessageSize(kMaxAnswerSize);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 64);
  builder.AddChannelArgument(
      GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
      static_cast<int>(absl::ToInt64Milliseconds(kHandshakeTimeout)));
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

std::string HostText(const sockaddr_in& address) {
  std::array<char, INET_ADDRSTRLEN> text = {};
  inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return text.data();
}

// As grpc::ServerContext::peer() writes it.
std::string AddressText(const sockaddr_in& address) {
  return absl::StrCat("ipv4:", HostText(address), ":", ntohs(address.sin_port));
}

// Resets a connection whoever else holds it; shutdown() leaves some half-alive.
void Reset(int fd) {
  const sockaddr nowhere{AF_UNSPEC, {}};
  (void)connect(fd, &nowhere, sizeof(nowhere));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(
    const std::string& address,
    std::shared_ptr<grpc::ServerCredentials> credentials,
    std::vector<ServedService> services, const ListenerLimits& limits,
    const Clock& clock, Hooks hooks) {
  std::unique_ptr<Listener> listener(
      new Listener(limits, clock, std::move(hooks)));
  listener->services_ = std::move(services);
  ASSIGN_OR_RETURN(listener->listening_, Bind(address));
  listener->wake_ = eventfd(0, EFD_CLOEXEC);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetLimits(builder, limits.request_bytes);
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
  listener->thread_ = std::thread([raw = listener.get()] { raw->Serve(); });
  return listener;
}

Listener::~Listener() {
  Stop(std::chrono::milliseconds(0));
  for (const auto& [address, each] : connections_) close(each.fd);
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

bool Listener::HasPlaceFor(const std::string& host, absl::Time now) {
  const auto same =
      std::count_if(connections_.begin(), connections_.end(),
                    [&](const auto& each) { return each.second.host == host; });
  if (static_cast<size_t>(same) >= limits_.connections_per_host) return false;
  if (hosts_.size() >= kMostHosts) hosts_.clear();
  const auto [known, added] = hosts_.try_emplace(
      host, Host{TokenBucket(limits_.handshakes_per_second,
                             limits_.handshakes_at_once, now),
                 ByteDebt(now)});
  return known->second.debt.Owed(now, limits_.bytes) <=
             limits_.bytes.unexplained &&
         known->second.handshakes.Take(now) &&
         (connections_.size() < limits_.connections || MakeRoom(now));
}

bool Listener::MakeRoom(absl::Time now) {
  std::vector<HeldPlace> places;
  places.reserve(connections_.size());
  for (const auto& [address, each] : connections_) {
    places.push_back({address, hooks_.caller(address), each.accepted_at});
  }
  const auto gives_way =
      WhoGivesWay(places, limits_.connections_per_caller, now);
  if (!gives_way.has_value()) return false;
  const auto at = connections_.find(*gives_way);
  Reset(at->second.fd);
  LetGo(at);
  ++turned_away_;
  return true;
}

Listener::Connections::iterator Listener::LetGo(Connections::iterator at) {
  const Connection& ended = at->second;
  close(ended.fd);
  if (const auto host = hosts_.find(ended.host); host != hosts_.end()) {
    host->second.debt.Add(ended.account.unexplained(), clock_.Now(),
                          limits_.bytes);
  }
  hooks_.ended(at->first);
  ended_.insert(at->first);
  return connections_.erase(at);
}

bool Listener::Admit(const std::string& host, const std::string& address,
                     int fd) {
  const absl::Time now = clock_.Now();
  const uint64_t explained = hooks_.explained(address);
  absl::MutexLock lock(&mutex_);
  // One before from this address has ended.
  if (const auto before = connections_.find(address);
      before != connections_.end()) {
    LetGo(before);
  }
  if (!HasPlaceFor(host, now)) return false;
  const int kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (kept < 0) return false;
  connections_.try_emplace(
      address, Connection{kept, host, now, ByteAccount(now, explained)});
  return true;
}

void Listener::Cut(const std::set<std::string>& addresses) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& address : addresses) {
    const auto found = connections_.find(address);
    if (found == connections_.end()) continue;
    Reset(found->second.fd);
    LetGo(found);
  }
}

std::set<std::string> Listener::TakeEnded() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(ended_, {});
}

void Listener::Watch() {
  const absl::Time now = clock_.Now();
  std::vector<FloodedConnection> flooded;
  {
    absl::MutexLock lock(&mutex_);
    for (auto at = connections_.begin(); at != connections_.end();) {
      Connection& each = at->second;
      const uint64_t taken = BytesTaken(each.fd);
      // What was taken is read first: it never outruns its explanation.
      const uint64_t explained = hooks_.explained(at->first);
      if (!each.account.Exceeds(taken, explained, now, limits_.bytes)) {
        at = HasEnded(each.fd) ? LetGo(at) : std::next(at);
        continue;
      }
      // Also one that gRPC ended before we could.
      const uint64_t received = BytesReceived(each.fd);
      // Its host owes all of it.
      each.account.Exceeds(received, explained, now, limits_.bytes);
      flooded.push_back({at->first, each.accepted_at, received});
      Reset(each.fd);
      at = LetGo(at);
    }
  }
  for (const FloodedConnection& each : flooded) hooks_.flooded(each);
}

bool Listener::HasConnections() {
  absl::MutexLock lock(&mutex_);
  return !connections_.empty();
}

void Listener::Serve() {
  std::array<pollfd, 2> events = {
      {{listening_, POLLIN, 0}, {wake_, POLLIN, 0}}};
  while (true) {
    const int wait = HasConnections() ? kWatchMilliseconds : -1;
    if (poll(events.data(), events.size(), wait) < 0 && errno != EINTR) return;
    if ((events[1].revents & POLLIN) != 0) return;
    if ((events[0].revents & POLLIN) != 0) Accept();
    Watch();
  }
}

void Listener::Accept() {
  sockaddr_in from{};
  socklen_t size = sizeof(from);
  const int fd = accept4(listening_, reinterpret_cast<sockaddr*>(&from), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  if (!Admit(HostText(from), AddressText(from), fd)) {
    ++turned_away_;
    Reset(fd);
    close(fd);
    return;
  }
  ++accepted_;
  hooks_.accepted(AddressText(from));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      parameters;
  parameters.listener_fd = listening_;
  parameters.fd = fd;
  acceptor_->HandleNewConnection(&parameters);
}

}  // namespace comity
