#include "node/service/told.h"

#include <algorithm>
#include <map>
#include <set>

#include "node/audit/own_log.h"
#include "node/base/status_macros.h"
#include "node/service/consent_view.h"
#include "node/service/dossier_event.h"
#include "node/service/log_detail.h"
#include "node/wire/event_wire.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

using Payload = federation::v1::ReferralEventPayload;

constexpr int kPage = 500;

// One answer to a partner's question about the case.
struct Answered {
  std::string partner;
  Uuid pseudonym;  // that it was asked about; nil: whichever
  absl::Time at;
  FieldGroups groups;

  // Whether it counts for a dossier of the case.
  bool IsFor(const ReferralRow& row) const {
    return partner == row.parties.receiver.text() &&
           (pseudonym.IsNil() || pseudonym == row.pseudonym);
  }
};

// Answers are kept nowhere; the own log says which groups each one told, and
// is asked for those about a case, or a pseudonym.
absl::Status AddAnswersAbout(const NodeContext& node, const Uuid& subject,
                             const Uuid& pseudonym, const StoreReader& reader,
                             std::vector<Answered>& answers) {
  uint64_t from = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                     reader.ReadLeavesAbout(OwnLogOrigin(node.self), {subject},
                                            from, kPage));
    for (const LeafRow& row : rows) {
      ASSIGN_OR_RETURN(const OwnEntry entry,
                       OpenOwnEntry(row.leaf, row.opening));
      const DetailWords words = ReadDetail(entry.detail);
      const bool of_record =
          words.operation == Name(Operation::kCaseQuery) ||
          words.operation == Name(Operation::kIdentityRelease);
      // A document told nothing of the record's fields.
      if (entry.kind != OwnKind::kAnswered || !of_record || words.refused ||
          words.document != 0) {
        continue;
      }
      answers.push_back({entry.peer, pseudonym, entry.time, words.groups});
    }
    if (static_cast<int>(rows.size()) < kPage) return absl::OkStatus();
    from = rows.back().index + 1;
  }
}

// What a partner was told by one pseudonym of a merged case is no part of what
// it was told by another.
absl::StatusOr<std::vector<Answered>> AnswersOf(
    const NodeContext& node, const Uuid& case_id,
    const std::vector<ReferralRow>& rows, const StoreReader& reader) {
  std::vector<Answered> answers;
  ASSIGN_OR_RETURN(const CaseFacts facts, reader.ReadFacts(case_id));
  if (facts.merged.empty()) {
    RETURN_IF_ERROR(AddAnswersAbout(node, case_id, Uuid(), reader, answers));
    return answers;
  }
  std::set<Uuid> pseudonyms;
  for (const ReferralRow& row : rows) pseudonyms.insert(row.pseudonym);
  for (const Uuid& each : pseudonyms) {
    RETURN_IF_ERROR(AddAnswersAbout(node, each, each, reader, answers));
  }
  return answers;
}

// What one dossier told, and when what of it was withdrawn.
struct Account {
  FieldGroups told;
  std::map<FieldGroup, absl::Time> withdrawn;

  void Withdraw(FieldGroups groups, absl::Time at) {
    told = told.Minus(groups);
    for (const FieldGroup group : groups.Values()) withdrawn[group] = at;
  }
  void Add(const Answered& answer) {
    for (const FieldGroup group : answer.groups.Values()) {
      const auto gone = withdrawn.find(group);
      if (gone == withdrawn.end() || gone->second < answer.at) {
        told = told.With(group);
      }
    }
  }
};

Account AccountOf(const Dossier& dossier) {
  Account account;
  for (const ReferralEvent& event : dossier.ordered) {
    const Payload payload = StoredPayload(dossier, event.event_id);
    account.told = account.told.Union(CarriedGroups(payload));
    if (payload.has_withdrawal()) {
      account.Withdraw(GroupsOf(payload.withdrawal()), event.occurred_at);
    }
  }
  return account;
}

}  // namespace

absl::StatusOr<std::vector<ToldInDossier>> ToldOf(const NodeContext& node,
                                                  const Uuid& case_id,
                                                  const StoreReader& reader) {
  ASSIGN_OR_RETURN(std::vector<ReferralRow> rows,
                   reader.ListReferralsOf(case_id));
  std::vector<ToldInDossier> all;
  if (rows.empty()) return all;
  ASSIGN_OR_RETURN(std::vector<Answered> answers,
                   AnswersOf(node, case_id, rows, reader));
  // The latest first: a question counts for it alone.
  std::sort(rows.begin(), rows.end(),
            [](const ReferralRow& a, const ReferralRow& b) {
              return a.created_at > b.created_at;
            });
  for (const ReferralRow& row : rows) {
    ASSIGN_OR_RETURN(const Dossier dossier,
                     ReadDossier(reader, row.referral_id));
    if (dossier.ordered.empty() || dossier.status.withdrawn) continue;
    Account account = AccountOf(dossier);
    std::erase_if(answers, [&](const Answered& answer) {
      if (!answer.IsFor(row)) return false;
      account.Add(answer);
      return true;
    });
    if (!account.told.empty()) all.push_back({row, account.told});
  }
  return all;
}

}  // namespace comity
