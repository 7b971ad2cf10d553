#include "node/cli/node_root.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/issuing_authority.h"
#include "node/cli/node_reading.h"
#include "node/cli/node_trust.h"
#include "node/cli/open_keys.h"
#include "node/cli/own_authorities.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
// Until then a running node has a renewed certificate in use for sure.
constexpr absl::Duration kTakenOver = absl::Seconds(10);

// The folders of the people in operators/, by name.
absl::StatusOr<std::vector<std::string>> FoldersOf(const NodeLayout& layout) {
  std::vector<std::string> folders;
  std::error_code error;
  for (auto at = fs::directory_iterator(layout.Operators(), error);
       !error && at != fs::end(at); at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) folders.push_back(at->path().string());
  }
  if (error) return CannotRead(layout.Operators());
  std::sort(folders.begin(), folders.end());
  return folders;
}

// What cannot be looked at is there: reading or writing it says why not.
bool IsThere(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) || error;
}

std::string PemOf(const std::vector<Certificate>& certificates) {
  return absl::StrJoin(certificates, "",
                       [](std::string* out, const Certificate& certificate) {
                         *out += certificate.ToPem();
                       });
}

// What people's programs know the node by, and the people who come later.
absl::Status WriteAnchors(const NodeLayout& layout,
                          const ParticipantCard& card) {
  std::vector<Certificate> roots = {card.root};
  if (card.past_root.has_value()) roots.push_back(card.past_root->root);
  RETURN_IF_ERROR(WritePublicFile(layout.RootCertificate(), PemOf(roots)));
  ASSIGN_OR_RETURN(const std::vector<std::string> folders, FoldersOf(layout));
  for (const std::string& folder : folders) {
    const std::string path = folder + "/anchors.pem";
    if (!IsThere(path)) continue;
    RETURN_IF_ERROR(WritePublicFile(path, PemOf(card.Anchors())));
  }
  return absl::OkStatus();
}

struct NewRoot {
  SigningKey key;
  Certificate certificate;
  // The same name and key, issued by the root before if its key is there.
  std::optional<Certificate> link;
};

absl::StatusOr<NewRoot> MakeRoot(const ParticipantCard& card,
                                 const std::optional<SigningKey>& key_before,
                                 absl::Time now, RandomSource& random) {
  SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  // All roots of a participant have one name: the link is self-issued then, and
  // the root before allows it above the issuing CA (RFC 5280, 4.2.1.9).
  CertificateRequest request = RootRequest(card.code, key.public_key(), now);
  ASSIGN_OR_RETURN(Certificate certificate,
                   IssueCertificate(request, nullptr, key, random));
  if (!key_before.has_value()) {
    return NewRoot{std::move(key), std::move(certificate), std::nullopt};
  }
  request.not_after = std::min(request.not_after, card.root.not_after());
  ASSIGN_OR_RETURN(Certificate link,
                   IssueCertificate(request, &card.root, *key_before, random));
  return NewRoot{std::move(key), std::move(certificate), std::move(link)};
}

// None if it is lost.
absl::StatusOr<std::optional<SigningKey>> ReadKeyBefore(
    const std::string& root_directory, const ParticipantCard& card) {
  if (root_directory.empty()) return std::nullopt;
  if (card.past_root.has_value()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the root before this one is trusted still: when all "
                       "partners know the card, comity node rotate-root with "
                       "--finish");
  }
  ASSIGN_OR_RETURN(SigningKey key, ReadRootKey(root_directory, card.root));
  return key;
}

absl::Status WriteLink(const NodeLayout& layout,
                       const std::optional<Certificate>& link) {
  if (link.has_value()) {
    return WritePublicFile(layout.RootLink(), link->ToPem());
  }
  std::error_code error;
  fs::remove(layout.RootLink(), error);
  if (!error) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kStoreUnavailable,
      absl::StrCat("cannot remove ", layout.RootLink(), ": ", error.message()));
}

// Whether the first certificate of a PEM file is valid now and leads to none of
// the card's anchors.
absl::StatusOr<bool> WouldBeShutOut(const std::string& path,
                                    const ParticipantCard& card,
                                    ChainPurpose purpose, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(path));
  ASSIGN_OR_RETURN(std::vector<Certificate> chain,
                   Certificate::ListFromPem(text));
  if (chain.empty() || chain[0].not_after() <= now) return false;
  const Certificate leaf = chain[0];
  chain.erase(chain.begin());
  return !VerifyChain(leaf, chain, card.Anchors(), purpose, now).ok();
}

