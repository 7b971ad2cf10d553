#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace comity {

// One gRPC server with an accept loop of ours, so that connections are in our
// hands (security.md 2.3). Serves from Start to Stop.
class Listener {
 public:
  // Binds `address` ("127.0.0.1:4711") and serves `services` on it.
  // STORE_UNAVAILABLE says why the address cannot be bound. The services must
  // outlive the listener.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      const std::string& address,
      std::shared_ptr<grpc::ServerCredentials> credentials,
      const std::vector<grpc::Service*>& services, int max_request_size);

  ~Listener();

  // Sets what gRPC's health service says of every service.
  void SetServing(bool serving);

  // Refuses new calls and waits up to `grace` for those that run.
  void Stop(std::chrono::milliseconds grace);

 private:
  Listener() = default;
  void Accept();

  int listening_ = -1;
  int wake_ = -1;
  std::shared_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::thread thread_;
};

}  // namespace comity
