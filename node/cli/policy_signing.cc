#include "node/cli/policy_signing.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "node/base/clock.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/signature.h"
#include "node/crypto/x509.h"
#include "node/domain/vocabulary.h"
#include "node/identity/partner_table.h"
#include "node/identity/private_file.h"
#include "node/wire/policy_signature.h"

namespace comity {
namespace {

namespace pb = operators::v1;

// What the profile's own country certifies.
absl::StatusOr<std::unique_ptr<NationalTrust>> TrustOf(const Profile& profile) {
  ASSIGN_OR_RETURN(ParticipantCode self,
                   ParticipantCode::Create(profile.participant));
  ASSIGN_OR_RETURN(const std::string anchors,
                   ReadPublicFile(profile.anchors_file));
  ASSIGN_OR_RETURN(std::vector<Certificate> trusted,
                   Certificate::ListFromPem(anchors));
  return std::make_unique<NationalTrust>(std::move(self), std::move(trusted));
}

// CERTIFICATE_UNKNOWN for whom another country certified.
absl::StatusOr<Caller> SignerOf(const std::vector<Certificate>& chain,
                                const NationalTrust& trust) {
  return trust.IdentifyOperator(chain[0], {chain.begin() + 1, chain.end()},
                                SystemClock().Now());
}

struct Signed {
  pb::PolicySignature signature;
  Caller signer;
};

absl::StatusOr<Signed> Sign(const std::string& digest, const Profile& profile,
                            const NationalTrust& trust) {
  ASSIGN_OR_RETURN(const SecretBytes pem, ReadPrivateFile(profile.key_file));
  ASSIGN_OR_RETURN(const SigningKey key,
                   SigningKey::FromPem(pem.Expose(), SecretBytes()));
  pb::PolicySignature signature;
  ASSIGN_OR_RETURN(*signature.mutable_certificate_chain(),
                   ReadPublicFile(profile.certificate_file));
  signature.set_signature(key.Sign(PolicySignatureText(digest)));
  ASSIGN_OR_RETURN(
      const std::vector<Certificate> chain,
      CheckPolicySignature(signature, digest, profile.certificate_file));
  ASSIGN_OR_RETURN(Caller signer, SignerOf(chain, trust));
  if (signer.role != Role::kAdmin) {
    return ReasonError(
        ErrorReason::kRoleNotAdmitted,
        absl::StrCat("administrators sign policy files, and ",
                     signer.OperatorName(), " is ", Name(signer.role)));
  }
  return Signed{std::move(signature), std::move(signer)};
}

}  // namespace

std::string PolicySignaturesFile(const std::string& file) {
  return file + ".signed";
}

absl::StatusOr<pb::PolicyFile> ReadPolicySignatures(const std::string& file) {
  pb::PolicyFile signatures;
  const std::string beside = PolicySignaturesFile(file);
  const auto text = ReadPublicFile(beside);
  if (ReasonOf(text.status()) == ErrorReason::kNotFound) return signatures;
  RETURN_IF_ERROR(text.status());
  if (!google::protobuf::TextFormat::ParseFromString(*text, &signatures)) {
    return ReasonError(ErrorReason::kFieldInvalid, beside + " does not parse");
  }
  return signatures;
}

absl::StatusOr<pb::PolicySignature> SignPolicyDigest(const std::string& digest,
                                                     CommandContext& context) {
  ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
  ASSIGN_OR_RETURN(const auto trust, TrustOf(profile));
  ASSIGN_OR_RETURN(Signed made, Sign(digest, profile, *trust));
  return std::move(made.signature);
}

absl::StatusOr<FileSigners> SignPolicyFile(const std::string& file,
                                           const std::string& digest,
                                           CommandContext& context) {
  ASSIGN_OR_RETURN(const Profile profile, context.ReadProfile());
  ASSIGN_OR_RETURN(const auto trust, TrustOf(profile));
  ASSIGN_OR_RETURN(const Signed made, Sign(digest, profile, *trust));
  const std::string name = made.signer.OperatorName();
  ASSIGN_OR_RETURN(const pb::PolicyFile before, ReadPolicySignatures(file));
  pb::PolicyFile signatures = before;
  signatures.clear_signatures();
  FileSigners signers;
  for (const pb::PolicySignature& each : before.signatures()) {
    const auto chain = CheckPolicySignature(each, digest, file);
    if (!chain.ok()) {
      ++signers.dropped;
      continue;
    }
    const auto other = SignerOf(*chain, *trust);
    const bool own = other.ok() && other->role == Role::kAdmin;
    if (own && other->OperatorName() == name) continue;
    *signatures.add_signatures() = each;
    if (own) {
      signers.own.push_back(other->OperatorName());
    } else {
      ++signers.of_others;
    }
  }
  *signatures.add_signatures() = made.signature;
  signers.own.push_back(name);
  std::string text;
  google::protobuf::TextFormat::PrintToString(signatures, &text);
  RETURN_IF_ERROR(WritePublicFile(PolicySignaturesFile(file), text));
  return signers;
}

}  // namespace comity
