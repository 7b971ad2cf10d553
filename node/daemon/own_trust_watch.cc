#include "node/daemon/own_trust_watch.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/identity/private_file.h"
#include "node/service/key_change.h"
#include "node/wire/card_file.h"
#include "node/wire/revocation_file.h"

namespace comity {

absl::StatusOr<bool> OwnTrustWatch::Refresh() {
  const bool card_too = KeysAreSettled();
  const std::string mark = absl::StrCat(FileMark(layout_.Card()), " ",
                                        FileMark(layout_.RevokedCertificates()),
                                        card_too ? " card" : "");
  if (mark == mark_) return false;
  ASSIGN_OR_RETURN(const OwnTrust told, ReadOwnTrust(node_.store));
  mark_ = mark;
  if (!told.revocations.empty()) {
    ASSIGN_OR_RETURN(RevokedCertificates kept,
                     ReadRevocations(told.revocations, node_.self));
    revoked_.Set(std::move(kept));
  }
  ASSIGN_OR_RETURN(const OwnTrust own, Read(told, card_too));
  if (own.serial == told.serial && own.sequence == told.sequence) return false;
  if (own.sequence > told.sequence) {
    ASSIGN_OR_RETURN(RevokedCertificates next,
                     ReadRevocations(own.revocations, node_.self));
    revoked_.Set(std::move(next));
  }
  const absl::Status published = Publish(told, own);
  // Then once more with the next look.
  if (!published.ok()) mark_.clear();
  RETURN_IF_ERROR(published);
  return true;
}

bool OwnTrustWatch::KeysAreSettled() {
  const auto settled = keys_.Refresh();
  if (settled.ok()) return *settled;
  Log(LogLevel::kError, "own_keys_not_taken",
      {LogField::Public("why", settled.status().message())});
  return false;
}

absl::StatusOr<OwnTrust> OwnTrustWatch::Read(const OwnTrust& told,
                                             bool card_too) const {
  ASSIGN_OR_RETURN(const std::string text, ReadPublicFile(layout_.Card()));
  ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
  if (card.code != node_.self) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "card.txt is another participant's");
  }
  if (card.serial < told.serial) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "card.txt is older than the card that partners were "
                       "told; put the newer one in its place");
  }
  OwnTrust own = told;
  if (card_too && card.serial > told.serial) {
    own.card = text;
    own.serial = card.serial;
  }
  RETURN_IF_ERROR(ReadList(card, own));
  return own;
}

absl::Status OwnTrustWatch::ReadList(const ParticipantCard& card,
                                     OwnTrust& own) const {
  const auto text = ReadPublicFile(layout_.RevokedCertificates());
  if (ReasonOf(text.status()) == ErrorReason::kNotFound) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(text.status());
  ASSIGN_OR_RETURN(
      const RevokedCertificates list,
      ParseRevocations(*text, card.code, card.issuing.public_key()));
  if (list.sequence <= own.sequence) return absl::OkStatus();
  own.revocations = *text;
  own.sequence = list.sequence;
  return absl::OkStatus();
}

absl::Status OwnTrustWatch::Publish(const OwnTrust& told, const OwnTrust& own) {
  std::vector<std::string> notes;
  // The first card is that of comity node init, which nobody changed.
  if (told.serial > 0 && own.serial > told.serial) {
    notes.push_back(absl::StrCat("own card ", own.serial, " in force"));
  }
  if (own.sequence > told.sequence) {
    notes.push_back(absl::StrCat("own list ", own.sequence, " of ",
                                 revoked_.Get()->entries.size(),
                                 " revoked certificates"));
  }
  return node_.writer
      .Commit([&](CommitScope& scope) -> absl::Status {
        RETURN_IF_ERROR(AppendKeyChange(node_, notes, scope));
        return PutOwnTrust(scope.store(), own);
      })
      .status();
}

}  // namespace comity
