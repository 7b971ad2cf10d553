#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "node/base/clock.h"
#include "node/base/token_bucket.h"
#include "node/daemon/listener_limits.h"

namespace comity {

// A service with the full name that health checks ask for.
struct ServedService {
  std::string name;
  std::unique_ptr<grpc::Service> service;
};

// A connection that was reset because it flooded the node.
struct FloodedConnection {
  std::string address;
  absl::Time accepted_at;
  uint64_t received = 0;  // bytes
};

// One gRPC server with an accept loop of ours, so that connections are in our
// hands (security.md 2.3 and 5.1): every 20 ms each is held to what the calls
// that came over it explain. Serves from Start to Stop. Borrows clock and
// hooks' owners.
class Listener {
 public:
  struct Hooks {
    // How many bytes the calls from this address were.
    std::function<uint64_t(const std::string& address)> explained;
    // Whose the calls from this address were; empty: none came.
    std::function<std::string(const std::string& address)> caller;
    // One was accepted just now, has ended, was reset just now. Only the first
    // and the last run on the accepting thread alone; none may call back.
    std::function<void(const std::string& address)> accepted;
    std::function<void(const std::string& address)> ended;
    std::function<void(const FloodedConnection& connection)> flooded;
  };

  // Binds `address` ("127.0.0.1:4711") and serves `services` on it.
  // Waits up to ten seconds for an address that is in use; STORE_UNAVAILABLE
  // says why it cannot be bound.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      const std::string& address,
      std::shared_ptr<grpc::ServerCredentials> credentials,
      std::vector<ServedService> services, const ListenerLimits& limits,
      const Clock& clock, Hooks hooks);

  ~Listener();

  // Sets what gRPC's health service says of the server and of every service.
  void SetServing(bool serving);

  // Resets the connections from these addresses ("ipv4:127.0.0.1:4711"); their
  // calls end at once, and nothing more leaves over them.
  void Cut(const std::set<std::string>& addresses);
  // Whose connections have ended since the last call. To be called about once a
  // second.
  std::set<std::string> TakeEnded();

  // How many connections were accepted so far.
  uint64_t accepted() const { return accepted_; }
  // How many were turned away since the last call, over one of the limits, or
  // gave way to another.
  uint64_t TakeTurnedAway() { return turned_away_.exchange(0); }

  // Refuses new calls and waits up to `grace` for those that run.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Connection {
    int fd;  // a second descriptor: gRPC ends none when it is told to
    std::string host;
    absl::Time accepted_at;
    ByteAccount account;
  };

  struct Host {
    TokenBucket handshakes;
    ByteDebt debt;
  };

  Listener(const ListenerLimits& limits, const Clock& clock, Hooks hooks)
      : limits_(limits), clock_(clock), hooks_(std::move(hooks)) {}
  void Serve();
  void Accept();
  // Keeps a second descriptor of it, unless a limit is reached.
  bool Admit(const std::string& host, const std::string& address, int fd);
  bool HasPlaceFor(const std::string& host, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends a connection that gives way to another; false if none does.
  bool MakeRoom(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  using Connections = std::map<std::string, Connection>;  // by address
  // It has ended; returns the next.
  Connections::iterator LetGo(Connections::iterator at)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasConnections();
  // Lets go of connections that have ended, and cuts those that flood.
  void Watch();

  const ListenerLimits limits_;
  const Clock& clock_;
  const Hooks hooks_;
  std::vector<ServedService> services_;
  std::atomic<uint64_t> accepted_ = 0;
  std::atomic<uint64_t> turned_away_ = 0;
  int listening_ = -1;
  int wake_ = -1;
  std::shared_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  absl::Mutex mutex_;
  Connections connections_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> ended_ ABSL_GUARDED_BY(mutex_);
  // That connected lately.
  std::map<std::string, Host> hosts_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace comity
