#include "node/peer/tls_credentials.h"

#include <grpc/support/log.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "node/base/log.h"

namespace comity {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr unsigned kRefreshSeconds = 1;

std::string Text(const grpc::string_ref& text) {
  return {text.data(), text.size()};
}

absl::Status JudgePeer(const CertificateJudge& judge,
                       const TlsCustomVerificationCheckRequest& request) {
  const auto leaf = Certificate::FromPem(Text(request.peer_cert()));
  if (!leaf.ok()) return leaf.status();
  const auto presented =
      Certificate::ListFromPem(Text(request.peer_cert_full_chain()));
  return judge(*leaf, presented.ok() ? *presented : std::vector<Certificate>());
}

// Runs our judge after gRPC's own handshake; the judge is the decision.
class JudgeVerifier : public ExternalCertificateVerifier {
 public:
  explicit JudgeVerifier(CertificateJudge judge) : judge_(std::move(judge)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const absl::Status status = JudgePeer(judge_, *request);
    if (!status.ok()) {
      Log(LogLevel::kWarning, "certificate_refused",
          {LogField::Public("why", status.message())});
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                  std::string(status.message()));
    }
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  CertificateJudge judge_;
};

template <typename Options>
void Watch(CertificateJudge judge, Options& options) {
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<JudgeVerifier>(std::move(judge)));
}

std::shared_ptr<FileWatcherCertificateProvider> Provider(
    const TlsFiles& files) {
  return std::make_shared<FileWatcherCertificateProvider>(
      files.key, files.chain, files.roots, kRefreshSeconds);
}

}  // namespace

namespace {

// gRPC's own log lines may name peers and repeat with each connection; only its
// errors are kept, without their text.
void LogFromGrpc(gpr_log_func_args* line) {
  if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
  if (absl::StrContains(line->message, "No match found for server name")) {
    return;
  }
  Log(LogLevel::kWarning, "transport_error",
      {LogField::Public("file", line->file), LogField("line", line->line)});
}

}  // namespace

void PrepareTransport() {
  // Debian's Abseil is built to look for cycles of locks at each of them, which
  // takes 5 % of a query. Tests keep looking.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  gpr_set_log_function(LogFromGrpc);
  // A cipher that TLS 1.2 cannot use here leaves it without any.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before the first thread
  setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256", 1);
}

std::shared_ptr<grpc::ServerCredentials> TlsServerSide(const TlsFiles& files,
                                                       CertificateJudge judge) {
  grpc::experimental::TlsServerCredentialsOptions options(Provider(files));
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  Watch(std::move(judge), options);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> TlsClientSide(
    const TlsFiles& files, CertificateJudge judge) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Provider(files));
  options.set_verify_server_certs(true);
  options.set_check_call_host(false);
  Watch(std::move(judge), options);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace comity
