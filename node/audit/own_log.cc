#include "node/audit/own_log.h"

#include "node/base/status_macros.h"
#include "node/wire/message_leaf.h"

namespace comity {

absl::StatusOr<uint64_t> AppendOwn(const ParticipantCode& self,
                                   const OwnEntry& entry, RandomSource& random,
                                   CommitScope& scope) {
  const std::string log = OwnLogOrigin(self);
  const SealedOwnEntry sealed = SealOwnEntry(entry, random);
  ASSIGN_OR_RETURN(const uint64_t index,
                   scope.AppendUnproved(log, sealed.leaf, sealed.opening));
  for (const Uuid& id : entry.about) {
    RETURN_IF_ERROR(scope.store().LinkLeaf(log, index, id));
  }
  if (!entry.subject.empty()) {
    ASSIGN_OR_RETURN(const Uuid subject, Uuid::Parse(entry.subject));
    RETURN_IF_ERROR(scope.store().LinkLeaf(log, index, subject));
  }
  return index;
}

}  // namespace comity
