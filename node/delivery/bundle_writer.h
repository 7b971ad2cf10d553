#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "node/audit/log_appender.h"
#include "node/delivery/outbox.h"
#include "node/identity/partner_table.h"
#include "node/store/store.h"
#include "node/wire/bundle_file.h"

namespace comity {

// What one bundle to a partner carries.
struct GatheredBundle {
  BundleContent content;
  uint64_t head_size = 0;  // of the own log for the partner
  uint32_t left = 0;       // events that did not fit

  bool has_news() const {
    const TrustNews& news = content.heads.news;
    return !news.card.empty() || !news.revocations.empty();
  }
  // A cosignature alone is worth no journey.
  bool empty() const {
    return content.events.empty() && content.receipts.empty() && !has_news();
  }
};

// Whose bundle it is, and when. Borrowed.
struct BundleAuthor {
  const ParticipantCode& self;
  const LogSigner& signer;
  const PartnerTable& partners;
  const Departures& departures;
  absl::Time now;
};

// Gathers the receipts that are owed to `partner` and the events that wait for
// it and may leave, from the first on, so that each bundle can be read without
// another; with them the cosignature of the partner's proved head, and the news
// of the own certificates until the partner says online that it holds them:
// what a bundle says that its author holds is nobody's evidence. `store` is a
// transaction, so that all proofs lead to one head. Nothing is marked as
// delivered or told.
absl::StatusOr<GatheredBundle> GatherBundle(const StoreReader& store,
                                            const BundleAuthor& author,
                                            const ParticipantCode& partner);

}  // namespace comity
