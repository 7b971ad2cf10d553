#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace comity {

// The sentence frames of the plain-language rendering, one for each field and
// for each kind of heading. Each language has exactly one text for each.
enum class Frame {
  kAgreement,
  kNational,
  kLocal,
  kIdentity,
  kRevision,
  kParties,
  kPartyName,
  kLanguage,
  kInstrument,
  kValidity,
  kEmergency,
  kGroup,
  kMember,
  kMemberFrom,
  kMemberUntil,
  kMemberBetween,
  kGroupRule,
  kGroupName,
  kDeadlines,
  kStatedLength,
  kDefaultLength,
  kEveryRelease,
  kRule,
  kDenyRule,
  kRequireRule,
  kDiscloses,
  kDisclosesMutually,
  kAskedBy,
  kRole,
  kOrganisation,
  kEveryOrganisation,
  kOperation,
  kPurpose,
  kBasis,
  kIndicator,
  kColumns,
  kMeasure,
  kGrantWhen,
  kDenyWhen,
  kConsent,
  kAge,
  kRiskAnyOf,
  kRiskNoneOf,
  kOrigin,
  kExploitation,
  kStage,
  kRecordAge,
  kRelease,
  kReleaseNothing,
  kBreakGlass,
  kGrantUntil,
  kNote,
  kRedact,
  kApprovals,
  kNotify,
  kMaxPerHour,
  kMaxPerDay,
  kMaxPerMonth,
  kMaxPerOfficer,
  kThreshold,
  kBudget,
  kCountMethod,
  kAggregation,
  kLinkedTables,
  kLinkedTablesUsual,
  kEpsilon,
  kEpsilonAsker,
  kEpsilonAll,
  kDelta,
  kDeltaBudget,
  kDeltaBudgetUsual,
  kRetention,
  kNoOnward,
  kRefuses,
  kWithholds,
  kReason,
  kOverride,
  kAdds,
  kMay,
  kScope,
  kPerson,
  kFrom,
  kUntil,
  kAnd,
  kOr,
  kSemicolon,
  kClosingAgreement,
  kClosingNational,
  kClosingLocal,
  kDigest,
};

// The keys of all frames, such as "Frame.PURPOSE", in the order of the enum.
absl::Span<const char* const> FrameKeys();

// The words of one language. Immutable; thread-safe.
class Phrasebook {
 public:
  explicit Phrasebook(std::map<std::string, std::string> words)
      : words_(std::move(words)) {}

  // The text of a key, such as "Role.COORDINATOR"; what stands behind the dot
  // if there is none.
  std::string Word(absl::string_view key) const;

  // The text of a key with each "{name}" replaced.
  std::string Fill(absl::string_view key,
                   const std::map<std::string, std::string>& filled) const;
  // The same for a frame.
  std::string Sentence(
      Frame frame, const std::map<std::string, std::string>& filled = {}) const;

  const std::map<std::string, std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::string> words_;
};

}  // namespace comity
