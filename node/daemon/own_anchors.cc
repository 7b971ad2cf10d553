#include "node/daemon/own_anchors.h"

#include <string>
#include <utility>
#include <vector>

#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"

namespace comity {

absl::Status OwnAnchors::Renew() {
  absl::MutexLock lock(&mutex_);
  return RenewLocked();
}

bool OwnAnchors::RenewIfBehind() {
  absl::MutexLock lock(&mutex_);
  return !written_.ok() && RenewLocked().ok();
}

absl::Status OwnAnchors::RenewLocked() {
  absl::Status written = Write();
  if (!written.ok() && written != written_) {
    Log(LogLevel::kError, "anchors_not_written",
        {LogField::Public("why", written.message())});
  }
  node_.unwritten->Note("trusted authorities", written);
  written_ = std::move(written);
  return written_;
}

absl::Status OwnAnchors::Write() const {
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(OwnCardText(node_)));
  const std::vector<Certificate> anchors = card.Anchors();
  std::string own;
  for (const Certificate& anchor : anchors) own += anchor.ToPem();
  national_.SetAnchors(anchors);
  certificate_.SetAnchors(anchors);
  RETURN_IF_ERROR(WritePublicFile(layout_.RunNational(), own));
  // TLS wants at least one anchor, so the own ones are always there; they let
  // nobody in, since no partner has the own code.
  return WritePublicFile(layout_.RunPartners(),
                         own + node_.partners.Get()->UnionAnchorsPem());
}

}  // namespace comity
