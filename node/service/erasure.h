#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "comity/federation/v1/referral.pb.h"
#include "node/service/dossier_event.h"

namespace comity {

// How a receiver gets rid of what a partner told it: when its time ends, and
// when consent is withdrawn.

// What became of a received case.
struct CaseFate {
  bool erased = false;
  LegalHold hold;  // if not erased: why it is kept, and until when
};

// An entry of the own log about something that was erased; `subject` is nil if
// it was no case.
absl::Status LogErasure(NodeContext& node, absl::string_view peer,
                        const Uuid& request_id, const Uuid& subject,
                        const std::string& detail, CommitScope& scope);

// Erases a case that was made of what a partner told, with an entry in the own
// log; the dossiers in which it was passed on are withdrawn from, if consent
// was. A case under a hold is kept and goes nowhere. `why` is "RETENTION" or
// "WITHDRAWAL".
absl::StatusOr<CaseFate> EraseReceivedCase(NodeContext& node,
                                           const Uuid& case_id,
                                           absl::string_view why,
                                           CommitScope& scope);

// Erases what the dossier's events told, with an entry in the own log.
absl::Status EraseReceivedDossier(NodeContext& node, const Uuid& referral_id,
                                  absl::string_view why, CommitScope& scope);

// Erases or shuts off, at the receiver, what a withdrawal takes back, and
// answers with what was done. `before`: the state that it found. A person who
// is here by now keeps being assisted: her case is kept on that ground for a
// time.
absl::Status ObeyWithdrawal(NodeContext& node, const Uuid& referral_id,
                            const federation::v1::ConsentWithdrawal& withdrawal,
                            ReferralState before, CommitScope& scope);

// Takes consent back at the holder when the receiver's people recorded the
// withdrawal.
absl::Status TakeBackAtHolder(NodeContext& node, const ReferralRow& referral,
                              const federation::v1::ConsentWithdrawal& what,
                              const Uuid& event_id, CommitScope& scope);

// Tells the holder what became of copies.
absl::Status AnswerWithdrawal(
    NodeContext& node, const Uuid& referral_id,
    const std::vector<federation::v1::ErasedCopies>& copies,
    const Uuid& event_id, Role role, CommitScope& scope);

// A class of copies that is kept under a hold.
federation::v1::ErasedCopies KeptCopies(federation::v1::CopyClass copies,
                                        const LegalHold& hold);

// Erases a received case whose time has come, and tells its holder if a hold
// kept it after a withdrawal.
absl::Status EraseDueCase(NodeContext& node, const Uuid& case_id,
                          CommitScope& scope);

}  // namespace comity
