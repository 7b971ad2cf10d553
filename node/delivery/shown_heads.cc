#include "node/delivery/shown_heads.h"

#include <set>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/base/status_macros.h"

namespace comity {
namespace {

constexpr size_t kKept = 32;

std::string MetaName(const ParticipantCode& partner) {
  return absl::StrCat("shown-heads/", partner.text());
}

absl::StatusOr<std::set<uint64_t>> Noted(const StateReader& store,
                                         const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(const std::string text, store.ReadMeta(MetaName(partner)));
  std::set<uint64_t> sizes;
  for (const absl::string_view each :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    uint64_t size = 0;
    if (absl::SimpleAtoi(each, &size)) sizes.insert(size);
  }
  return sizes;
}

absl::Status Note(StoreTransaction& store, const ParticipantCode& partner,
                  std::set<uint64_t> sizes) {
  sizes.erase(0);
  while (sizes.size() > kKept) sizes.erase(sizes.begin());
  return store.PutMeta(MetaName(partner), absl::StrJoin(sizes, " "));
}

}  // namespace

absl::StatusOr<std::vector<uint64_t>> ReadShownHeads(
    const StateReader& store, const ParticipantCode& partner) {
  ASSIGN_OR_RETURN(std::set<uint64_t> sizes, Noted(store, partner));
  for (uint64_t size = 1; size <= kFirstSizes; ++size) sizes.insert(size);
  return std::vector<uint64_t>(sizes.begin(), sizes.end());
}

absl::Status NoteShownHeads(StoreTransaction& store,
                            const ParticipantCode& partner,
                            const std::vector<uint64_t>& sizes) {
  ASSIGN_OR_RETURN(std::set<uint64_t> noted, Noted(store, partner));
  const size_t before = noted.size();
  noted.insert(sizes.begin(), sizes.end());
  if (noted.size() == before) return absl::OkStatus();
  return Note(store, partner, std::move(noted));
}

absl::Status NoteStanding(StoreTransaction& store,
                          const ParticipantCode& partner,
                          const WitnessNeeds& standing) {
  ASSIGN_OR_RETURN(std::set<uint64_t> sizes, Noted(store, partner));
  sizes.erase(sizes.begin(), sizes.lower_bound(standing.proved_size));
  sizes.insert(standing.proved_size);
  sizes.insert(standing.unproved_sizes.begin(), standing.unproved_sizes.end());
  return Note(store, partner, std::move(sizes));
}

}  // namespace comity
