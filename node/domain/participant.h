#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace comity {

// The code of a participant (a state or a commission): 2 to 16 of A-Z 0-9 -.
// ISO 3166 alpha-2 where one exists, else what the agreement says. Immutable.
class ParticipantCode {
 public:
  // FIELD_INVALID unless `code` has the form above.
  static absl::StatusOr<ParticipantCode> Create(absl::string_view code);

  const std::string& text() const { return code_; }
  // The node's SPIFFE id, "spiffe://ng.comity/node" for NG.
  std::string NodeSpiffeId() const;
  // The host part of the SPIFFE ids of this participant, "ng.comity".
  std::string TrustDomain() const;

  friend bool operator==(const ParticipantCode&,
                         const ParticipantCode&) = default;
  // NOLINTBEGIN(modernize-use-nullptr): clang-tidy 14 misreads <=>
  friend auto operator<=>(const ParticipantCode&,
                          const ParticipantCode&) = default;
  // NOLINTEND(modernize-use-nullptr)
  template <typename H>
  friend H AbslHashValue(H h, const ParticipantCode& code) {
    return H::combine(std::move(h), code.code_);
  }

 private:
  explicit ParticipantCode(absl::string_view code) : code_(code) {}
  std::string code_;
};

}  // namespace comity
