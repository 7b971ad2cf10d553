#include "node/service/status_report.h"

#include <sys/statvfs.h>

#include <future>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "node/audit/known_fork.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/run_aside.h"
#include "node/base/status_macros.h"
#include "node/delivery/collection_times.h"
#include "node/service/agreement_standing.h"
#include "node/service/agreement_watch.h"
#include "node/service/card_report.h"
#include "node/service/display_names.h"
#include "node/service/doubted_time.h"
#include "node/service/notifier.h"
#include "node/service/own_key_status.h"
#include "node/service/partner_suspension.h"
#include "node/service/retention.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using Checks = StatusChecks;

constexpr absl::Duration kCertificateWarning = absl::Hours(24 * 14);
constexpr absl::Duration kIssuingWarning = absl::Hours(24 * 30);
constexpr absl::Duration kClockTolerance = absl::Minutes(5);
constexpr absl::Duration kProofWindow = absl::Seconds(10);
// Longer than that a collection is overdue.
constexpr absl::Duration kCollectionsApart = absl::Minutes(15);
constexpr double kEnoughSpace = 512.0 * 1024 * 1024;
constexpr double kGibibyte = 1024.0 * 1024 * 1024;

void CheckCertificate(const NodeContext& node, Checks& checks) {
  const absl::Duration left = node.certificate_expires() - node.clock.Now();
  const std::string detail =
      left < absl::ZeroDuration()
          ? "expired"
          : absl::StrCat(left / absl::Hours(24), " days left");
  if (left >= kCertificateWarning) {
    AddGood(checks, "certificate", detail);
    return;
  }
  AddBad(
      checks, "certificate", ErrorReason::kCertificateExpired, detail,
      "comity node renew --dir DIR; comityd takes the new certificate within "
      "3 seconds");
}

// The root key has to be fetched for another one, so this says it early.
void CheckIssuing(const NodeContext& node, Checks& checks) {
  const auto card = ParseCard(OwnCardText(node));
  if (!card.ok()) return;
  const absl::Duration left = card->issuing.not_after() - node.clock.Now();
  if (left >= kIssuingWarning) return;
  AddBad(checks, "issuing CA", ErrorReason::kCertificateExpired,
         left < absl::ZeroDuration()
             ? "expired"
             : absl::StrCat(left / absl::Hours(24), " days left"),
         "comity node renew-ca --dir DIR --root-dir DIR-root, then comity node "
         "renew and comity operator renew");
}

void CheckDisk(const NodeContext& node, Checks& checks) {
  struct statvfs space {};
  if (statvfs(node.data_directory.c_str(), &space) != 0) {
    return AddBad(checks, "disk", ErrorReason::kStoreUnavailable,
                  "the data directory cannot be looked at",
                  "see that it is there and belongs to comityd's user");
  }
  const double free =
      static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize);
  const std::string detail = absl::StrFormat("%.1f GiB free", free / kGibibyte);
  if (free >= kEnoughSpace) return AddGood(checks, "disk", detail);
  AddBad(
      checks, "disk", ErrorReason::kStoreUnavailable, detail,
      "free space where the data directory lies; a full disk stops the node");
}

void CheckLastActivation(const NodeContext& node, Checks& checks) {
  const auto refused = node.store.ListRefusedActivations(1);
  if (!refused.ok()) {
    return AddBad(checks, "last activation", ReasonOf(refused.status()),
                  refused.status().message(), "see comityd's messages");
  }
  if (refused->empty() || refused->front().settled) {
    return AddGood(checks, "last activation",
                   "nothing was refused since the last files came in force");
  }
  const RefusedActivation& last = refused->front();
  AddBad(
      checks, "last activation", ErrorReason::kPolicyInvalid,
      absl::StrCat("the files before stay in force; refused at ",
                   absl::FormatTime(last.at), " by ", last.by, ": ", last.why),
      "mend the file (comity policy check FILE), sign it anew and activate "
      "it again");
}

void CheckOwnNode(const OperatorCall& call, const NodeContext& node,
                  Checks& checks) {
  if (node.writer.healthy()) {
    AddGood(checks, "log", "entries can be written");
  } else {
    AddBad(
        checks, "log", ErrorReason::kLogUnwritable, "the last write failed",
        "look at the disk and at comityd's messages; nothing leaves the node "
        "until a write succeeds");
  }
  CheckLastActivation(node, checks);
  for (const std::string& fault : node.policy.Faults()) {
    AddBad(checks, "policy file", ErrorReason::kPolicyInvalid, fault,
           "it is not in force: activate a mended revision");
  }
  const auto& set = call.engine().set();
  if (set.local.has_value()) {
    AddGood(checks, "local access", "in force");
  } else {
    AddBad(checks, "local access", ErrorReason::kLocalAccessDenied,
           "none in force: nobody may do anything",
           "two administrators sign the local file (comity policy sign), then "
           "comity policy activate");
  }
  CheckOwnAgreements(node, set, checks);
  CheckCertificate(node, checks);
  CheckIssuing(node, checks);
  AddOwnKeyChecks(node, checks);
  CheckRoots(node, checks);
  AddHookChecks(node, checks);
  CheckDisk(node, checks);
  AddTimeCheck(node, checks);
  AddRetentionCheck(node, checks);
}

