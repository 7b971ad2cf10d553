#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace comity {

// A service with the full name that health checks ask for.
struct ServedService {
  std::string name;
  std::unique_ptr<grpc::Service> service;
};

// One gRPC server with an accept loop of ours, so that connections are in our
// hands (security.md 2.3). Serves from Start to Stop.
class Listener {
 public:
  // Binds `address` ("127.0.0.1:4711") and serves `services` on it.
  // STORE_UNAVAILABLE says why the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      const std::string& address,
      std::shared_ptr<grpc::ServerCredentials> credentials,
      std::vector<ServedService> services, int max_request_size);

  ~Listener();

  // Sets what gRPC's health service says of the server and of every service.
  void SetServing(bool serving);

  // Resets the connections from these addresses ("ipv4:127.0.0.1:4711"); their
  // calls end at once, and nothing more leaves over them.
  void Cut(const std::set<std::string>& addresses);
  // Lets go of connections that have ended, and says whose. To be called about
  // once a second.
  std::set<std::string> TakeEnded();

  // How many connections were accepted so far.
  uint64_t accepted() const { return accepted_; }

  // Refuses new calls and waits up to `grace` for those that run.
  void Stop(std::chrono::milliseconds grace);

 private:
  Listener() = default;
  void Accept();
  void Keep(const std::string& address, int fd);

  std::vector<ServedService> services_;
  std::atomic<uint64_t> accepted_ = 0;
  int listening_ = -1;
  int wake_ = -1;
  std::shared_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  absl::Mutex mutex_;
  // A second descriptor of each connection: gRPC ends none when it is told to.
  std::map<std::string, int> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace comity
