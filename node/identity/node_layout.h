#pragma once

#include <string>

namespace comity {

// Where things are in a node's directory.
struct NodeLayout {
  std::string directory;

  std::string Config() const { return directory + "/comityd.conf"; }
  std::string Card() const { return directory + "/card.txt"; }
  std::string Keys() const { return directory + "/keys"; }
  std::string TlsKey() const { return Keys() + "/tls.pem"; }
  std::string LogKey() const { return Keys() + "/log.pem"; }
  std::string WitnessKey() const { return Keys() + "/witness.pem"; }
  // Those that comity node rotate-key replaced, until it is told that all
  // partners know.
  std::string LogKeyBefore() const { return Keys() + "/log-before.pem"; }
  std::string WitnessKeyBefore() const {
    return Keys() + "/witness-before.pem";
  }
  std::string BundleKey() const { return Keys() + "/bundle.key"; }
  std::string StoreKey() const { return Keys() + "/store.key"; }
  std::string IssuingKey() const { return Keys() + "/issuing.pem"; }
  std::string Certificates() const { return directory + "/certs"; }
  std::string TlsCertificate() const { return Certificates() + "/tls.pem"; }
  std::string IssuingCertificate() const {
    return Certificates() + "/issuing.pem";
  }
  std::string RootCertificate() const { return Certificates() + "/root.pem"; }
  // While a root is replaced: the new one's key, certified by the root before.
  // It goes with each chain, so that whoever knows that root alone admits it.
  std::string RootLink() const { return Certificates() + "/root-link.pem"; }
  std::string RevokedOperators() const {
    return Certificates() + "/revoked-operators.txt";
  }
  // Signed, and told to partners; by comity node revoke.
  std::string RevokedCertificates() const {
    return Certificates() + "/revoked-certificates.txt";
  }
  // What was issued here and has not ended.
  std::string Issued() const { return Certificates() + "/issued.txt"; }
  std::string Operators() const { return directory + "/operators"; }
  std::string Data() const { return directory + "/data"; }
  std::string StoreFile() const { return Data() + "/store.db"; }
  // Files that gRPC watches; only the daemon writes here.
  std::string Run() const { return directory + "/run"; }
  // TLS key and chain in one, so that both change at once.
  std::string RunIdentity() const { return Run() + "/identity.pem"; }
  std::string RunPartners() const { return Run() + "/partners.pem"; }
  std::string RunNational() const { return Run() + "/national.pem"; }
};

}  // namespace comity
