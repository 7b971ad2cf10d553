#include "node/identity/own_certificate.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"

namespace comity {
namespace {

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat(what,
                                  "; comity node renew --dir DIR makes "
                                  "both anew"));
}

}  // namespace

std::string OwnCertificate::Mark() const {
  return absl::StrCat(FileMark(layout().TlsKey()), " ",
                      FileMark(layout().TlsCertificate()));
}

absl::StatusOr<OwnCertificate::Files> OwnCertificate::Read() const {
  ASSIGN_OR_RETURN(const SigningKey key,
                   keys_.ReadSigningKey(layout().TlsKey()));
  ASSIGN_OR_RETURN(std::string chain,
                   ReadPublicFile(layout().TlsCertificate()));
  ASSIGN_OR_RETURN(std::vector<Certificate> certificates,
                   Certificate::ListFromPem(chain));
  if (certificates.empty()) {
    return Invalid("certs/tls.pem holds no certificate");
  }
  Certificate leaf = certificates.front();
  certificates.erase(certificates.begin());
  if (leaf.public_key() != key.public_key()) {
    return Invalid("keys/tls.pem is not the key of certs/tls.pem");
  }
  const auto uris = leaf.UriNames();
  if (!uris.ok() || *uris != std::vector<std::string>{self_.NodeSpiffeId()}) {
    return Invalid("certs/tls.pem is not a certificate of this node");
  }
  return Files{key.ToPem(SecretBytes()), std::move(chain), std::move(leaf),
               std::move(certificates)};
}

absl::Status OwnCertificate::PutInPlace(const Files& files) {
  const SecretBytes both(absl::StrCat(files.key.Expose(), "\n", files.chain));
  if (in_memory_ != nullptr) {
    RETURN_IF_ERROR(in_memory_->Replace(both.Expose()));
    // Of the time when the key was in the clear.
    std::remove(layout().RunIdentity().c_str());
  } else {
    RETURN_IF_ERROR(WritePrivateFile(layout().RunIdentity(), both.Expose()));
  }
  expires_ = files.leaf.not_after();
  return absl::OkStatus();
}

absl::Status OwnCertificate::Load() {
  absl::MutexLock lock(&mutex_);
  judged_ = seen_ = Mark();
  ASSIGN_OR_RETURN(const Files files, Read());
  return PutInPlace(files);
}

absl::StatusOr<bool> OwnCertificate::LoadIfRenewed(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const std::string mark = Mark();
  const bool settled = mark == seen_;
  seen_ = mark;
  if (!settled || mark == judged_) return false;
  judged_ = mark;
  refused_ = true;
  ASSIGN_OR_RETURN(const Files files, Read());
  for (const ChainPurpose purpose :
       {ChainPurpose::kServer, ChainPurpose::kClient}) {
    RETURN_IF_ERROR(
        VerifyChain(files.leaf, files.presented, anchors_, purpose, now));
  }
  RETURN_IF_ERROR(PutInPlace(files));
  refused_ = false;
  return true;
}

absl::Time OwnCertificate::expires() const {
  absl::MutexLock lock(&mutex_);
  return expires_;
}

}  // namespace comity
