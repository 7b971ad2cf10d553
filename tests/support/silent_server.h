#pragma once

#include <memory>
#include <string>

#include "node/peer/tls_credentials.h"

namespace comity {

// An address where a partner should answer and something else is: a socket that
// takes connections and never says a word, as behind a firewall that drops.
class BlackHole {
 public:
  // Aborts the test program if `address` cannot be bound.
  explicit BlackHole(const std::string& address);
  ~BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;

 private:
  int listening_;
};

// A node with a partner's certificate that takes every call and answers none of
// them until its caller gives up.
class HangingNode {
 public:
  HangingNode(const std::string& address, const TlsFiles& files);
  ~HangingNode();
  // How many calls hung here so far.
  int calls() const;

 private:
  struct Served;
  std::unique_ptr<Served> served_;
};

// What gRPC's health service at the other end says of one service: 1 serving, 2
// not serving, 0 when it does not answer or does not know the service.
int HealthOf(const std::string& address, const TlsFiles& files,
             const std::string& service);

}  // namespace comity
