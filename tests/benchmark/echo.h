#pragma once

#include <memory>
#include <vector>

#include "comity/federation/v1/federation_service.grpc.pb.h"
#include "node/peer/tls_credentials.h"
#include "tests/benchmark/load.h"

namespace comity {

// The baseline of calls between nodes: gRPC's callback API over mTLS with the
// product's TLS and connections, and behind it nothing. Every call sends one
// request and is given one response, both made beforehand. Thread-safe.
class Echo {
 public:
  Echo(const TlsFiles& server, const TlsFiles& client,
       federation::v1::AnswerCaseQueryRequest request,
       federation::v1::AnswerCaseQueryResponse response);
  ~Echo();

  // One call; blocks its thread, as the calls of a node to its partner do.
  absl::Status Call(int thread);
  // Keeps so many calls on their way by callbacks, without a thread for each.
  LoadResult RunInFlight(int calls, absl::Duration duration);
  // One call over a connection of its own, from reading the key on; with
  // gRPC's session cache it may take up the TLS session of the one before.
  absl::Status CallOverNewConnection(bool with_session_cache = false);

 private:
  using Stub = federation::v1::FederationService::Stub;
  struct Service;
  class Flight;

  std::shared_ptr<grpc::Channel> OpenChannel(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials,
      bool with_session_cache = false) const;

  const TlsFiles client_;
  const federation::v1::AnswerCaseQueryRequest request_;
  const std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::vector<std::unique_ptr<Stub>> stubs_;
};

}  // namespace comity
