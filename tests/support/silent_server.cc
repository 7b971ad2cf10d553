#include "tests/support/silent_server.h"

#include <arpa/inet.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/synchronization/notification.h"

namespace comity {
namespace {

CertificateJudge Anybody() {
  return [](const auto&, const auto&) { return absl::OkStatus(); };
}

// Hangs until it is cancelled.
class HangingCall : public grpc::ServerGenericBidiReactor {
 public:
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

class HangingService : public grpc::CallbackGenericService {
 public:
  std::atomic<int> calls = 0;

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext*) override {
    ++calls;
    return new HangingCall;
  }
};

}  // namespace

BlackHole::BlackHole(const std::string& address)
    : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const size_t colon = address.rfind(':');
  sockaddr_in where{};
  where.sin_family = AF_INET;
  uint32_t port = 0;
  const int on = 1;
  setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &where.sin_addr) !=
          1) {
    std::abort();
  }
  where.sin_port = htons(static_cast<uint16_t>(port));
  if (bind(listening_, reinterpret_cast<sockaddr*>(&where), sizeof(where)) !=
          0 ||
      listen(listening_, 64) != 0) {
    std::abort();
  }
}

BlackHole::~BlackHole() { close(listening_); }

struct HangingNode::Served {
  HangingService service;
  std::unique_ptr<grpc::Server> server;
};

HangingNode::HangingNode(const std::string& address, const TlsFiles& files)
    : served_(std::make_unique<Served>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, TlsServerSide(files, Anybody()));
  builder.RegisterCallbackGenericService(&served_->service);
  served_->server = builder.BuildAndStart();
  if (served_->server == nullptr) std::abort();
}

HangingNode::~HangingNode() {
  served_->server->Shutdown(std::chrono::system_clock::now());
}

int HangingNode::calls() const { return served_->service.calls; }

int HealthOf(const std::string& address, const TlsFiles& files,
             const std::string& service) {
  grpc::GenericStub stub(
      grpc::CreateChannel(address, TlsClientSide(files, Anybody())));
  // HealthCheckRequest { string service = 1; }
  const std::string bytes =
      std::string{'\x0a', static_cast<char>(service.size())} + service;
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(5));
  absl::Notification finished;
  grpc::Status status;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(),
                 &request, &response, [&](grpc::Status outcome) {
                   status = std::move(outcome);
                   finished.Notify();
                 });
  finished.WaitForNotification();
  grpc::Slice answer;
  if (!status.ok() || !response.DumpToSingleSlice(&answer).ok() ||
      answer.size() != 2) {
    return 0;
  }
  // HealthCheckResponse { ServingStatus status = 1; }
  return answer.begin()[1];
}

}  // namespace comity
