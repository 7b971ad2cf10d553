#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "node/audit/commit_writer.h"
#include "node/domain/caller.h"
#include "node/store/store.h"

namespace comity {

// One request of an operator that changes something, as it is told from others:
// who sent it under which id, and what it said. Its effect happens once
// (design.md law 7); the same request is answered from what was kept. Immutable
// value.
class AnsweredRequest {
 public:
  // nullopt if a repeat is done anew: a request without an id, which changes
  // nothing, and a question to partners, whose answers about persons are never
  // kept.
  static std::optional<AnsweredRequest> Of(
      const Caller& caller, LocalOperation operation,
      const google::protobuf::Message& request);

  // True, with the kept response, if this request was answered within the last
  // 30 days. REQUEST_ID_REUSED if the id came with another body.
  absl::StatusOr<bool> AnswerAgain(const StateReader& store, absl::Time now,
                                   google::protobuf::Message& response) const;

  // Keeps the response in the transaction of its effect. ALREADY_EXISTS if the
  // request was answered meanwhile.
  absl::Status Keep(CommitScope& scope,
                    const google::protobuf::Message& response) const;

 private:
  AnsweredRequest(std::string operator_name, const Uuid& id, std::string digest)
      : operator_name_(std::move(operator_name)),
        id_(id),
        digest_(std::move(digest)) {}

  std::string operator_name_;
  Uuid id_;
  std::string digest_;
};

}  // namespace comity
