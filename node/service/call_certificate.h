#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

namespace comity {

// The certificate that the caller presented in the TLS handshake, PEM; empty
// if there is none.
inline std::string CallCertificatePem(
    const grpc::CallbackServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr) return "";
  const auto pem = auth->FindPropertyValues("x509_pem_cert");
  return pem.size() == 1 ? std::string(pem[0].data(), pem[0].size()) : "";
}

}  // namespace comity
