#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"

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

  // How many connections were accepted so far.
  uint64_t accepted() const { return accepted_; }

  // Refuses new calls and waits up to `grace` for those that run.
  void Stop(std::chrono::milliseconds grace);

 private:
  Listener() = default;
  void Accept();

  std::vector<ServedService> services_;
  std::atomic<uint64_t> accepted_ = 0;
  int listening_ = -1;
  int wake_ = -1;
  std::shared_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::thread thread_;
};

}  // namespace comity