// What the partner says of itself; agreements aside.
void CompareHandshake(const NodeContext& node,
                      const absl::StatusOr<HandshakeFacts>& theirs,
                      Checks& checks) {
  if (!theirs.ok()) {
    return AddBad(
        checks, "reachable", ReasonOf(theirs.status()),
        theirs.status().message(),
        "ask the partner whether its node runs, whether it added this "
        "node's card, and whether its card here is its present one");
  }
  AddGood(checks, "reachable", "handshake answered");
  if (theirs->serving) {
    AddGood(checks, "serving", "its log can be written");
  } else {
    AddBad(checks, "serving", ErrorReason::kLogUnwritable,
           "its log cannot be written",
           "tell the partner's administrator; it answers nothing until then");
  }
  const absl::Duration offset = theirs->now - node.clock.Now();
  const std::string detail =
      absl::StrCat("differs by ",
                   absl::FormatDuration(absl::Trunc(offset, absl::Seconds(1))));
  if (offset < kClockTolerance && offset > -kClockTolerance) {
    AddGood(checks, "clock", detail);
  } else {
    AddBad(checks, "clock", ErrorReason::kQuestionExpired, detail,
           "set the clock of the side that is wrong, by NTP; questions expire "
           "after 60 seconds");
  }
}

absl::Status CheckHeads(const NodeContext& node, const ParticipantCode& code,
                        Checks& checks) {
  ASSIGN_OR_RETURN(const auto unproved, node.store.ReadUnproved(code, 1000));
  const std::string detail =
      absl::StrCat(unproved.size(), " waiting for proof");
  for (const UnprovedHead& head : unproved) {
    if (node.clock.Now() - head.first_seen <= kProofWindow) continue;
    AddBad(checks, "log heads", ErrorReason::kConsistencyUnproved, detail,
           "comity status --probe again; if it stays, the partner cannot show "
           "that its log only grew: call its administrator. If its node was "
           "restored from a backup: comity partner add CARD --restored");
    return absl::OkStatus();
  }
  AddGood(checks, "log heads", detail);
  return absl::OkStatus();
}

// Whether this node still has what the partner saw of it.
absl::Status CheckOwnLog(const NodeContext& node, const ParticipantCode& code,
                         Checks& checks) {
  ASSIGN_OR_RETURN(const PeerHead lost, ReadLostHead(node.store, code));
  if (lost.size == 0) {
    AddGood(checks, "own log", "the partner holds no head that is not here");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const LogHead head,
                   node.store.ReadLogHead(PartnerLogOrigin(node.self, code)));
  AddBad(
      checks, "own log", ErrorReason::kLogForked,
      absl::StrCat("the partner holds ", lost.size,
                   " entries that this node signed, and the log here has ",
                   head.size,
                   " and does not lead to them: this node was restored from "
                   "an older backup, or its disk lost the end of what was "
                   "written"),
      absl::StrCat("tell the partner's administrator, who adds this node's "
                   "card once more: comity partner add CARD --restored. What "
                   "was done after that point is missing here: compare each "
                   "referral with ",
                   code.text()));
  return absl::OkStatus();
}

// Two histories of one of the logs between the two, if any are known.
absl::Status CheckForks(const NodeContext& node, const ParticipantCode& code,
                        Checks& checks) {
  for (const std::string& log :
       {PartnerLogOrigin(node.self, code), PartnerLogOrigin(code, node.self)}) {
    ASSIGN_OR_RETURN(const KnownFork fork, ReadFork(node.store, log));
    if (fork.log.empty()) continue;
    AddBad(checks, "forks", ErrorReason::kLogForked,
           absl::StrCat("two heads of ", log,
                        " do not belong to one history; found by ",
                        fork.reporter, " at ", absl::FormatTime(fork.found)),
           "comity audit witnesses shows both signed heads: compare them with "
           "the partner's administrator. If a node was restored from a backup, "
           "its partner lets it go on: comity partner add CARD --restored");
  }
  return absl::OkStatus();
}

