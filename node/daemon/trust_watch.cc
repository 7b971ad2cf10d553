#include "node/daemon/trust_watch.h"

#include "node/base/log.h"
#include "node/service/key_change.h"
#include "node/service/trust_change.h"

namespace comity {

void TrustWatch::Tick() {
  TakeRenewedCertificate();
  CutRevokedOperators();
  FollowOwnTrust();
  FollowPartners();
  if (federation_ != nullptr) {
    node_.connections.Forget(CallOrigin::kFederation, federation_->TakeEnded());
  }
  node_.connections.Forget(CallOrigin::kOperators, operators_->TakeEnded());
}

void TrustWatch::CutWhoMayNotCall() {
  if (federation_ == nullptr) return;
  const auto table = node_.partners.Get();
  federation_->Cut(node_.connections.TakePresenting(
      CallOrigin::kFederation,
      [&](const std::string& caller, const std::string& certificate) {
        const auto code = ParticipantCode::Create(caller);
        return table->Find(*code) == nullptr || table->IsSuspended(*code) ||
               table->RevokedBy(*code).Holds(certificate);
      }));
}

// The listeners read the renewed one by themselves, for new connections.
void TrustWatch::TakeRenewedCertificate() {
  const auto renewed = certificate_.LoadIfRenewed(node_.clock.Now());
  if (!renewed.ok()) {
    node_.untaken->Note("TLS key and certificate", renewed.status());
    Log(LogLevel::kError, "certificate_not_taken",
        {LogField::Public("why", renewed.status().message())});
    return;
  }
  if (!*renewed) return;
  node_.untaken->Note("TLS key and certificate", absl::OkStatus());
  peers_.Reconnect();
  Log(LogLevel::kInfo, "certificate_renewed");
  NoteKeyChange(node_, "TLS certificate renewed");
}

// New calls are refused already: each call looks at the list.
void TrustWatch::CutRevokedOperators() {
  const auto revoked = revoked_.TakeNew();
  if (!revoked.ok()) {
    Log(LogLevel::kError, "revocations_not_read",
        {LogField::Public("why", revoked.status().message())});
    return;
  }
  for (const std::string& name : *revoked) {
    operators_->Cut(node_.connections.Take(
        CallOrigin::kOperators,
        [&](const std::string& caller) { return caller == name; }));
    NoteTrustChange(node_, "certificates revoked of " + name);
  }
}

void TrustWatch::FollowOwnTrust() {
  const auto newer = own_trust_.Refresh();
  if (!newer.ok()) {
    Log(LogLevel::kError, "own_trust_not_taken",
        {LogField::Public("why", newer.status().message())});
    return;
  }
  if (!*newer) return;
  const auto revoked = own_revoked_.Get();
  const absl::Time now = node_.clock.Now();
  operators_->Cut(node_.connections.TakePresenting(
      CallOrigin::kOperators,
      [&](const std::string&, const std::string& certificate) {
        return revoked->Holds(certificate, now);
      }));
  Log(LogLevel::kInfo, "own_trust_changed");
  partners_changed_();
}

void TrustWatch::FollowPartners() {
  const auto table = node_.partners.Get();
  if (table == followed_) return;
  std::map<ParticipantCode, uint64_t> sequences;
  for (const auto& [code, card] : table->cards()) {
    sequences[code] = table->RevokedBy(code).sequence;
  }
  const bool first = followed_ == nullptr;
  const bool revoked = sequences != sequences_;
  followed_ = table;
  sequences_ = std::move(sequences);
  // Who answers with a revoked certificate was let in before.
  if (revoked && !first) peers_.Reconnect();
  // Also at the first look: a card may have come since the anchors were read.
  partners_changed_();
}

}  // namespace comity
