#include "node/cli/node_init.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/cli/issuing_authority.h"
#include "node/crypto/hpke.h"
#include "node/identity/node_layout.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/identity/token_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"

namespace comity {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr int kRootDays = 3650;
constexpr int kIssuingDays = 365;

// A port of the loopback address that nobody uses, chosen by the system.
absl::StatusOr<std::string> FreeAddress() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(where);
  const bool ok =
      bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) == 0;
  close(fd);
  if (!ok) {
    return ReasonError(ErrorReason::kStoreUnavailable,
                       "the system gave no free port");
  }
  return absl::StrCat("127.0.0.1:", ntohs(where.sin_port));
}

struct Authority {
  Certificate certificate;
  SigningKey key;
};

absl::StatusOr<Authority> MakeAuthority(CertificateKind kind,
                                        const std::string& name,
                                        const std::string& domain, int days,
                                        const Authority* issuer, absl::Time now,
                                        RandomSource& random) {
  SigningKey key = SigningKey::Generate(KeyAlgorithm::kP256);
  const CertificateRequest request{kind,
                                   key.public_key(),
                                   name,
                                   "",
                                   "",
                                   domain,
                                   now - kIssuingSlack,
                                   now + days * kDay};
  ASSIGN_OR_RETURN(
      Certificate certificate,
      IssueCertificate(request,
                       issuer == nullptr ? nullptr : &issuer->certificate,
                       issuer == nullptr ? key : issuer->key, random));
  return Authority{std::move(certificate), std::move(key)};
}

// Writes the root key, under a passphrase of its own, where the node never
// looks.
absl::Status WriteRoot(const InitOptions& options, const Authority& root,
                       RandomSource& random) {
  RETURN_IF_ERROR(MakePrivateDirectory(options.root_directory));
  const SecretBytes passphrase(absl::BytesToHexString(random.Bytes(16)));
  RETURN_IF_ERROR(WritePrivateFile(options.root_directory + "/root.pem",
                                   root.key.ToPem(passphrase).Expose()));
  return WritePrivateFile(options.root_directory + "/passphrase",
                          passphrase.Expose());
}

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

struct Person {
  std::string organisation;
  Role role;
  std::string name;
};

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
  ASSIGN_OR_RETURN(const std::string root_text,
                   ReadPublicFile(layout.RootCertificate()));
  RETURN_IF_ERROR(MakePrivateDirectory(profile));
  RETURN_IF_ERROR(
      issuing.IssueOperator(layout, person.name, uri, now, random).status());
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
  if (std::filesystem::exists(layout.Config())) {
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

}  // namespace

absl::StatusOr<std::string> InitNode(const InitOptions& options, absl::Time now,
                                     RandomSource& random) {
  ASSIGN_OR_RETURN(const ParticipantCode code,
                   ParticipantCode::Create(options.participant));
  const NodeLayout layout{options.directory};
  RETURN_IF_ERROR(MakeDirectories(layout));
  const std::string domain = code.TrustDomain();
  ASSIGN_OR_RETURN(const Authority root,
                   MakeAuthority(CertificateKind::kRoot, code.text() + " root",
                                 domain, kRootDays, nullptr, now, random));
  ASSIGN_OR_RETURN(
      const Authority issuing,
      MakeAuthority(CertificateKind::kIssuing, code.text() + " issuing", domain,
                    kIssuingDays, &root, now, random));
  ASSIGN_OR_RETURN(const LogKey log_key, MakeLogKey(options, "log"));
  ASSIGN_OR_RETURN(const LogKey witness_key, MakeLogKey(options, "witness"));
  const SecretBytes bundle_key = NewHpkeKey(random);
  NodeConfig config;
  config.participant = code.text();
  config.name = options.name.empty() ? code.text() : options.name;
  config.commission = options.commission;
  config.outbound_only = options.outbound_only;
  std::vector<std::string> endpoints;
  if (!options.outbound_only) {
    ASSIGN_OR_RETURN(config.federation_address, FreeAddress());
    endpoints = {config.federation_address};
  }
  ASSIGN_OR_RETURN(config.operator_address, FreeAddress());
  const ParticipantCard card{code,
                             config.name,
                             options.commission,
                             1,
                             endpoints,
                             root.certificate,
                             issuing.certificate,
                             log_key.key.public_key(),
                             witness_key.key.public_key(),
                             HpkePublicKey(bundle_key)};
  const std::string card_text = FormatCard(card, root.key);
  RETURN_IF_ERROR(WriteRoot(options, root, random));
  const KeyFiles keys(layout, options.key_passphrase);
  const IssuingAuthority authority(issuing.certificate, issuing.key, keys);
  RETURN_IF_ERROR(authority.IssueNode(layout, code, now, random).status());
  RETURN_IF_ERROR(keys.WriteSigningKey(layout.IssuingKey(), issuing.key));
  RETURN_IF_ERROR(WriteLogKey(layout.LogKey(), log_key, keys));
  RETURN_IF_ERROR(WriteLogKey(layout.WitnessKey(), witness_key, keys));
  RETURN_IF_ERROR(keys.WriteSecret(layout.BundleKey(), bundle_key, random));
  RETURN_IF_ERROR(keys.WriteSecret(layout.StoreKey(),
                                   SecretBytes(random.Bytes(32)), random));
  RETURN_IF_ERROR(WritePublicFile(layout.IssuingCertificate(),
                                  issuing.certificate.ToPem()));
  RETURN_IF_ERROR(
      WritePublicFile(layout.RootCertificate(), root.certificate.ToPem()));
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
  const std::string profile = absl::StrCat(layout.Operators(), "/", person);
  if (std::filesystem::exists(profile + "/profile")) {
    return ReasonError(ErrorReason::kAlreadyExists,
                       absl::StrCat(profile, " exists; choose another name"));
  }
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