// Whether mail passes where one of the two cannot be called.
absl::Status CheckMail(const NodeContext& node, const ParticipantCard& card,
                       pb::PartnerStatus& partner) {
  partner.set_collects(card.CollectsMail());
  if (!partner.collects() && !node.config.outbound_only) {
    return absl::OkStatus();
  }
  Checks& checks = *partner.mutable_checks();
  if (partner.collects() && node.config.outbound_only) {
    AddBad(checks, "mail", ErrorReason::kPartnerCollects,
           "neither node takes calls",
           "carry it: comity bundle write, comity bundle read");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::optional<absl::Time> last,
                   ReadCollected(node.store, card.code));
  if (last) *partner.mutable_collected_at() = ToProtoTime(*last);
  const std::string detail =
      absl::StrCat(partner.collects() ? "it collects its mail; last "
                                      : "this node collects; last ",
                   last ? absl::FormatTime(*last) : "never");
  const bool waits = !partner.collects() || partner.outbox() > 0;
  if (!waits || (last && node.clock.Now() - *last < kCollectionsApart)) {
    AddGood(checks, "mail", detail);
    return absl::OkStatus();
  }
  AddBad(
      checks, "mail", ErrorReason::kPeerUnreachable, detail,
      partner.collects()
          ? "ask its administrator whether its node runs and reaches this "
            "one; a bundle reaches it meanwhile"
          : "see that this node reaches the partner's address: comity status "
            "--probe; collect_seconds in comityd.conf says how often it "
            "collects");
  return absl::OkStatus();
}

absl::Status CheckSuspension(const NodeContext& node,
                             const ParticipantCode& code,
                             pb::PartnerStatus& partner) {
  ASSIGN_OR_RETURN(const std::optional<Suspension> suspension,
                   ReadSuspension(node.store, code));
  if (!suspension) return absl::OkStatus();
  *partner.mutable_suspended_at() = ToProtoTime(suspension->since);
  partner.set_suspended_why(suspension->why);
  AddBad(*partner.mutable_checks(), "calls", ErrorReason::kPartnerSuspended,
         absl::StrCat("refused since ", absl::FormatTime(suspension->since),
                      ": ", suspension->why),
         absl::StrCat("when the cause is gone: comity partner resume ",
                      code.text()));
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleStatus(OperatorCall& call,
                          const pb::GetStatusRequest& request,
                          pb::GetStatusResponse& response) {
  NodeContext& node = call.node();
  response.set_participant(node.self.text());
  response.set_fingerprint(CardFingerprint(OwnCardText(node)));
  CheckOwnNode(call, node, *response.mutable_checks());
  std::map<std::string, std::string> fingerprints;
  ASSIGN_OR_RETURN(const std::vector<std::string> cards,
                   node.store.ListPartnerCards());
  for (const std::string& text : cards) {
    ASSIGN_OR_RETURN(const ParticipantCard card, ParseCard(text));
    fingerprints[card.code.text()] = CardFingerprint(text);
  }
  const auto table = node.partners.Get();
  std::vector<std::future<absl::StatusOr<HandshakeFacts>>> shaking;
  for (const auto& [code, card] : table->cards()) {
    auto shake = [&node, code = code] { return ShakeHands(node, code); };
    shaking.push_back(request.probe()
                          ? RunAside(shake)
                          : std::async(std::launch::deferred, shake));
  }
  size_t next = 0;
  for (const auto& [code, card] : table->cards()) {
    auto* partner = response.add_partners();
    partner->set_participant(code.text());
    partner->set_fingerprint(fingerprints[code.text()]);
    auto name = DisplayNameOf(call.engine().set(), code);
    if (name.has_value()) *partner->add_names() = *std::move(name);
    auto& checks = *partner->mutable_checks();
    // One that collects its mail takes no call.
    if (request.probe() && !card.CollectsMail()) {
      CompareHandshake(node, shaking[next].get(), checks);
    }
    ++next;
    CheckAgreementsWith(node, code, card.CollectsMail(), checks);
    ASSIGN_OR_RETURN(const auto waiting, node.store.ReadOutbox(code, 1000));
    partner->set_outbox(static_cast<uint32_t>(waiting.size()));
    RETURN_IF_ERROR(CheckMail(node, card, *partner));
    RETURN_IF_ERROR(CheckSuspension(node, code, *partner));
    RETURN_IF_ERROR(CheckHeads(node, code, checks));
    RETURN_IF_ERROR(CheckOwnLog(node, code, checks));
    RETURN_IF_ERROR(CheckForks(node, code, checks));
    RETURN_IF_ERROR(CheckCards(node, card, checks));
  }
  return absl::OkStatus();
}

}  // namespace comity
