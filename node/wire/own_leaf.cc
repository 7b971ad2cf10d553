#include "node/wire/own_leaf.h"

#include <array>

#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/wire/byte_fields.h"

namespace comity {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kPeerWidth = 16;
constexpr size_t kHashSize = 32;
constexpr size_t kOwnLeafSize = 1 + 1 + 8 + 16 + kPeerWidth + 7 * kHashSize;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kIntegrityFailure, what);
}

std::string Commit(absl::string_view salt, uint8_t field,
                   absl::string_view value) {
  std::string head("comity-own/v1");
  head.push_back('\0');
  head.push_back(static_cast<char>(field));
  return HmacSha256Joined(salt, {head, value});
}

// One field of an opening.
struct OpenedField {
  std::string salt;
  std::string value;
  bool erased = false;
};

// Stands where the length of a field that was erased stood, after a salt of
// zeros.
constexpr uint64_t kErasedField = 0xffffffff;

absl::StatusOr<OpenedField> TakeField(absl::string_view& opening) {
  if (opening.size() < kHashSize + 4) return Invalid("an opening is cut short");
  OpenedField field{TakeBytes(opening, kHashSize)};
  const uint64_t size = TakeBigEndian(opening, 4);
  field.erased = size == kErasedField;
  if (field.erased) {
    if (field.salt == std::string(kHashSize, '\0')) return field;
    return Invalid("an erased field has a salt");
  }
  if (opening.size() < size) return Invalid("an opening is cut short");
  field.value = TakeBytes(opening, size);
  return field;
}

void AppendField(std::string& opening, absl::string_view salt,
                 absl::string_view value) {
  opening.append(salt.data(), salt.size());
  AppendBigEndian(opening, value.size(), 4);
  opening.append(value.data(), value.size());
}

void AppendErased(std::string& opening) {
  opening.append(kHashSize, '\0');
  AppendBigEndian(opening, kErasedField, 4);
}

bool NamesThePerson(size_t field) { return field == 0 || field == 3; }

// Takes the four fields off `opening` and checks each that is left against its
// commitment, in `leaf`.
absl::Status OpenFields(absl::string_view leaf, absl::string_view opening,
                        OwnEntry& entry) {
  const std::array<std::string*, 4> texts = {&entry.subject, &entry.actor,
                                             &entry.detail, &entry.facts};
  for (size_t i = 0; i < texts.size(); ++i) {
    ASSIGN_OR_RETURN(OpenedField field, TakeField(opening));
    const std::string commitment = TakeBytes(leaf, kHashSize);
    if (field.erased) {
      if (!NamesThePerson(i)) return Invalid("who acted is never erased");
      entry.person_erased = true;
      continue;
    }
    if (Commit(field.salt, static_cast<uint8_t>(i + 1), field.value) !=
        commitment) {
      return Invalid("an opening does not match its commitment in the log");
    }
    *texts[i] = std::move(field.value);
  }
  if (!opening.empty()) return Invalid("an opening is too long");
  return absl::OkStatus();
}

}  // namespace

absl::string_view Name(OwnKind kind) {
  switch (kind) {
    case OwnKind::kAnswered:
      return "ANSWERED";
    case OwnKind::kAsked:
      return "ASKED";
    case OwnKind::kOperatorAction:
      return "OPERATOR_ACTION";
    case OwnKind::kPolicyChange:
      return "POLICY_CHANGE";
    case OwnKind::kTrustChange:
      return "TRUST_CHANGE";
    case OwnKind::kRejectedCalls:
      return "REJECTED_CALLS";
    case OwnKind::kReceiptReceived:
      return "RECEIPT_RECEIVED";
  }
  return "UNSET";
}

SealedOwnEntry SealOwnEntry(const OwnEntry& entry, RandomSource& random) {
  SealedOwnEntry sealed;
  std::string& leaf = sealed.leaf;
  leaf.reserve(kOwnLeafSize);
  AppendBigEndian(leaf, kVersion, 1);
  AppendBigEndian(leaf, static_cast<uint64_t>(entry.kind), 1);
  AppendBigEndian(leaf, static_cast<uint64_t>(absl::ToUnixMillis(entry.time)),
                  8);
  leaf += entry.request_id.ToBytes();
  AppendPadded(leaf, entry.peer, kPeerWidth);
  AppendPadded(leaf, entry.question_leaf, kHashSize);
  AppendPadded(leaf, entry.answer_leaf, kHashSize);
  AppendPadded(leaf, entry.policy_digest, kHashSize);
  const std::array<const std::string*, 4> fields = {
      &entry.subject, &entry.actor, &entry.detail, &entry.facts};
  const std::string salts = random.Bytes(fields.size() * kHashSize);
  size_t size = salts.size();
  for (const std::string* field : fields) size += 4 + field->size();
  sealed.opening.reserve(size);
  for (size_t i = 0; i < fields.size(); ++i) {
    const absl::string_view salt =
        absl::string_view(salts).substr(i * kHashSize, kHashSize);
    leaf += Commit(salt, static_cast<uint8_t>(i + 1), *fields[i]);
    AppendField(sealed.opening, salt, *fields[i]);
  }
  return sealed;
}

absl::StatusOr<std::string> WithoutPerson(absl::string_view opening) {
  std::string left;
  for (size_t i = 0; i < 4; ++i) {
    ASSIGN_OR_RETURN(const OpenedField field, TakeField(opening));
    if (field.erased || NamesThePerson(i)) {
      AppendErased(left);
    } else {
      AppendField(left, field.salt, field.value);
    }
  }
  if (!opening.empty()) return Invalid("an opening is too long");
  return left;
}

absl::StatusOr<OwnEntry> OpenOwnEntry(absl::string_view leaf,
                                      absl::string_view opening) {
  if (leaf.size() != kOwnLeafSize) return Invalid("a leaf has a wrong size");
  if (TakeBigEndian(leaf, 1) != kVersion) {
    return Invalid("a leaf has an unknown version");
  }
  OwnEntry entry;
  const uint64_t kind = TakeBigEndian(leaf, 1);
  if (kind < 1 || kind > static_cast<uint64_t>(OwnKind::kReceiptReceived)) {
    return Invalid("a leaf has an unknown kind");
  }
  entry.kind = static_cast<OwnKind>(kind);
  entry.time =
      absl::FromUnixMillis(static_cast<int64_t>(TakeBigEndian(leaf, 8)));
  ASSIGN_OR_RETURN(entry.request_id, Uuid::FromBytes(TakeBytes(leaf, 16)));
  entry.peer = TakePadded(leaf, kPeerWidth);
  entry.question_leaf = TakeBytes(leaf, kHashSize);
  entry.answer_leaf = TakeBytes(leaf, kHashSize);
  entry.policy_digest = TakeBytes(leaf, kHashSize);
  if (opening.empty()) return entry;
  RETURN_IF_ERROR(OpenFields(leaf, opening, entry));
  return entry;
}

}  // namespace comity
