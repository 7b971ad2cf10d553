#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/base/secret_bytes.h"
#include "node/crypto/random.h"
#include "node/domain/vocabulary.h"
#include "node/identity/key_passphrase.h"

namespace comity {

// What a new node is made of.
struct InitOptions {
  std::string participant;
  std::string name;
  std::string directory;
  std::string root_directory;  // where the root key goes; never read again
  std::string organisation;    // of the first two administrators
  bool commission = false;
  bool outbound_only = false;  // partners cannot call it
  // Under which its keys are protected from the first byte on; none: they are
  // in the clear.
  std::shared_ptr<const SecretBytes> key_passphrase;
  // The token that makes and keeps the log key and the witness key, its PKCS#11
  // module and PIN; none: they are in files.
  std::string token;
  std::string token_module;
  std::shared_ptr<TokenPin> token_pin;
};

// Makes a node's directory: root, issuing CA, TLS, log, witness and store keys,
// two free ports (one for an outbound-only node), configuration, card, and two
// administrators. ALREADY_EXISTS if there is a configuration. Returns the
// card's fingerprint.
absl::StatusOr<std::string> InitNode(const InitOptions& options, absl::Time now,
                                     RandomSource& random);

// Issues an operator's certificate and profile below the node's directory.
// Returns the profile's directory. ALREADY_EXISTS if the person has one.
absl::StatusOr<std::string> AddOperator(const std::string& directory,
                                        const std::string& organisation,
                                        Role role, const std::string& person,
                                        absl::Time now, RandomSource& random);

// Renews the TLS certificate of the node in `directory`, with a new key;
// comityd takes it over while it serves. Returns when it ends.
// CERTIFICATE_EXPIRED if the issuing CA has ended.
absl::StatusOr<absl::Time> RenewNode(const std::string& directory,
                                     absl::Time now, RandomSource& random);

// Renews the certificate of an operator's profile, same name and role, with a
// new key. NOT_FOUND if the person has none there.
absl::StatusOr<absl::Time> RenewOperator(const std::string& directory,
                                         const std::string& person,
                                         absl::Time now, RandomSource& random);

// Revokes every certificate that was issued to "NAPTIP/amina.b" until now, in
// whichever role. comityd refuses calls with them from that instant and cuts
// open connections within a second. FIELD_INVALID for what is no name.
absl::Status RevokeOperator(const std::string& directory,
                            const std::string& name, absl::Time now);

}  // namespace comity
