#include "tests/benchmark/echo.h"

#include <grpc/grpc_security.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "node/peer/grpc_status.h"

namespace comity {
namespace {

namespace fed = federation::v1;

// As many as a node opens to a partner.
constexpr size_t kConnections = 8;

CertificateJudge Anybody() {
  return [](const auto&, const auto&) { return absl::OkStatus(); };
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(10));
}

}  // namespace

struct Echo::Service : public fed::FederationService::CallbackService {
  explicit Service(fed::AnswerCaseQueryResponse made)
      : response(std::move(made)) {}

  grpc::ServerUnaryReactor* AnswerCaseQuery(
      grpc::CallbackServerContext* context, const fed::AnswerCaseQueryRequest*,
      fed::AnswerCaseQueryResponse* answer) override {
    *answer = response;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const fed::AnswerCaseQueryResponse response;
};

// One of the calls on their way: when it ends the next one leaves.
class Echo::Flight {
 public:
  Flight(Stub& stub, const fed::AnswerCaseQueryRequest& request, absl::Time end,
         absl::BlockingCounter& landed)
      : stub_(stub), request_(request), end_(end), landed_(landed) {}

  void Leave() {
    context_ = std::make_unique<grpc::ClientContext>();
    SetDeadline(*context_);
    response_.Clear();
    start_ = absl::Now();
    stub_.async()->AnswerCaseQuery(
        context_.get(), &request_, &response_,
        [this](const grpc::Status& status) { Arrive(status); });
  }
  const std::vector<double>& latencies_us() const { return latencies_us_; }
  uint64_t failed() const { return failed_; }

 private:
  void Arrive(const grpc::Status& status) {
    const absl::Time now = absl::Now();
    if (status.ok()) {
      latencies_us_.push_back(absl::ToDoubleMicroseconds(now - start_));
    } else {
      ++failed_;
    }
    if (now < end_) {
      Leave();
    } else {
      landed_.DecrementCount();
    }
  }

  Stub& stub_;
  const fed::AnswerCaseQueryRequest& request_;
  const absl::Time end_;
  absl::BlockingCounter& landed_;
  std::unique_ptr<grpc::ClientContext> context_;
  fed::AnswerCaseQueryResponse response_;
  absl::Time start_;
  std::vector<double> latencies_us_;
  uint64_t failed_ = 0;
};

Echo::Echo(const TlsFiles& server, const TlsFiles& client,
           fed::AnswerCaseQueryRequest request,
           fed::AnswerCaseQueryResponse response)
    : client_(client),
      request_(std::move(request)),
      service_(std::make_unique<Service>(std::move(response))) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", TlsServerSide(server, Anybody()),
                           &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();
  address_ = absl::StrCat("127.0.0.1:", port);
  const auto credentials = TlsClientSide(client_, Anybody());
  for (size_t i = 0; i < kConnections; ++i) {
    stubs_.push_back(fed::FederationService::NewStub(OpenChannel(credentials)));
  }
}

Echo::~Echo() { server_->Shutdown(std::chrono::system_clock::now()); }

std::shared_ptr<grpc::Channel> Echo::OpenChannel(
    const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    bool with_session_cache) const {
  static std::atomic<int> opened = 0;
  grpc::ChannelArguments arguments;
  // Channels of the same arguments would share a connection.
  arguments.SetInt("comity.lane", opened++);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  if (with_session_cache) {
    static grpc_ssl_session_cache* const cache =
        grpc_ssl_session_cache_create_lru(16);
    const grpc_arg cached = grpc_ssl_session_cache_create_channel_arg(cache);
    arguments.SetPointerWithVtable(cached.key, cached.value.pointer.p,
                                   cached.value.pointer.vtable);
  }
  return grpc::CreateCustomChannel(address_, credentials, arguments);
}

absl::Status Echo::Call(int thread) {
  grpc::ClientContext context;
  SetDeadline(context);
  fed::AnswerCaseQueryResponse response;
  return FromGrpc(
      stubs_[static_cast<size_t>(thread) % kConnections]->AnswerCaseQuery(
          &context, request_, &response));
}

LoadResult Echo::RunInFlight(int calls, absl::Duration duration) {
  std::vector<std::unique_ptr<Flight>> flights;
  absl::BlockingCounter landed(calls);
  ForgetPeakMemory();
  const LoadMeter meter;
  const absl::Time end = absl::Now() + duration;
  for (int i = 0; i < calls; ++i) {
    flights.push_back(std::make_unique<Flight>(
        *stubs_[static_cast<size_t>(i) % kConnections], request_, end, landed));
  }
  for (const auto& each : flights) each->Leave();
  landed.Wait();
  std::vector<double> latencies;
  uint64_t failed = 0;
  for (const auto& each : flights) {
    latencies.insert(latencies.end(), each->latencies_us().begin(),
                     each->latencies_us().end());
    failed += each->failed();
  }
  LoadResult result = meter.Take(std::move(latencies));
  result.failed = failed;
  return result;
}

absl::Status Echo::CallOverNewConnection(bool with_session_cache) {
  const auto stub = fed::FederationService::NewStub(
      OpenChannel(TlsClientSide(client_, Anybody()), with_session_cache));
  grpc::ClientContext context;
  SetDeadline(context);
  fed::AnswerCaseQueryResponse response;
  return FromGrpc(stub->AnswerCaseQuery(&context, request_, &response));
}

}  // namespace comity
