#include "node/service/log_steps.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "node/audit/cosigned_head.h"
#include "node/audit/log_appender.h"
#include "node/audit/log_verifier.h"
#include "node/audit/own_anchor.h"
#include "node/audit/own_openings.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/merkle.h"
#include "node/service/page_size.h"
#include "node/wire/own_leaf.h"
#include "node/wire/proto_time.h"

namespace comity {
namespace {

namespace pb = operators::v1;

constexpr int kExportPage = 1000;

std::string DetailOf(const OwnEntry& entry) {
  return absl::StrCat(entry.actor, ": ", entry.detail,
                      entry.subject.empty() ? "" : " case ", entry.subject);
}

// The origin of a log that this node keeps. FIELD_INVALID names those there
// are.
absl::StatusOr<std::string> FindLog(const NodeContext& node,
                                    const std::string& log) {
  if (log.empty()) return OwnLogOrigin(node.self);
  ASSIGN_OR_RETURN(const std::vector<std::string> known, node.store.ListLogs());
  if (std::find(known.begin(), known.end(), log) != known.end()) return log;
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("this node keeps no log ", log, "; it keeps ",
                                  absl::StrJoin(known, ", ")));
}

// As FindLog, for a look at entries: the own log and those for partners have
// none at first.
absl::Status CheckIsLog(const NodeContext& node, const std::string& log) {
  if (log == OwnLogOrigin(node.self)) return absl::OkStatus();
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    if (PartnerLogOrigin(node.self, code) == log) return absl::OkStatus();
  }
  return FindLog(node, log).status();
}

// The last head of `log` that its partner cosigned.
absl::StatusOr<LogHead> CosignedHeadOf(const NodeContext& node,
                                       const std::string& log) {
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    if (PartnerLogOrigin(node.self, code) != log) continue;
    ASSIGN_OR_RETURN(const CosignedHead head, ReadCosigned(node.store, code));
    if (head.size > 0) return LogHead{head.size, head.note};
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat(code.text(), " cosigned no head of ", log,
                                    " yet; see comity audit witnesses"));
  }
  return ReasonError(ErrorReason::kFieldInvalid,
                     "only logs for partners are cosigned; the own log is "
                     "witnessed by its anchors in them");
}

// What the anchors in partner logs say of the own log.
absl::Status AddAnchors(const NodeContext& node, pb::LogVerification& own) {
  ASSIGN_OR_RETURN(const AnchorVerdict verdict,
                   CheckAnchors(node.store, node.self, AnchorsLookedAt::kAll));
  if (!verdict.status.ok()) {
    own.set_ok(false);
    own.set_detail(std::string(verdict.status.message()));
  } else if (own.ok() && verdict.anchors > 0) {
    own.set_detail(absl::StrCat(own.detail(), ", and ", verdict.anchors,
                                " anchors in partner logs up to entry ",
                                verdict.size));
  }
  return absl::OkStatus();
}

// Whether its entries still say who did what.
absl::Status AddOpenings(const NodeContext& node, pb::LogVerification& own) {
  if (!own.ok()) return absl::OkStatus();
  const absl::Status status = CheckOwnOpenings(node.store, node.self);
  if (ReasonOf(status) != ErrorReason::kIntegrityFailure) return status;
  own.set_ok(false);
  own.set_detail(std::string(status.message()));
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleListLogEntries(OperatorCall& call,
                                  const pb::ListLogEntriesRequest& request,
                                  pb::ListLogEntriesResponse& response) {
  NodeContext& node = call.node();
  const std::string own = OwnLogOrigin(node.self);
  const std::string log = request.log().empty() ? own : request.log();
  RETURN_IF_ERROR(CheckIsLog(node, log));
  uint64_t from = 0;
  if (!request.page_token().empty() &&
      !absl::SimpleAtoi(request.page_token(), &from)) {
    return ReasonError(ErrorReason::kFieldInvalid, "the page token is broken");
  }
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   node.store.ReadLeaves(log, from, size, log == own));
  for (const LeafRow& row : rows) {
    auto* entry = response.add_entries();
    entry->set_index(row.index);
    entry->set_leaf_hash(LeafHash(row.leaf));
    if (log == own) {
      ASSIGN_OR_RETURN(const OwnEntry read,
                       OpenOwnEntry(row.leaf, row.opening));
      *entry->mutable_time() = ToProtoTime(read.time);
      entry->set_kind(std::string(Name(read.kind)));
      entry->set_request_id(read.request_id.ToString());
      entry->set_peer(read.peer);
      entry->set_detail(DetailOf(read));
    } else {
      ASSIGN_OR_RETURN(const MessageLeaf read, ParseMessageLeaf(row.leaf));
      *entry->mutable_time() = ToProtoTime(read.time);
      entry->set_kind(std::string(Name(read.kind)));
      entry->set_request_id(read.request_id.ToString());
      entry->set_peer(read.receiver.text());
    }
  }
  if (static_cast<int>(rows.size()) == size) {
    response.set_next_page_token(absl::StrCat(rows.back().index + 1));
  }
  return absl::OkStatus();
}

