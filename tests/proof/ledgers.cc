#include "tests/proof/ledgers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "node/base/status_macros.h"
#include "node/wire/message_leaf.h"
#include "node/wire/own_leaf.h"

namespace comity {
namespace {

constexpr int kPage = 500;
constexpr size_t kMaxFindings = 20;

template <typename Visit>
absl::Status VisitLeaves(const Store& store, const std::string& log,
                         const Visit& visit) {
  uint64_t next = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves,
                     store.ReadLeaves(log, next, kPage, false));
    for (const LeafRow& row : leaves) RETURN_IF_ERROR(visit(row.leaf));
    if (leaves.empty()) return absl::OkStatus();
    next = leaves.back().index + 1;
  }
}

absl::Status ReadLogs(const Store& store, const ParticipantCode& partner,
                      const VerifyKey& key, Ledger& ledger) {
  const std::string log = PartnerLogOrigin(ledger.self, partner);
  RETURN_IF_ERROR(
      VisitLeaves(store, log, [&](const std::string& bytes) -> absl::Status {
        ASSIGN_OR_RETURN(const MessageLeaf leaf, ParseMessageLeaf(bytes));
        if (leaf.kind == MessageKind::kEvent) ++ledger.events[leaf.request_id];
        if (leaf.kind == MessageKind::kReceipt) {
          ++ledger.receipts[leaf.request_id];
        }
        return absl::OkStatus();
      }));
  const std::string own = OwnLogOrigin(ledger.self);
  RETURN_IF_ERROR(
      VisitLeaves(store, own, [&](const std::string& bytes) -> absl::Status {
        ASSIGN_OR_RETURN(const OwnEntry entry, OpenOwnEntry(bytes, ""));
        if (entry.kind == OwnKind::kAnswered) {
          ++ledger.answered[entry.request_id];
        }
        if (entry.kind == OwnKind::kReceiptReceived) {
          ++ledger.receipted[entry.request_id];
        }
        return absl::OkStatus();
      }));
  for (const std::string& each : {log, own}) {
    ASSIGN_OR_RETURN(const LogVerdict verdict, VerifyLog(store, each, key));
    RETURN_IF_ERROR(verdict.status);
  }
  return absl::OkStatus();
}

absl::Status ReadDossiers(const Store& store, Ledger& ledger) {
  ASSIGN_OR_RETURN(const std::vector<ReferralRow> rows,
                   store.ListReferrals({}));
  for (const ReferralRow& row : rows) {
    ASSIGN_OR_RETURN(Dossier dossier, ReadDossier(store, row.referral_id));
    if (!dossier.events.empty()) {
      ledger.dossiers.emplace(row.referral_id, std::move(dossier));
    }
  }
  return absl::OkStatus();
}

// Compares two ledgers and collects what is wrong.
class Comparison {
 public:
  Comparison(const Ledger& one, const Ledger& other)
      : one_(one), other_(other) {}

  std::vector<std::string> TakeFindings() { return std::move(findings_); }

  void CompareAll(const std::map<Uuid, ParticipantCode>& written) {
    for (const Ledger* each : {&one_, &other_}) {
      if (each->waiting > 0) {
        Find(
            absl::StrCat(each->waiting, " events wait at ", each->self.text()));
      }
    }
    for (const auto& [id, dossier] : one_.dossiers) CompareDossier(id);
    for (const auto& [id, dossier] : other_.dossiers) {
      if (!one_.dossiers.contains(id)) CompareDossier(id);
    }
    CompareLogs(one_, other_);
    CompareLogs(other_, one_);
    for (const auto& [id, author] : written) {
      const Ledger& at = author == one_.self ? one_ : other_;
      if (!at.events.contains(id)) {
        Find(absl::StrCat(author.text(), " said that it wrote ", id.ToString(),
                          ", and did not"));
      }
    }
  }

 private:
  void Find(std::string what) {
    if (findings_.size() < kMaxFindings) findings_.push_back(std::move(what));
  }

