#include "node/service/packet_revision.h"

#include "node/policy/judge.h"
#include "node/wire/policy_file.h"

namespace comity {

std::optional<Agreement> CitedAgreement(const PolicyReader& store,
                                        const PolicyEngine& engine,
                                        const RequestFacts& packet) {
  const Agreement* here =
      engine.set().Find(packet.agreement_id, packet.agreement_digest);
  if (here != nullptr) return *here;
  const auto row = store.ReadPolicy(packet.agreement_digest);
  if (!row.ok() || row->kind != "agreement" || row->id != packet.agreement_id ||
      row->cancelled || row->effective_at > packet.now) {
    return std::nullopt;
  }
  auto body = LoadPolicyBody(row->id, row->text);
  if (!body.ok() || !std::holds_alternative<Agreement>(body->body)) {
    return std::nullopt;
  }
  return std::get<Agreement>(std::move(body->body));
}

std::string RevisionInForce(const PolicyReader& store,
                            const PolicyEngine& engine,
                            const RequestFacts& packet) {
  const Agreement* cited =
      engine.set().Find(packet.agreement_id, packet.agreement_digest);
  if (cited != nullptr && IsInForce(*cited, packet)) return cited->digest;
  const Agreement* last = engine.set().FindLast(packet.agreement_id);
  if (last == nullptr || !IsInForce(*last, packet) ||
      !CitedAgreement(store, engine, packet).has_value()) {
    return "";
  }
  return last->digest;
}

bool IsLapsed(const PolicyReader& store, const PolicyEngine& engine,
              const ReferralRow& row, absl::Time now) {
  RequestFacts request{now, row.parties.holder, row.parties.receiver,
                       row.parties.holder, row.parties.receiver};
  request.operation = Operation::kReferralDeliver;
  request.agreement_id = row.agreement_id;
  request.agreement_digest = row.agreement_digest;
  return RevisionInForce(store, engine, request).empty();
}

}  // namespace comity
