#include "node/delivery/bundle_writer.h"

#include <set>

#include "node/audit/cosigned_head.h"
#include "node/audit/log_appender.h"
#include "node/base/status_macros.h"
#include "node/delivery/outbox.h"
#include "node/delivery/owed_receipts.h"
#include "node/delivery/shown_heads.h"
#include "node/delivery/trust_news.h"

namespace comity {
namespace {

// More than waits for any partner.
constexpr int kMaxWaiting = 1 << 16;

// What heads of both logs a bundle tells, proves and witnesses, and the news.
absl::StatusOr<CheckpointExchange> HeadsFor(const StoreReader& store,
                                            const BundleAuthor& author,
                                            const std::string& log,
                                            const LogHead& head,
                                            const ParticipantCode& partner) {
  CheckpointExchange heads;
  ASSIGN_OR_RETURN(
      heads.cosigned_checkpoint,
      CosignProved(store, author.signer, author.self, partner, author.now));
  ASSIGN_OR_RETURN(heads.news, NewsAgain(store, author.partners, partner));
  heads.checkpoint = head.checkpoint;
  ASSIGN_OR_RETURN(const WitnessNeeds needs, NeedsOf(store, partner));
  heads.proved_size = needs.proved_size;
  heads.unproved_sizes = needs.unproved_sizes;
  ASSIGN_OR_RETURN(const std::vector<uint64_t> shown,
                   ReadShownHeads(store, partner));
  for (const uint64_t size : shown) {
    if (size >= head.size) break;
    ChainStep step{size, head.size, {}};
    ASSIGN_OR_RETURN(step.hashes, ConsistencyProof(size, head.size,
                                                   StoredNodes(store, log)));
    heads.proofs.push_back(std::move(step));
  }
  return heads;
}

absl::Status AddReceipts(const StoreReader& store, const std::string& log,
                         const ParticipantCode& partner, size_t& bytes,
                         BundleContent& content) {
  ASSIGN_OR_RETURN(const std::vector<Message> owed,
                   ReadOwedReceipts(store, partner));
  for (Message receipt : owed) {
    RETURN_IF_ERROR(RenewProof(store, log, receipt));
    const size_t size = EnvelopeSize(receipt);
    // The rest goes when the partner has told that it saw these.
    if (bytes + size > kMaxBundleMessages) break;
    bytes += size;
    content.receipts.push_back(std::move(receipt));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GatheredBundle> GatherBundle(const StoreReader& store,
                                            const BundleAuthor& author,
                                            const ParticipantCode& partner) {
  const std::string log = PartnerLogOrigin(author.self, partner);
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
  GatheredBundle gathered;
  gathered.head_size = head.size;
  ASSIGN_OR_RETURN(gathered.content.heads,
                   HeadsFor(store, author, log, head, partner));
  size_t bytes = 0;
  RETURN_IF_ERROR(AddReceipts(store, log, partner, bytes, gathered.content));
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   store.ReadOutbox(partner, kMaxWaiting));
  std::set<Uuid> held_up;
  for (size_t at = 0; at < waiting.size(); ++at) {
    if (held_up.contains(waiting[at].referral_id)) continue;
    ASSIGN_OR_RETURN(
        std::optional<WaitingEvent> each,
        ReadWaitingEvent(store, author.departures, author.self, waiting[at]));
    if (!each.has_value()) {
      held_up.insert(waiting[at].referral_id);
      continue;
    }
    const size_t size = EnvelopeSize(each->event);
    if (bytes + size > kMaxBundleMessages) {
      gathered.left = static_cast<uint32_t>(waiting.size() - at);
      break;
    }
    bytes += size;
    gathered.content.events.push_back(std::move(each->event));
  }
  return gathered;
}

}  // namespace comity
