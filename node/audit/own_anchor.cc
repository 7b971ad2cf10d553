#include "node/audit/own_anchor.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "node/audit/witness.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/wire/anchor.h"

namespace comity {
namespace {

constexpr int kPage = 500;
constexpr size_t kHashSize = 32;

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("anchored/", partner.text());
}

absl::Status Failure(absl::string_view what) {
  return ReasonError(ErrorReason::kIntegrityFailure, what);
}

// By the byte that says so: the leaf is parsed once its opening is at hand.
bool IsAnchor(const LeafRow& row) {
  return row.leaf.size() == kMessageLeafSize &&
         row.leaf[1] == static_cast<char>(MessageKind::kAnchor);
}

// The anchors of one page, by their index.
absl::StatusOr<std::vector<uint64_t>> AnchorsOn(const LogReader& store,
                                                const std::string& log,
                                                uint64_t from, int limit) {
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   store.ReadLeaves(log, from, limit, false));
  std::vector<uint64_t> found;
  for (const LeafRow& row : rows) {
    if (IsAnchor(row)) found.push_back(row.index);
  }
  return found;
}

// Pages from the end of the log to its beginning, until there is one.
absl::StatusOr<std::vector<uint64_t>> NewestAnchor(const LogReader& store,
                                                   const std::string& log,
                                                   uint64_t size) {
  while (size > 0) {
    const uint64_t page = std::min<uint64_t>(size, kPage);
    size -= page;
    ASSIGN_OR_RETURN(const std::vector<uint64_t> found,
                     AnchorsOn(store, log, size, static_cast<int>(page)));
    if (!found.empty()) return std::vector<uint64_t>{found.back()};
  }
  return std::vector<uint64_t>();
}

absl::StatusOr<std::vector<uint64_t>> AllAnchors(const LogReader& store,
                                                 const std::string& log,
                                                 uint64_t size) {
  std::vector<uint64_t> all;
  for (uint64_t from = 0; from < size; from += kPage) {
    ASSIGN_OR_RETURN(const std::vector<uint64_t> found,
                     AnchorsOn(store, log, from, kPage));
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

// Whether the own log leads to what it was when it was anchored.
absl::Status Compare(const LogReader& store, const std::string& own,
                     const std::string& log, const MessageLeaf& leaf,
                     const Anchor& anchor) {
  const std::string place =
      absl::StrCat("anchored in ", log, " at ", absl::FormatTime(leaf.time));
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(own));
  if (head.size < anchor.size) {
    return Failure(absl::StrCat("the own log has ", head.size, " entries, and ",
                                anchor.size, " were ", place,
                                ": its end was cut off"));
  }
  const auto root = RootOf(anchor.size, StoredNodes(store, own));
  if (!root.ok() && ReasonOf(root.status()) != ErrorReason::kNotFound) {
    return root.status();
  }
  if (root.ok() && *root == anchor.root) return absl::OkStatus();
  return Failure(absl::StrCat("the first ", anchor.size,
                              " entries of the own log are not those that "
                              "were ",
                              place));
}

absl::Status CompareAt(const LogReader& store, const std::string& own,
                       const std::string& log, uint64_t index,
                       AnchorVerdict& verdict) {
  ASSIGN_OR_RETURN(const std::vector<LeafRow> rows,
                   store.ReadLeaves(log, index, 1, true));
  if (rows.empty()) return Failure("an anchor is missing");
  const auto leaf = ParseMessageLeaf(rows[0].leaf);
  if (!leaf.ok()) return Failure(leaf.status().message());
  ASSIGN_OR_RETURN(const Anchor anchor, OpenAnchor(*leaf, rows[0].opening));
  RETURN_IF_ERROR(Compare(store, own, log, *leaf, anchor));
  ++verdict.anchors;
  verdict.size = std::max(verdict.size, anchor.size);
  return absl::OkStatus();
}

}  // namespace

absl::Status AppendAnchors(const ParticipantCode& self,
                           const std::vector<ParticipantCode>& partners,
                           RandomSource& random, CommitScope& scope) {
  StoreTransaction& store = scope.store();
  const std::string own = OwnLogOrigin(self);
  ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(own));
  if (head.size == 0) return absl::OkStatus();
  Anchor anchor{random.Bytes(kHashSize), head.size, ""};
  ASSIGN_OR_RETURN(anchor.root, RootOf(head.size, StoredNodes(store, own)));
  const Uuid id = NewUuid(random);
  for (const ParticipantCode& partner : partners) {
    ASSIGN_OR_RETURN(const PeerHead lost, ReadLostHead(store, partner));
    if (lost.size > 0) continue;
    const MessageLeaf leaf{
        MessageKind::kAnchor,         scope.now(),         self, partner, id,
        std::string(kHashSize, '\0'), CommitAnchor(anchor)};
    ASSIGN_OR_RETURN(
        const uint64_t index,
        scope.Append(PartnerLogOrigin(self, partner), FormatMessageLeaf(leaf),
                     FormatAnchorOpening(anchor)));
    RETURN_IF_ERROR(store.PutMeta(MetaName(partner), absl::StrCat(index + 1)));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ReadAnchoredSize(const StateReader& store,
                                          const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(partner)));
  uint64_t size = 0;
  if (!text.empty() && !absl::SimpleAtoi(text, &size)) {
    return Failure("a size kept in the store does not read");
  }
  return size;
}

absl::StatusOr<AnchorVerdict> CheckAnchors(const LogReader& store,
                                           const ParticipantCode& self,
                                           AnchorsLookedAt which) {
  const std::string own = OwnLogOrigin(self);
  AnchorVerdict verdict;
  ASSIGN_OR_RETURN(const std::vector<std::string> logs, store.ListLogs());
  for (const std::string& log : logs) {
    if (!absl::StartsWith(log, own + "/")) continue;
    ASSIGN_OR_RETURN(const LogHead head, store.ReadLogHead(log));
    ASSIGN_OR_RETURN(const std::vector<uint64_t> anchors,
                     which == AnchorsLookedAt::kAll
                         ? AllAnchors(store, log, head.size)
                         : NewestAnchor(store, log, head.size));
    for (const uint64_t index : anchors) {
      verdict.status = CompareAt(store, own, log, index, verdict);
      if (ReasonOf(verdict.status) == ErrorReason::kStoreUnavailable) {
        return verdict.status;
      }
      if (!verdict.status.ok()) return verdict;
    }
  }
  return verdict;
}

}  // namespace comity
