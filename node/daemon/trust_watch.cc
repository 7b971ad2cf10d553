#include "node/daemon/trust_watch.h"

#include "node/base/log.h"
#include "node/service/trust_change.h"

namespace comity {

void TrustWatch::Tick() {
  TakeRenewedCertificate();
  CutRevokedOperators();
  if (federation_ != nullptr) {
    node_.connections.Forget(CallOrigin::kFederation, federation_->TakeEnded());
  }
  node_.connections.Forget(CallOrigin::kOperators, operators_->TakeEnded());
}

void TrustWatch::CutWhoMayNotCall() {
  if (federation_ == nullptr) return;
  const auto table = node_.partners.Get();
  federation_->Cut(node_.connections.Take(
      CallOrigin::kFederation, [&](const std::string& caller) {
        const auto code = ParticipantCode::Create(caller);
        return table->Find(*code) == nullptr || table->IsSuspended(*code);
      }));
}

// The listeners read the renewed one by themselves, for new connections.
void TrustWatch::TakeRenewedCertificate() {
  const auto renewed = certificate_.LoadIfRenewed(node_.clock.Now());
  if (!renewed.ok()) {
    Log(LogLevel::kError, "certificate_not_taken",
        {LogField::Public("why", renewed.status().message())});
    return;
  }
  if (!*renewed) return;
  peers_.Reconnect();
  Log(LogLevel::kInfo, "certificate_renewed");
  NoteTrustChange(node_, "TLS certificate renewed");
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

}  // namespace comity
