#include "node/wire/anchor.h"

#include "node/base/error_reason.h"
#include "node/crypto/hash.h"
#include "node/wire/byte_fields.h"

namespace comity {
namespace {

constexpr size_t kHashSize = 32;
constexpr size_t kOpeningSize = 72;

}  // namespace

std::string CommitAnchor(const Anchor& anchor) {
  std::string data("comity-anchor/v1");
  data.push_back('\0');
  AppendBigEndian(data, anchor.size, 8);
  data += anchor.root;
  return HmacSha256(anchor.salt, data);
}

std::string FormatAnchorOpening(const Anchor& anchor) {
  std::string opening = anchor.salt;
  AppendBigEndian(opening, anchor.size, 8);
  return opening + anchor.root;
}

absl::StatusOr<Anchor> OpenAnchor(const MessageLeaf& leaf,
                                  absl::string_view opening) {
  Anchor anchor;
  if (opening.size() == kOpeningSize) {
    anchor.salt = TakeBytes(opening, kHashSize);
    anchor.size = TakeBigEndian(opening, 8);
    anchor.root = TakeBytes(opening, kHashSize);
  }
  if (leaf.kind != MessageKind::kAnchor || anchor.root.empty() ||
      CommitAnchor(anchor) != leaf.commitment) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "an anchor and its opening do not match");
  }
  return anchor;
}

}  // namespace comity
