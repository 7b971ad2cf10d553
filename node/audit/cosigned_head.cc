#include "node/audit/cosigned_head.h"

#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "node/audit/known_fork.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/note.h"
#include "node/wire/message_leaf.h"

namespace comity {
namespace {

constexpr absl::Duration kApart = absl::Minutes(1);

std::string MetaName(const ParticipantCode& witness) {
  return absl::StrCat("cosigned/", witness.text());
}

std::string ToldName(const ParticipantCode& partner) {
  return absl::StrCat("told-cosigned/", partner.text());
}

}  // namespace

bool CosignedHead::Supersedes(const CosignedHead& kept) const {
  if (size != kept.size) return size > kept.size;
  return at >= kept.at + kApart;
}

absl::StatusOr<std::string> CosignProved(const StoreReader& store,
                                         const LogSigner& signer,
                                         const ParticipantCode& self,
                                         const ParticipantCode& partner,
                                         absl::Time now) {
  if (!signer.IsWitness()) return std::string();
  ASSIGN_OR_RETURN(const KnownFork fork,
                   ReadFork(store, PartnerLogOrigin(partner, self)));
  if (!fork.log.empty()) return std::string();
  ASSIGN_OR_RETURN(const PeerHead proved, store.ReadPeerHead(partner));
  if (proved.size == 0) return std::string();
  return signer.Cosign(proved.checkpoint, WitnessKeyName(self), now);
}

absl::StatusOr<CosignedHead> OpenCosigned(absl::string_view note,
                                          absl::string_view log,
                                          const VerifyKeys& log_keys,
                                          const ParticipantCode& witness,
                                          const VerifyKeys& witness_keys) {
  ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                   OpenCheckpoint(note, log, log_keys));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> at,
                   CosignedAt(note, WitnessKeyName(witness), witness_keys));
  if (!at.has_value()) {
    return ReasonError(ErrorReason::kEvidenceInvalid,
                       "the head is not cosigned by the partner's witness key");
  }
  return CosignedHead{checkpoint.size, *at, std::string(note)};
}

absl::Status KeepCosigned(StoreTransaction& store,
                          const ParticipantCode& witness,
                          const CosignedHead& head) {
  ASSIGN_OR_RETURN(const CosignedHead kept, ReadCosigned(store, witness));
  if (!head.Supersedes(kept)) return absl::OkStatus();
  return store.PutMeta(
      MetaName(witness),
      absl::StrCat(head.size, " ", absl::ToUnixSeconds(head.at), "\n",
                   head.note));
}

absl::StatusOr<CosignedHead> ReadCosigned(const StateReader& store,
                                          const ParticipantCode& witness) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(witness)));
  CosignedHead head;
  if (text.empty()) return head;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  const std::vector<absl::string_view> numbers = absl::StrSplit(parts[0], ' ');
  int64_t seconds = 0;
  if (parts.size() != 2 || numbers.size() != 2 ||
      !absl::SimpleAtoi(numbers[0], &head.size) ||
      !absl::SimpleAtoi(numbers[1], &seconds)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a cosigned head kept in the store does not read");
  }
  head.at = absl::FromUnixSeconds(seconds);
  head.note = std::string(parts[1]);
  return head;
}

absl::Status DropCosigned(StateWriter& store, const ParticipantCode& witness) {
  return store.PutMeta(MetaName(witness), "");
}

absl::Status PutToldCosigned(StateWriter& store, const ParticipantCode& partner,
                             uint64_t size) {
  return store.PutMeta(ToldName(partner), absl::StrCat(size));
}

absl::StatusOr<uint64_t> ReadToldCosigned(const StateReader& store,
                                          const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(ToldName(partner)));
  uint64_t size = 0;
  if (!text.empty() && !absl::SimpleAtoi(text, &size)) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "a size kept in the store does not read");
  }
  return size;
}

}  // namespace comity
