#include "node/cli/node_init.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/free_addresses.h"
#include "node/cli/issued_certificates.h"
#include "node/cli/issuing_authority.h"
#include "node/cli/node_reading.h"
#include "node/cli/node_trust.h"
#include "node/cli/own_authorities.h"
#include "node/crypto/hpke.h"
#include "node/identity/node_layout.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/identity/token_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

struct Authority {
  Certificate certificate;
  SigningKey key;
};

// A key that signs logs, and what its file says if it is in a token.
struct LogKey {
  SigningKey key;
  std::string token_file;
};

absl::StatusOr<LogKey> MakeLogKey(const InitOptions& options,
                                  absl::string_view use) {
  if (options.token.empty()) {
    return LogKey{SigningKey::Generate(KeyAlgorithm::kEd25519), ""};
  }
  const TokenKeyPlace place{options.token_module, options.token,
                            absl::StrCat(options.participant, " ", use)};
  const std::string file = FormatTokenFile(place);
  RETURN_IF_ERROR(ParseTokenFile(file).status());
  ASSIGN_OR_RETURN(const SecretBytes pin, options.token_pin->Get());
  ASSIGN_OR_RETURN(SigningKey key, MakeTokenKey(place, pin));
  return LogKey{std::move(key), file};
}

absl::Status WriteLogKey(const std::string& path, const LogKey& made,
                         const KeyFiles& keys) {
  if (made.token_file.empty()) return keys.WriteSigningKey(path, made.key);
  return WritePrivateFile(path, made.token_file);
}

absl::StatusOr<bool> IsThere(const std::string& path) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error) return CannotRead(path);
  return there;
}

struct Person {
  std::string organisation;
  Role role;
  std::string name;
};

// ALREADY_EXISTS if the person has a profile.
absl::StatusOr<std::string> Admit(const Person& person,
                                  const NodeLayout& layout,
                                  const NodeConfig& config,
                                  const IssuingAuthority& issuing,
                                  absl::Time now, RandomSource& random) {
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(config.participant));
  ASSIGN_OR_RETURN(
      const std::string uri,
      OperatorUri(code, person.organisation, person.role, person.name));
  const std::string profile =
      absl::StrCat(layout.Operators(), "/", person.name);
  // Until the profile is whole: another root writes all anchors anew, and
  // another command may add the same person.
  ASSIGN_OR_RETURN(const CertificatesLock lock, CertificatesLock::Take(layout));
  ASSIGN_OR_RETURN(const bool taken, IsThere(profile + "/profile"));
  if (taken) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       absl::StrCat(profile, " exists; choose another name"));
  }
  ASSIGN_OR_RETURN(const std::string root_text,
                   ReadPublicFile(layout.RootCertificate()));
  RETURN_IF_ERROR(MakePrivateDirectory(profile));
  RETURN_IF_ERROR(
      issuing.IssueOperator(lock, layout, person.name, uri, now, random)
          .status());
  RETURN_IF_ERROR(WritePublicFile(profile + "/anchors.pem",
                                  root_text + issuing.certificate().ToPem()));
  RETURN_IF_ERROR(WritePublicFile(
      profile + "/profile",
      FormatProfile({config.participant, config.operator_address, "anchors.pem",
                     "certificate.pem", "key.pem"})));
  return profile;
}

absl::StatusOr<NodeConfig> ReadConfig(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout.Config()));
  return ParseConfig(text);
}

absl::Status MakeDirectories(const NodeLayout& layout) {
  ASSIGN_OR_RETURN(const bool taken, IsThere(layout.Config()));
  if (taken) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       absl::StrCat(layout.directory,
                                    " holds a node; choose another directory"));
  }
  for (const std::string& path :
       {layout.directory, layout.Keys(), layout.Certificates(),
        layout.Operators(), layout.Data(), layout.Run()}) {
    RETURN_IF_ERROR(MakePrivateDirectory(path));
  }
  return absl::OkStatus();
}

// The keys of a new node, and who vouches for them.
struct NewKeys {
  Authority root;
  Authority issuing;
  LogKey log;
  LogKey witness;
  SecretBytes bundle;
};

absl::StatusOr<NewKeys> MakeKeys(const InitOptions& options,
                                 const ParticipantCode& code, absl::Time now,
                                 RandomSource& random) {
  SigningKey root_key = SigningKey::Generate(KeyAlgorithm::kP256);
  ASSIGN_OR_RETURN(
      Certificate root,
      IssueCertificate(RootRequest(code, root_key.public_key(), now), nullptr,
                       root_key, random));
  SigningKey issuing_key = SigningKey::Generate(KeyAlgorithm::kP256);
  ASSIGN_OR_RETURN(
      Certificate issuing,
      IssueCertificate(
          IssuingRequest(code, issuing_key.public_key(), root, now), &root,
          root_key, random));
  ASSIGN_OR_RETURN(LogKey log, MakeLogKey(options, "log"));
  ASSIGN_OR_RETURN(LogKey witness, MakeLogKey(options, "witness"));
  return NewKeys{{std::move(root), std::move(root_key)},
                 {std::move(issuing), std::move(issuing_key)},
                 std::move(log),
                 std::move(witness),
                 NewHpkeKey(random)};
}

}  // namespace

