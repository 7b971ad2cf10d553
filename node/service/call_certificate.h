#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/x509.h"

namespace comity {

// The certificate that the caller presented in the TLS handshake, PEM, and
// behind it what was presented with it; empty if there is none.
inline std::string CallCertificatePem(
    const grpc::CallbackServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr) return "";
  const auto leaf = auth->FindPropertyValues("x509_pem_cert");
  if (leaf.size() != 1) return "";
  std::string pem(leaf[0].data(), leaf[0].size());
  for (const grpc::string_ref& chain :
       auth->FindPropertyValues("x509_pem_cert_chain")) {
    pem.append("\n").append(chain.data(), chain.size());
  }
  return pem;
}

// The same, read. `presented` is the caller's data: an issuing CA that its root
// signed counts by it before its card has arrived, and nothing else does.
struct CallCertificate {
  Certificate leaf;
  std::vector<Certificate> presented;
};

inline absl::StatusOr<CallCertificate> ReadCallCertificate(
    absl::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                   Certificate::ListFromPem(pem));
  if (chain.empty()) {
    return ReasonError(ErrorReason::kCertificateUnknown,
                       "the call came without a certificate");
  }
  Certificate leaf = chain.front();
  chain.erase(chain.begin());
  return CallCertificate{std::move(leaf), std::move(chain)};
}

}  // namespace comity