absl::Status HandleVerifyLogs(OperatorCall& call, const pb::VerifyLogsRequest&,
                              pb::VerifyLogsResponse& response) {
  NodeContext& node = call.node();
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, node.store.ListLogs());
  for (const std::string& log : logs) {
    ASSIGN_OR_RETURN(const LogVerdict verdict,
                     VerifyLog(node.store, log, node.signer.verify_keys()));
    auto* added = response.add_logs();
    added->set_log(log);
    added->set_size(verdict.size);
    added->set_ok(verdict.status.ok());
    added->set_root(verdict.root);
    added->set_detail(verdict.status.ok()
                          ? "entries, tree and signed head agree"
                          : std::string(verdict.status.message()));
    if (log == OwnLogOrigin(node.self)) {
      RETURN_IF_ERROR(AddAnchors(node, *added));
      RETURN_IF_ERROR(AddOpenings(node, *added));
    }
  }
  const auto table = node.partners.Get();
  for (const auto& [code, card] : table->cards()) {
    ASSIGN_OR_RETURN(const PeerHead head, node.store.ReadPeerHead(code));
    if (head.size == 0) continue;
    const std::string log = PartnerLogOrigin(code, node.self);
    const auto checkpoint =
        node.checkpoints.Open(head.checkpoint, log, card.LogKeys());
    auto* added = response.add_logs();
    added->set_log(log);
    added->set_size(head.size);
    added->set_root(head.root);
    added->set_ok(checkpoint.ok() && checkpoint->root == head.root);
    added->set_detail("the partner's head as proved here");
  }
  return absl::OkStatus();
}

absl::Status HandleExportLog(OperatorCall& call,
                             const pb::ExportLogRequest& request,
                             pb::ExportLogResponse& response) {
  const LogReader& store = call.node().store;
  ASSIGN_OR_RETURN(const std::string log, FindLog(call.node(), request.log()));
  ASSIGN_OR_RETURN(const LogHead head, request.cosigned()
                                           ? CosignedHeadOf(call.node(), log)
                                           : store.ReadLogHead(log));
  response.set_checkpoint(head.checkpoint);
  response.set_size(head.size);
  ASSIGN_OR_RETURN(
      const std::vector<LeafRow> rows,
      store.ReadLeaves(log, request.first_index(), kExportPage, false));
  for (const LeafRow& row : rows) response.add_leaves(row.leaf);
  return absl::OkStatus();
}

absl::Status HandleProveLogEntry(OperatorCall& call,
                                 const pb::ProveLogEntryRequest& request,
                                 pb::ProveLogEntryResponse& response) {
  const LogReader& store = call.node().store;
  ASSIGN_OR_RETURN(const std::string log, FindLog(call.node(), request.log()));
  const bool own = log == OwnLogOrigin(call.node().self);
  if (request.with_opening() && !own) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "entries of a partner log open with the message itself, "
                       "which its dossier or case holds");
  }
  ASSIGN_OR_RETURN(*response.mutable_proof(),
                   ProveEntry(store, log, request.index()));
  ASSIGN_OR_RETURN(
      const std::vector<LeafRow> rows,
      store.ReadLeaves(log, request.index(), 1, request.with_opening()));
  if (rows.empty()) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "the entry is not in the store; run audit verify");
  }
  response.set_leaf(rows[0].leaf);
  response.set_opening(rows[0].opening);
  return absl::OkStatus();
}

}  // namespace comity