absl::StatusOr<std::string> InitNode(const InitOptions& options, absl::Time now,
                                     RandomSource& random) {
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(options.participant));
  const NodeLayout layout{options.directory};
  RETURN_IF_ERROR(CheckRootIsApart(options.root_directory, options.directory));
  RETURN_IF_ERROR(MakeDirectories(layout));
  ASSIGN_OR_RETURN(const NewKeys made, MakeKeys(options, code, now, random));
  NodeConfig config;
  config.participant = code.text();
  config.name = options.name.empty() ? code.text() : options.name;
  config.commission = options.commission;
  config.outbound_only = options.outbound_only;
  std::vector<std::string> endpoints;
  ASSIGN_OR_RETURN(const std::vector<std::string> addresses, FreeAddresses(2));
  config.operator_address = addresses[0];
  if (!options.outbound_only) {
    config.federation_address = addresses[1];
    endpoints = {config.federation_address};
  }
  const ParticipantCard card{code,
                             config.name,
                             options.commission,
                             1,
                             endpoints,
                             made.root.certificate,
                             made.issuing.certificate,
                             made.log.key.public_key(),
                             made.witness.key.public_key(),
                             HpkePublicKey(made.bundle)};
  const std::string card_text = FormatCard(card, made.root.key);
  RETURN_IF_ERROR(WriteRootKey(options.root_directory, made.root.key, random));
  const KeyFiles keys(layout, options.key_passphrase);
  const IssuingAuthority authority(made.issuing.certificate, made.issuing.key,
                                   keys);
  RETURN_IF_ERROR(authority.IssueNode(layout, code, now, random).status());
  RETURN_IF_ERROR(keys.WriteSigningKey(layout.IssuingKey(), made.issuing.key));
  RETURN_IF_ERROR(WriteLogKey(layout.LogKey(), made.log, keys));
  RETURN_IF_ERROR(WriteLogKey(layout.WitnessKey(), made.witness, keys));
  RETURN_IF_ERROR(keys.WriteSecret(layout.BundleKey(), made.bundle, random));
  RETURN_IF_ERROR(keys.WriteSecret(layout.StoreKey(),
                                   SecretBytes(random.Bytes(32)), random));
  RETURN_IF_ERROR(WritePublicFile(layout.IssuingCertificate(),
                                  made.issuing.certificate.ToPem()));
  RETURN_IF_ERROR(
      WritePublicFile(layout.RootCertificate(), made.root.certificate.ToPem()));
  RETURN_IF_ERROR(WritePublicFile(layout.Card(), card_text));
  // Last, so that a directory with a configuration is complete.
  RETURN_IF_ERROR(WritePublicFile(layout.Config(), FormatConfig(config)));
  for (const char* person : {"admin-1", "admin-2"}) {
    RETURN_IF_ERROR(Admit({options.organisation, Role::kAdmin, person}, layout,
                          config, authority, now, random)
                        .status());
  }
  return CardFingerprint(card_text);
}

absl::StatusOr<std::string> AddOperator(const std::string& directory,
                                        const std::string& organisation,
                                        Role role, const std::string& person,
                                        absl::Time now, RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(config.participant));
  RETURN_IF_ERROR(OperatorUri(code, organisation, role, person).status());
  ASSIGN_OR_RETURN(const IssuingAuthority issuing,
                   IssuingAuthority::Read(layout, now));
  return Admit({organisation, role, person}, layout, config, issuing, now,
               random);
}

absl::StatusOr<absl::Time> RenewNode(const std::string& directory,
                                     absl::Time now, RandomSource& random) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(config.participant));
  ASSIGN_OR_RETURN(const IssuingAuthority issuing,
                   IssuingAuthority::Read(layout, now));
  return issuing.IssueNode(layout, code, now, random);
}

absl::StatusOr<absl::Time> RenewOperator(const std::string& directory,
                                         const std::string& person,
                                         absl::Time now, RandomSource& random) {
  const NodeLayout layout{directory};
  const std::string profile = absl::StrCat(layout.Operators(), "/", person);
  ASSIGN_OR_RETURN(const std::string text,
                   ReadPublicFile(profile + "/certificate.pem"));
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                   Certificate::ListFromPem(text));
  if (chain.empty()) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(profile, " holds no certificate"));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> uris, chain[0].UriNames());
  if (uris.size() != 1) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat(profile, " holds no operator's certificate"));
  }
  ASSIGN_OR_RETURN(const IssuingAuthority issuing,
                   IssuingAuthority::Read(layout, now));
  return issuing.IssueOperator(layout, person, uris[0], now, random);
}

absl::Status RevokeOperator(const std::string& directory,
                            const std::string& name, absl::Time now) {
  const NodeLayout layout{directory};
  ASSIGN_OR_RETURN(const NodeConfig config, ReadConfig(layout));
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(config.participant));
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(name, absl::MaxSplits('/', 1));
  RETURN_IF_ERROR(
      OperatorUri(code, parts.first, Role::kAdmin, parts.second).status());
  // Two administrators at once must not lose each other's line.
  const int fd = open(layout.Certificates().c_str(), O_RDONLY | O_CLOEXEC);
  const absl::Cleanup unlock = [fd] { close(fd); };
  if (fd < 0 || flock(fd, LOCK_EX) != 0) {
    return ReasonError(ErrorReason::kStoreUnavailable,
                       absl::StrCat("cannot open ", layout.Certificates()));
  }
  ASSIGN_OR_RETURN(RevocationList revoked, ReadRevoked(layout));
  revoked.Revoke(name, now);
  return WritePublicFile(layout.RevokedOperators(), revoked.Format());
}

}  // namespace comity