absl::Status CheckNodeNotShutOut(const NodeLayout& layout,
                                 const ParticipantCard& card, absl::Time now) {
  ASSIGN_OR_RETURN(const bool shut_out,
                   WouldBeShutOut(layout.TlsCertificate(), card,
                                  ChainPurpose::kServer, now));
  if (shut_out) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("the node's certificate stands under the "
                                    "root before; comity node renew --dir ",
                                    layout.directory, " comes first"));
  }
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(layout.TlsCertificate()));
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                   Certificate::ListFromPem(text));
  if (chain.empty() ||
      now - (chain[0].not_before() + kIssuingSlack) >= kTakenOver) {
    return absl::OkStatus();
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "the node's certificate was renewed just now, and comityd "
                     "may serve with the one before still; wait ten seconds");
}

// The node and its people go on without the root before.
absl::Status CheckNobodyShutOut(const NodeLayout& layout,
                                const ParticipantCard& card, absl::Time now) {
  RETURN_IF_ERROR(CheckNodeNotShutOut(layout, card, now));
  ASSIGN_OR_RETURN(const std::vector<std::string> folders, FoldersOf(layout));
  std::vector<std::string> people;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/certificate.pem";
    if (!IsThere(path)) continue;
    ASSIGN_OR_RETURN(const bool person,
                     WouldBeShutOut(path, card, ChainPurpose::kClient, now));
    if (person) people.push_back(fs::path(folder).filename().string());
  }
  if (people.empty()) return absl::OkStatus();
  return ReasonError(
      ErrorReason::kFieldInvalid,
      absl::StrCat("certificates stand under the root before: ",
                   absl::StrJoin(people, ", "),
                   "; comity operator renew comes first, or the folder of who "
                   "is to go"));
}

}  // namespace

absl::StatusOr<RotatedRoot> RotateRoot(const std::string& directory,
                                       const RootDirectories& roots,
                                       absl::Time now, RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout.Card()));
  ASSIGN_OR_RETURN(const std::optional<SigningKey> key_before,
                   ReadKeyBefore(roots.before, card));
  RETURN_IF_ERROR(CheckRootIsApart(roots.next, directory));
  std::error_code error;
  if (fs::exists(roots.next + "/root.pem", error)) {
    return ReasonError(
        ErrorReason::kAlreadyExists,
        absl::StrCat(roots.next,
                     " holds a root key; choose another directory "
                     "for the new one"));
  }
  if (error) return CannotRead(roots.next);
  ASSIGN_OR_RETURN(const KeyFiles keys, OpenKeys(layout));
  ASSIGN_OR_RETURN(const NewRoot root, MakeRoot(card, key_before, now, random));
  RotatedRoot rotated;
  rotated.until = root.certificate.not_after();
  rotated.ended_serial = absl::BytesToHexString(card.issuing.SerialNumber());
  RETURN_IF_ERROR(NoteIssued(layout, card.issuing, now));
  card.past_root.reset();
  if (key_before.has_value()) {
    card.past_root =
        SignSuccession(card.code, root.certificate, card.root, *key_before);
  }
  card.root = root.certificate;
  rotated.card = ++card.serial;
  const SigningKey issuing_key = SigningKey::Generate(KeyAlgorithm::kP256);
  ASSIGN_OR_RETURN(card.issuing,
                   MakeIssuing(card, issuing_key, root.key, now, random));
  RETURN_IF_ERROR(NoteIssued(layout, card.issuing, now));
  const std::string text = FormatCard(card, root.key);
  rotated.fingerprint = CardFingerprint(text);
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  RETURN_IF_ERROR(CheckCardStands(layout, card.serial - 1));
  RETURN_IF_ERROR(CheckKeysStand(keys));
  RETURN_IF_ERROR(WriteRootKey(roots.next, root.key, random));
  // Before anything is issued under it.
  RETURN_IF_ERROR(WriteLink(layout, root.link));
  RETURN_IF_ERROR(WriteAnchors(layout, card));
  RETURN_IF_ERROR(PutIssuing(layout, keys, issuing_key, card, text));
  return rotated;
}

absl::StatusOr<RotatedRoot> EndRootBefore(const std::string& directory,
                                          const std::string& root_directory,
                                          absl::Time now) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(ParticipantCard card, ReadCard(layout.Card()));
  if (!card.past_root.has_value()) {
    return ReasonError(ErrorReason::kNotFound,
                       "no root is being replaced: the card names none before");
  }
  ASSIGN_OR_RETURN(const SigningKey root_key,
                   ReadRootKey(root_directory, card.root));
  card.past_root.reset();
  RETURN_IF_ERROR(CheckNobodyShutOut(layout, card, now));
  ++card.serial;
  const std::string text = FormatCard(card, root_key);
  RETURN_IF_ERROR(WriteAnchors(layout, card));
  RETURN_IF_ERROR(WritePublicFile(layout.Card(), text));
  // Chains that carry it stay as good as they are without it.
  std::error_code error;
  fs::remove(layout.RootLink(), error);
  return RotatedRoot{card.root.not_after(), card.serial, CardFingerprint(text),
                     ""};
}

}  // namespace comity