  static const EventRow* RowOf(const Dossier* dossier, const Uuid& id) {
    if (dossier == nullptr) return nullptr;
    for (const EventRow& row : dossier->rows) {
      if (row.event.event_id == id) return &row;
    }
    return nullptr;
  }
  static const Dossier* DossierOf(const Ledger& ledger, const Uuid& id) {
    const auto found = ledger.dossiers.find(id);
    return found == ledger.dossiers.end() ? nullptr : &found->second;
  }

  void CompareDossier(const Uuid& id) {
    const Dossier* one = DossierOf(one_, id);
    const Dossier* other = DossierOf(other_, id);
    std::set<Uuid> events;
    for (const Dossier* each : {one, other}) {
      if (each == nullptr) continue;
      for (const ReferralEvent& event : each->events) {
        events.insert(event.event_id);
      }
      NoteWithoutEffect(*each);
    }
    for (const Uuid& event : events) {
      CompareEvent(id, RowOf(one, event), RowOf(other, event));
    }
    if (one != nullptr && other != nullptr) CompareStatus(id, *one, *other);
  }

  // What was refused, what its author took back, and what builds on either has
  // no effect on either side, and need not arrive.
  void NoteWithoutEffect(const Dossier& dossier) {
    std::set<Uuid> standing;
    for (const ReferralEvent& event : dossier.ordered) {
      standing.insert(event.event_id);
    }
    bool undone = false;
    for (const ReferralEvent& event : dossier.events) {
      undone |=
          !event.recalled.empty() || event.receipt == ReceiptOutcome::kRefused;
    }
    if (!undone) return;
    for (const ReferralEvent& event : dossier.events) {
      if (!standing.contains(event.event_id)) {
        need_not_arrive_.insert(event.event_id);
      }
    }
  }

  void CompareEvent(const Uuid& dossier, const EventRow* one,
                    const EventRow* other) {
    const EventRow& there = one != nullptr ? *one : *other;
    const auto event = *EventOf(there);
    const std::string name =
        absl::StrCat(event.author.text(), " ", Name(event.kind), " ",
                     event.event_id.ToString(), " of ", dossier.ToString());
    if (one != nullptr) held_by_one_.insert(event.event_id);
    if (other != nullptr) held_by_other_.insert(event.event_id);
    if (one == nullptr || other == nullptr) {
      const bool at_author =
          (one != nullptr ? one_.self : other_.self) == event.author;
      if (event.receipt == ReceiptOutcome::kNotHeld ||
          NeverArrived(dossier, event)) {
        need_not_arrive_.insert(event.event_id);
      }
      if (!at_author) Find(name + " was never written by its author");
      if (at_author && !MayBeMissing(event.event_id)) Find(name + " is lost");
      return;
    }
    if (one->leaf != other->leaf || one->payload != other->payload ||
        one->salt != other->salt) {
      Find(name + " is another one on the other side");
    }
    // An author asks no more for the receipt of what it took back, nor for that
    // of what told of the record once it withdraws.
    const bool tells = event.kind == ReferralEventKind::kSent ||
                       event.kind == ReferralEventKind::kInfoAnswered;
    if (tells && DossierOf(event.author == one_.self ? one_ : other_, dossier)
                     ->status.withdrawal) {
      need_not_arrive_.insert(event.event_id);
    }
    const EventRow& at_author = one_.self == event.author ? *one : *other;
    const bool same = !one->receipt_leaf.empty() &&
                      one->receipt_leaf == other->receipt_leaf &&
                      one->receipt_payload == other->receipt_payload &&
                      one->receipt_salt == other->receipt_salt;
    if (!same &&
        !(MayBeMissing(event.event_id) && at_author.receipt_leaf.empty())) {
      Find(name + " has not one receipt on both sides");
    }
  }

  // A referral that was withdrawn before its packet arrived.
  bool NeverArrived(const Uuid& dossier, const ReferralEvent& event) const {
    const Dossier* receiver =
        DossierOf(event.author == one_.self ? other_ : one_, dossier);
    const Dossier* author =
        DossierOf(event.author == one_.self ? one_ : other_, dossier);
    return receiver == nullptr && author->status.withdrawn;
  }

