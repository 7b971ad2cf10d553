#include "node/service/release_notes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr absl::Duration kReviewDue = absl::Hours(72);

constexpr EnumSet<NoticeTarget> kAtHolder = {
    NoticeTarget::kCaseOwner, NoticeTarget::kCoordinatorAtHolder,
    NoticeTarget::kDpoAtHolder, NoticeTarget::kAuditorAtHolder};
constexpr EnumSet<NoticeTarget> kAtAsker = {NoticeTarget::kCoordinatorAtAsker,
                                            NoticeTarget::kDpoAtAsker,
                                            NoticeTarget::kAuditorAtAsker};

Notice NoticeFor(NoticeTarget target, const NodeContext& node,
                 const ReleaseNote& note, const std::string& kind,
                 const std::string& entry_id, absl::Time now) {
  Notice notice{NewUuid(node.random), target, note.partner};
  if (target == NoticeTarget::kCaseOwner) notice.person = note.owner;
  notice.kind = kind;
  notice.entry_id = entry_id;
  notice.at = now;
  if (!node.config.notify_hook.empty()) notice.hook_due = now;
  return notice;
}

}  // namespace

ReleaseNote EventNote(const ParticipantCode& self, const ReferralRow& row,
                      ReferralEventKind kind) {
  const bool holds = row.parties.holder == self;
  return {
      holds ? row.parties.receiver : row.parties.holder,
      holds,
      std::string(Name(kind)),
      {NoticeTarget::kCoordinatorAtHolder, NoticeTarget::kCoordinatorAtAsker},
      "",
      false,
      row.agreement_id,
      holds ? row.case_id : row.pseudonym};
}

absl::Status NoteRelease(const NodeContext& node, const ReleaseNote& note,
                         uint64_t own_index, CommitScope& scope) {
  const std::string entry_id =
      absl::StrCat(OwnLogOrigin(node.self), "#", own_index);
  const EnumSet<NoticeTarget> side = note.as_holder ? kAtHolder : kAtAsker;
  for (const NoticeTarget target : note.notify.Intersect(side).Values()) {
    RETURN_IF_ERROR(scope.store().InsertNotice(
        NoticeFor(target, node, note, note.kind, entry_id, scope.now())));
  }
  if (!note.break_glass) return absl::OkStatus();
  RETURN_IF_ERROR(scope.store().InsertNotice(NoticeFor(
      note.as_holder ? NoticeTarget::kDpoAtHolder : NoticeTarget::kDpoAtAsker,
      node, note, "REVIEW_OPENED", entry_id, scope.now())));
  return scope.store().PutReview(
      {NewUuid(node.random), note.partner, note.as_holder, note.agreement_id,
       note.subject, entry_id, scope.now(), scope.now() + kReviewDue});
}

federation::v1::ReleaseTerms TermsOf(const Permit& permit, bool break_glass) {
  federation::v1::ReleaseTerms terms;
  terms.set_retention_days(permit.duties().retention_days);
  terms.set_no_onward_transfer(permit.duties().no_onward_transfer);
  terms.set_purpose(std::string(Name(permit.purpose())));
  terms.set_break_glass(break_glass);
  for (const NoticeTarget target :
       permit.duties().notify.Intersect(kAtAsker).Values()) {
    terms.add_notify(std::string(Name(target)));
  }
  return terms;
}

void BindTo(const federation::v1::ReleaseTerms& terms, const Duties& agreed,
            absl::Time now, ReferralRow& row) {
  Duties demanded;
  demanded.retention_days = terms.retention_days();
  demanded.no_onward_transfer = terms.no_onward_transfer();
  const Duties bound = Join(demanded, agreed);
  row.no_onward_transfer |= bound.no_onward_transfer;
  if (bound.retention_days > 0) {
    row.erase_at =
        std::min(row.erase_at, now + absl::Hours(24) * bound.retention_days);
  }
}

EnumSet<NoticeTarget> NoticesOf(const federation::v1::ReleaseTerms& terms) {
  EnumSet<NoticeTarget> targets;
  for (const std::string& name : terms.notify()) {
    const auto target = FromName<NoticeTarget>(name);
    if (target != NoticeTarget::kUnset) targets = targets.With(target);
  }
  return targets;
}

}  // namespace comity
