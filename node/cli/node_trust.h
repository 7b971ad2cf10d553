#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "node/cli/issued_certificates.h"
#include "node/crypto/random.h"
#include "node/crypto/x509.h"
#include "node/identity/key_files.h"
#include "node/identity/node_layout.h"
#include "node/identity/participant_card.h"

namespace comity {

// The root key that `root_directory` keeps under its passphrase. FIELD_INVALID
// unless it is that of `root`.
absl::StatusOr<SigningKey> ReadRootKey(const std::string& root_directory,
                                       const Certificate& root);

// FIELD_INVALID if that would be the node's own directory, or in it: the root
// key would go into each backup, and to whoever takes the node.
absl::Status CheckRootIsApart(const std::string& root_directory,
                              const std::string& directory);

// Writes a root key there under a passphrase of its own, where no node looks.
absl::Status WriteRootKey(const std::string& root_directory,
                          const SigningKey& key, RandomSource& random);

// An issuing CA with that key, for a year, under the card's root.
absl::StatusOr<Certificate> MakeIssuing(const ParticipantCard& card,
                                        const SigningKey& key,
                                        const SigningKey& root_key,
                                        absl::Time now, RandomSource& random);

// VERSION_CONFLICT unless the card in place is of this serial: another command
// wrote one since it was read. The caller holds the CertificatesLock.
absl::Status CheckCardStands(const NodeLayout& layout, uint32_t serial);

// Writes the card's issuing CA with its key, the list of what was revoked,
// signed anew, and last the card as `text`: what comityd sees of this it sees
// whole. The caller holds the CertificatesLock.
absl::Status PutIssuing(const NodeLayout& layout, const KeyFiles& keys,
                        const SigningKey& key, const ParticipantCard& card,
                        const std::string& text);

// Adds one certificate that was issued here, an operator's, the node's own or
// an issuing CA before the present one, to the signed list that comityd obeys
// and tells to partners. `which`: as in FindIssued. FIELD_INVALID for one that
// is in use and if the list is full, ALREADY_EXISTS if it is on the list.
absl::StatusOr<IssuedCertificate> RevokeCertificate(
    const std::string& directory, const std::string& which, absl::Time now);

// What renewing an issuing CA made.
struct RenewedIssuing {
  absl::Time until;
  uint32_t card = 0;         // serial
  std::string fingerprint;   // of the card
  std::string ended_serial;  // of the CA before, for its revocation later
};

// Makes another issuing CA under the root whose key is in `root_directory`, and
// a card that names it; comityd tells both to partners. What the CA before
// issued is admitted until it ends, or that CA is revoked. FIELD_INVALID if the
// root key is not that of the node's root.
absl::StatusOr<RenewedIssuing> RenewIssuing(const std::string& directory,
                                            const std::string& root_directory,
                                            absl::Time now,
                                            RandomSource& random);

}  // namespace comity
