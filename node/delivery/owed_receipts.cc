#include "node/delivery/owed_receipts.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/audit/log_appender.h"
#include "node/base/status_macros.h"
#include "node/crypto/note.h"
#include "node/wire/bundle_file.h"

namespace comity {
namespace {

constexpr size_t kMaxOwed = 512;

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("owed-receipts/", partner.text());
}

}  // namespace

absl::StatusOr<std::vector<Message>> ReadOwedReceipts(
    const StateReader& store, const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string bytes, store.ReadMeta(MetaName(partner)));
  return ParseMessages(bytes);
}

absl::Status OweReceipts(StoreTransaction& store,
                         const ParticipantCode& partner, uint64_t seen,
                         const std::vector<Message>& given) {
  std::set<Uuid> renewed;
  for (const Message& receipt : given) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
    renewed.insert(leaf.request_id);
  }
  ASSIGN_OR_RETURN(const std::vector<Message> before,
                   ReadOwedReceipts(store, partner));
  std::vector<Message> owed;
  for (const Message& receipt : before) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(receipt.leaf));
    ASSIGN_OR_RETURN(const LogProof proof, ParseLogProof(receipt.proof));
    if (proof.index < seen || renewed.contains(leaf.request_id)) continue;
    owed.push_back(receipt);
  }
  owed.insert(owed.end(), given.begin(), given.end());
  if (owed.size() > kMaxOwed) {
    owed.erase(owed.begin(),
               owed.end() - static_cast<std::ptrdiff_t>(kMaxOwed));
  }
  return store.PutMeta(MetaName(partner), SerializeMessages(owed));
}

absl::Status RenewProof(const LogReader& store, absl::string_view log,
                        Message& receipt) {
  ASSIGN_OR_RETURN(const LogProof given, ParseLogProof(receipt.proof));
  ASSIGN_OR_RETURN(receipt.proof, ProveEntry(store, log, given.index));
  return absl::OkStatus();
}

}  // namespace comity
