#include "node/audit/dossier_verifier.h"

#include <list>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/audit/evidence.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/event_wire.h"

namespace comity {
namespace {

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kEvidenceInvalid, what);
}

// An event whose evidence holds and that has effect, with its place.
struct Placed {
  size_t place = 0;
  ReferralEvent event;
};

class Verifier {
 public:
  Verifier(const DossierFile& file,
           const std::map<ParticipantCode, VerifyKeys>& keys)
      : file_(file), keys_(keys) {}

  DossierVerdict Run() {
    for (size_t i = 0; i < file_.entries.size(); ++i) {
      auto event = Read(file_.entries[i]);
      if (!event.ok()) {
        Report(i + 1, event.status());
        continue;
      }
      if (event->receipt == ReceiptOutcome::kNone) ++verdict_.unanswered;
      if (event->receipt == ReceiptOutcome::kRefused) {
        ++verdict_.refused;
      } else {
        open_.push_back({i + 1, *std::move(event)});
      }
    }
    if (file_.entries.empty()) Report(0, Invalid("the dossier has no events"));
    Replay();
    verdict_.ordered = OrderEvents(std::move(held_));
    verdict_.status = StatusOf(file_.parties, verdict_.ordered);
    return std::move(verdict_);
  }

 private:
  void Report(size_t place, const absl::Status& status) {
    verdict_.findings.push_back({place, std::string(status.message())});
  }

  absl::StatusOr<ParticipantCode> OtherThan(const ParticipantCode& one) const {
    if (one == file_.parties.holder) return file_.parties.receiver;
    if (one == file_.parties.receiver) return file_.parties.holder;
    return Invalid("its author is no party of the referral");
  }

  // Checks one message, and that it does not contradict another of its log.
  absl::StatusOr<VerifiedMessage> Check(const Message& message,
                                        MessageKind kind,
                                        const ParticipantCode& sender) {
    ASSIGN_OR_RETURN(const ParticipantCode receiver, OtherThan(sender));
    const auto key = keys_.find(sender);
    if (key == keys_.end()) {
      return Invalid(absl::StrCat("no key of ", sender.text(), " was given"));
    }
    ASSIGN_OR_RETURN(VerifiedMessage verified,
                     VerifyMessage(message, kind, sender, receiver, key->second,
                                   checkpoints_));
    const auto [head, new_size] = roots_.emplace(
        std::pair(sender, verified.head.size), verified.head.root);
    if (!new_size && head->second != verified.head.root) {
      return Invalid(absl::StrCat("the log of ", sender.text(),
                                  " was signed with two roots for one size"));
    }
    if (!leaves_.insert(verified.leaf_hash).second) {
      return Invalid("it is there twice");
    }
    return verified;
  }

  absl::StatusOr<ReferralEvent> Read(const DossierEntry& entry) {
    ASSIGN_OR_RETURN(const MessageLeaf leaf,
                     ParseMessageLeaf(entry.event.leaf));
    ASSIGN_OR_RETURN(const VerifiedMessage verified,
                     Check(entry.event, MessageKind::kEvent, leaf.sender));
    ASSIGN_OR_RETURN(ParsedEvent parsed, ParseEvent(leaf, entry.event.payload));
    if (parsed.event.referral_id != file_.referral_id) {
      return Invalid("it belongs to another referral");
    }
    if (!ids_.insert(parsed.event.event_id).second) {
      return Invalid("two events have its id");
    }
    RETURN_IF_ERROR(ReadOpenings(parsed, entry.event.openings));
    if (entry.receipt.has_value()) {
      RETURN_IF_ERROR(
          ReadReceipt(*entry.receipt, verified.leaf_hash, parsed.event));
    }
    return std::move(parsed.event);
  }

  // Those that the file has; what was erased, or never told, has none.
  static absl::Status ReadOpenings(const ParsedEvent& parsed,
                                   const std::vector<FieldOpening>& openings) {
    return CheckOpenings(parsed.payload, openings).status();
  }

  absl::Status ReadReceipt(const Message& receipt, absl::string_view answered,
                           ReferralEvent& event) {
    ASSIGN_OR_RETURN(const ParticipantCode sender, OtherThan(event.author));
    const auto verified = Check(receipt, MessageKind::kReceipt, sender);
    if (!verified.ok()) {
      return Invalid(
          absl::StrCat("its receipt: ", verified.status().message()));
    }
    if (verified->leaf.answers != answered ||
        verified->leaf.request_id != event.event_id ||
        !receipt.openings.empty()) {
      return Invalid("its receipt is for another event");
    }
    AddReceipt(receipt.payload, event);
    if (event.receipt == ReceiptOutcome::kNone) {
      return Invalid("its receipt does not parse");
    }
    return absl::OkStatus();
  }

  // Takes the events in as a node does, each once those are there that it
  // builds on.
  void Replay() {
    for (bool progress = true; progress;) {
      progress = false;
      for (auto each = open_.begin(); each != open_.end();) {
        const absl::Status allowed =
            CheckIncoming(file_.parties, held_, each->event);
        if (ReasonOf(allowed) == ErrorReason::kEventTooEarly) {
          ++each;
          continue;
        }
        if (allowed.ok()) {
          held_.push_back(std::move(each->event));
          progress = true;
        } else {
          Report(each->place, allowed);
        }
        each = open_.erase(each);
      }
    }
    for (const Placed& each : open_) {
      Report(each.place,
             Invalid("it builds on events that the dossier does not hold"));
    }
  }

  const DossierFile& file_;
  const std::map<ParticipantCode, VerifyKeys>& keys_;
  CheckpointCache checkpoints_;
  std::map<std::pair<ParticipantCode, uint64_t>, std::string> roots_;
  std::set<std::string> leaves_;
  std::set<Uuid> ids_;
  std::list<Placed> open_;
  std::vector<ReferralEvent> held_;
  DossierVerdict verdict_;
};

}  // namespace

DossierVerdict VerifyDossier(
    const DossierFile& file,
    const std::map<ParticipantCode, VerifyKeys>& keys) {
  return Verifier(file, keys).Run();
}

}  // namespace comity
