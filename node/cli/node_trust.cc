#include "node/cli/node_trust.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issuing_authority.h"
#include "node/cli/node_reading.h"
#include "node/cli/open_keys.h"
#include "node/cli/own_authorities.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"

namespace comity {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<fs::path> WholePath(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error);
  if (!error) whole = fs::weakly_canonical(whole, error);
  if (!error) return whole;
  return ReasonError(ErrorReason::kStoreUnavailable,
                     absl::StrCat(path, ": ", error.message()));
}

// Sequence 0 and no entries without a file.
absl::StatusOr<RevokedCertificates> ReadList(const NodeLayout& layout,
                                             const ParticipantCode& self) {
  const auto text = ReadPublicFile(layout.RevokedCertificates());
  if (ReasonOf(text.status()) == ErrorReason::kNotFound) {
    return RevokedCertificates();
  }
  RETURN_IF_ERROR(text.status());
  return ReadRevocations(*text, self);
}

absl::Status WriteList(const NodeLayout& layout, const ParticipantCode& self,
                       RevokedCertificates list, const SigningKey& key) {
  ++list.sequence;
  return WritePublicFile(layout.RevokedCertificates(),
                         FormatRevocations(self, list, key));
}

// Who revokes what the node serves with would cut it off.
absl::Status CheckNotInUse(const NodeLayout& layout,
                           const ParticipantCard& card,
                           const IssuedCertificate& revoked) {
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(layout.TlsCertificate()));
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                   Certificate::ListFromPem(text));
  const std::string& fingerprint = revoked.fingerprint;
  if (!chain.empty() && chain[0].Fingerprint() == fingerprint) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the node serves with this certificate; comity node renew "
                     "--dir ",
                     layout.directory,
                     " first, and then revoke the one before, serial ",
                     revoked.serial));
  }
  const bool issues =
      card.issuing.Fingerprint() == fingerprint ||
      card.root.Fingerprint() == fingerprint ||
      (chain.size() > 1 && chain[1].Fingerprint() == fingerprint);
  if (!issues) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      "the node's certificate stands under this authority; comity node "
      "renew-ca, comity node renew and comity operator renew come first");
}

}  // namespace

absl::StatusOr<SigningKey> ReadRootKey(const std::string& root_directory,
                                       const Certificate& root) {
  ASSIGN_OR_RETURN(const SecretBytes passphrase,
                   ReadPrivateFile(root_directory + "/passphrase"));
  ASSIGN_OR_RETURN(const SecretBytes pem,
                   ReadPrivateFile(root_directory + "/root.pem"));
  ASSIGN_OR_RETURN(
      SigningKey key,
      SigningKey::FromPem(
          pem.Expose(), SecretBytes(std::string(
                            absl::StripAsciiWhitespace(passphrase.Expose())))));
  if (key.public_key() == root.public_key()) return key;
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(root_directory,
                                  " holds another root's key than this "
                                  "node's"));
}

absl::Status CheckRootIsApart(const std::string& root_directory,
                              const std::string& directory) {
  ASSIGN_OR_RETURN(const fs::path node, WholePath(directory));
  ASSIGN_OR_RETURN(const fs::path root, WholePath(root_directory));
  // Each with an empty part behind: "/a/ng/" does not begin "/a/ng-root/".
  if (!absl::StartsWith((root / "").string(), (node / "").string())) {
    return absl::OkStatus();
  }
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("the root key does not belong into ", root_directory,
                   ": name a directory outside of the node's, best on a "
                   "carrier that is kept apart"));
}

absl::Status WriteRootKey(const std::string& root_directory,
                          const SigningKey& key, RandomSource& random) {
  RETURN_IF_ERROR(MakePrivateDirectory(root_directory));
  const SecretBytes passphrase(absl::BytesToHexString(random.Bytes(16)));
  RETURN_IF_ERROR(WritePrivateFile(root_directory + "/root.pem",
                                   key.ToPem(passphrase).Expose()));
  return WritePrivateFile(root_directory + "/passphrase", passphrase.Expose());
}

