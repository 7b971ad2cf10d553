#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "comity/federation/v1/release_terms.pb.h"
#include "node/policy/permit.h"
#include "node/service/node_context.h"

namespace comity {

// What is noted of a release when its entry stands in the own log: whom it
// tells on this side, and the review that an emergency opens.
struct ReleaseNote {
  ParticipantCode partner;
  bool as_holder = true;
  std::string kind;  // "RELEASED", "RECEIVED", "CORRECTED", "ALARM_RAISED"...
  EnumSet<NoticeTarget> notify;
  std::string owner;  // of the case; empty: not known here
  bool break_glass = false;
  std::string agreement_id;
  Uuid subject;  // at the holder the case, at the asker the pair pseudonym
};

// What the coordinators of this node are told when an event of that kind is
// written or arrives with nobody at the keyboard: the alarm, the end.
ReleaseNote EventNote(const ParticipantCode& self, const ReferralRow& row,
                      ReferralEventKind kind);

// Notes it in the transaction of the release. `own_index` is the release's
// entry in the own log.
absl::Status NoteRelease(const NodeContext& node, const ReleaseNote& note,
                         uint64_t own_index, CommitScope& scope);

// What a release binds its receiver to.
federation::v1::ReleaseTerms TermsOf(const Permit& permit, bool break_glass);

// Binds a dossier to the strictest of what it is bound to, what the holder's
// release and what the agreement demand.
void BindTo(const federation::v1::ReleaseTerms& terms, const Duties& agreed,
            absl::Time now, ReferralRow& row);

// Whom `terms` tell at the receiver.
EnumSet<NoticeTarget> NoticesOf(const federation::v1::ReleaseTerms& terms);

}  // namespace comity
