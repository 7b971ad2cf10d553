#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "node/crypto/x509.h"

namespace comity {

// Judges the other side's certificate during the TLS handshake. `presented` is
// attacker's data; only the judge's own anchors count (design.md law 9).
using CertificateJudge = std::function<absl::Status(
    const Certificate& leaf, const std::vector<Certificate>& presented)>;

// PEM files that gRPC watches once a second; whoever changes them renames whole
// files into place.
struct TlsFiles {
  std::string key;
  std::string chain;
  std::string roots;  // the union of anchors: possession only, no decision
};

// Prepares gRPC for the whole process, before its first use: TLS 1.3 alone
// (security.md 5.2), log lines of ours instead of its own, and no search for
// deadlocks at each lock.
void PrepareTransport();

// Server side of mTLS: demands a client certificate that `judge` accepts.
std::shared_ptr<grpc::ServerCredentials> TlsServerSide(const TlsFiles& files,
                                                       CertificateJudge judge);

// Client side of mTLS: presents the files' certificate and demands a server
// certificate that `judge` accepts; host names do not count.
std::shared_ptr<grpc::ChannelCredentials> TlsClientSide(const TlsFiles& files,
                                                        CertificateJudge judge);

}  // namespace comity