absl::StatusOr<Certificate> MakeIssuing(const ParticipantCard& card,
                                        const SigningKey& key,
                                        const SigningKey& root_key,
                                        absl::Time now, RandomSource& random) {
  return IssueCertificate(
      IssuingRequest(card.code, key.public_key(), card.root, now), &card.root,
      root_key, random);
}

absl::Status CheckCardStands(const NodeLayout& layout, uint32_t serial) {
  ASSIGN_OR_RETURN(const ParticipantCard card, ReadCard(layout.Card()));
  if (card.serial == serial) return absl::OkStatus();
  return ReasonError(ErrorReason::kVersionConflict,
                     "another command wrote a newer card meanwhile; nothing "
                     "was changed");
}

absl::Status PutIssuing(const NodeLayout& layout, const KeyFiles& keys,
                        const SigningKey& key, const ParticipantCard& card,
                        const std::string& text) {
  ASSIGN_OR_RETURN(RevokedCertificates list, ReadList(layout, card.code));
  RETURN_IF_ERROR(keys.WriteSigningKey(layout.IssuingKey(), key));
  RETURN_IF_ERROR(
      WritePublicFile(layout.IssuingCertificate(), card.issuing.ToPem()));
  if (list.sequence > 0) {
    RETURN_IF_ERROR(WriteList(layout, card.code, std::move(list), key));
  }
  return WritePublicFile(layout.Card(), text);
}

absl::StatusOr<IssuedCertificate> RevokeCertificate(
    const std::string& directory, const std::string& which, absl::Time now) {
  const NodeLayout layout{directory};
  // Before anything is read: the list is signed by the CA of the card.
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(const ParticipantCard card, ReadCard(layout.Card()));
  ASSIGN_OR_RETURN(const IssuingAuthority issuing,
                   IssuingAuthority::Read(layout, now));
  ASSIGN_OR_RETURN(IssuedCertificate revoked, FindIssued(layout, which));
  RETURN_IF_ERROR(CheckNotInUse(layout, card, revoked));
  ASSIGN_OR_RETURN(RevokedCertificates list, ReadList(layout, card.code));
  std::erase_if(list.entries,
                [&](const auto& each) { return each.second.until < now; });
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  if (!list.entries
           .try_emplace(revoked.fingerprint,
                        RevokedCertificates::Entry{second, revoked.until})
           .second) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       "the certificate is revoked already");
  }
  if (list.entries.size() > kMostRevoked) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("the list holds ", kMostRevoked,
                     " certificates; comity node renew-ca makes another "
                     "issuing CA, and revoking the one before ends all that it "
                     "issued"));
  }
  RETURN_IF_ERROR(WriteList(layout, card.code, std::move(list), issuing.key()));
  return revoked;
}

absl::StatusOr<RenewedIssuing> RenewIssuing(const std::string& directory,
                                            const std::string& root_directory,
                                            absl::Time now,
                                            RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout.Card()));
  ASSIGN_OR_RETURN(const SigningKey root_key,
                   ReadRootKey(root_directory, card.root));
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  const SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  ASSIGN_OR_RETURN(const Certificate issuing,
                   MakeIssuing(card, key, root_key, now, random));
  RETURN_IF_ERROR(NoteIssued(layout, card.issuing, now));
  RETURN_IF_ERROR(NoteIssued(layout, issuing, now));
  RenewedIssuing renewed;
  renewed.ended_serial = absl::BytesToHexString(card.issuing.SerialNumber());
  renewed.until = issuing.not_after();
  renewed.card = ++card.serial;
  card.issuing = issuing;
  const std::string text = FormatCard(card, root_key);
  renewed.fingerprint = CardFingerprint(text);
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  RETURN_IF_ERROR(CheckCardStands(layout, card.serial - 1));
  RETURN_IF_ERROR(CheckKeysStand(keys));
  RETURN_IF_ERROR(PutIssuing(layout, keys, key, card, text));
  return renewed;
}

}  // namespace comity