  void CompareStatus(const Uuid& id, const Dossier& one, const Dossier& other) {
    std::map<ParticipantCode, uint32_t> sequence;
    std::vector<Uuid> ids;
    for (const ReferralEvent& event : one.ordered) {
      ids.push_back(event.event_id);
      if (event.sequence != ++sequence[event.author]) {
        Find(absl::StrCat("the chain of ", event.author.text(), " in ",
                          id.ToString(), " has number ", event.sequence,
                          " twice, or out of order"));
      }
    }
    std::vector<Uuid> other_ids;
    for (const ReferralEvent& event : other.ordered) {
      other_ids.push_back(event.event_id);
    }
    if (ids != other_ids) {
      Find(absl::StrCat("the two sides order ", id.ToString(), " differently"));
    }
    if (one.status.state != other.status.state ||
        one.status.plan != other.status.plan ||
        one.status.withdrawn != other.status.withdrawn ||
        one.status.alarm != other.status.alarm ||
        one.row.state != other.row.state || one.row.state != one.status.state) {
      Find(absl::StrCat(id.ToString(), " is ", Name(one.row.state), " at ",
                        one_.self.text(), " and ", Name(other.row.state),
                        " at ", other_.self.text()));
    }
  }

  // The author's log, the receiver's logs, and the author's own log tell of
  // the same events, each once.
  void CompareLogs(const Ledger& author, const Ledger& receiver) {
    for (const auto& [id, count] : author.events) {
      if (count != 1) Find(absl::StrCat(id.ToString(), " was logged twice"));
      const bool held = HeldAt(receiver).contains(id);
      // What did not arrive was refused each time it was tried, if ever.
      if (!held && MayBeMissing(id)) continue;
      CountOnce(id, receiver.receipts, "receipts logged");
      CountOnce(id, receiver.answered, "answers noted");
      // What was taken back is not asked for any more.
      if (!MayBeMissing(id)) {
        CountOnce(id, author.receipted, "receipts taken");
      }
    }
    for (const auto& [id, count] : receiver.receipts) {
      if (!author.events.contains(id)) {
        Find(absl::StrCat("a receipt for nothing: ", id.ToString()));
      }
    }
  }
  void CountOnce(const Uuid& id, const std::map<Uuid, int>& counts,
                 absl::string_view what) {
    const auto found = counts.find(id);
    const int count = found == counts.end() ? 0 : found->second;
    if (count != 1)
      Find(absl::StrCat(count, " ", what, " for ", id.ToString()));
  }

  std::set<Uuid>& HeldAt(const Ledger& ledger) {
    return &ledger == &one_ ? held_by_one_ : held_by_other_;
  }
  bool MayBeMissing(const Uuid& id) const {
    return need_not_arrive_.contains(id);
  }

  const Ledger& one_;
  const Ledger& other_;
  std::set<Uuid> need_not_arrive_;
  std::set<Uuid> held_by_one_;
  std::set<Uuid> held_by_other_;
  std::vector<std::string> findings_;
};

}  // namespace

absl::StatusOr<Ledger> ReadLedger(LinkedNode& node, const LinkedNode& partner) {
  Ledger ledger{node.code()};
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, node.OpenFromDisk());
  RETURN_IF_ERROR(ReadDossiers(*store, ledger));
  ASSIGN_OR_RETURN(const std::vector<OutboxRow> waiting,
                   store->ReadOutbox(partner.code(), kPage));
  ledger.waiting = waiting.size();
  RETURN_IF_ERROR(ReadLogs(*store, partner.code(), node.log_key(), ledger));
  return ledger;
}

std::vector<std::string> CompareLedgers(
    const Ledger& one, const Ledger& other,
    const std::map<Uuid, ParticipantCode>& written) {
  Comparison comparison(one, other);
  comparison.CompareAll(written);
  return comparison.TakeFindings();
}

}  // namespace comity
