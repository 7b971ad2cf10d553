#include "node/wire/bundle_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "comity/federation/v1/bundle.pb.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hpke.h"
#include "node/wire/byte_fields.h"

namespace comity {
namespace {

namespace pb = federation::v1;

constexpr absl::string_view kMagic = "comity-bundle@v1";
constexpr absl::string_view kContext = "comity-bundle/v1";
constexpr size_t kCodeSize = 16;
// Magic, two codes, two serials, time, length of what follows.
constexpr size_t kLabelSize = 16 + 2 * kCodeSize + 4 + 4 + 8 + 4;
// Sizes tell a courier nothing finer than this.
constexpr size_t kSizeClass = size_t{16} * 1024;
// More than fit: each envelope has a leaf, a salt and a proof.
constexpr int kMaxMessages = 4096;

absl::Status Damaged(absl::string_view what) {
  return ReasonError(ErrorReason::kIntegrityFailure,
                     absl::StrCat("the bundle ", what));
}

absl::Status TooLarge() {
  return ReasonError(ErrorReason::kMessageTooLarge,
                     "a bundle holds at most 960 KiB");
}

std::string FormatLabel(const BundleLabel& label, size_t sealed) {
  std::string bytes(kMagic);
  AppendPadded(bytes, label.sender.text(), kCodeSize);
  AppendPadded(bytes, label.receiver.text(), kCodeSize);
  AppendBigEndian(bytes, label.sender_card, 4);
  AppendBigEndian(bytes, label.receiver_card, 4);
  AppendBigEndian(
      bytes, static_cast<uint64_t>(absl::ToUnixMillis(label.written_at)), 8);
  AppendBigEndian(bytes, sealed, 4);
  return bytes;
}

// The length of the content, the content, zeros up to the size class.
std::string Padded(absl::string_view content) {
  std::string bytes;
  AppendBigEndian(bytes, content.size(), 4);
  bytes.append(content.data(), content.size());
  bytes.resize((bytes.size() + kSizeClass - 1) / kSizeClass * kSizeClass, '\0');
  return bytes;
}

absl::StatusOr<absl::string_view> Unpadded(absl::string_view bytes) {
  if (bytes.size() < 4) return Damaged("is empty inside");
  const uint64_t size = TakeBigEndian(bytes, 4);
  if (size > bytes.size() ||
      bytes.substr(size).find_first_not_of('\0') != absl::string_view::npos) {
    return Damaged("is not padded as bundles are");
  }
  return bytes.substr(0, size);
}

absl::StatusOr<std::vector<Message>> ReadMessages(
    const google::protobuf::RepeatedPtrField<pb::Envelope>& envelopes) {
  if (envelopes.size() > kMaxMessages) {
    return ReasonError(ErrorReason::kMessageTooLarge,
                       "a bundle holds at most 4096 messages of a kind");
  }
  std::vector<Message> messages;
  for (const pb::Envelope& envelope : envelopes) {
    ASSIGN_OR_RETURN(Message message, ParseEnvelope(envelope));
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace

std::string FormatBundleContent(const BundleContent& content) {
  pb::Bundle bundle;
  *bundle.mutable_heads() = FormatExchangeRequest(content.heads);
  for (const Message& each : content.events) {
    *bundle.add_events() = FormatEnvelope(each);
  }
  for (const Message& each : content.receipts) {
    *bundle.add_receipts() = FormatEnvelope(each);
  }
  return bundle.SerializeAsString();
}

absl::StatusOr<BundleContent> ParseBundleContent(absl::string_view bytes) {
  pb::Bundle bundle;
  if (!bundle.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Damaged("does not hold what bundles hold");
  }
  BundleContent content;
  ASSIGN_OR_RETURN(content.heads, ParseExchange(bundle.heads()));
  ASSIGN_OR_RETURN(content.events, ReadMessages(bundle.events()));
  ASSIGN_OR_RETURN(content.receipts, ReadMessages(bundle.receipts()));
  return content;
}

absl::StatusOr<std::string> SealBundle(const BundleLabel& label,
                                       const BundleContent& content,
                                       absl::string_view receiver_key,
                                       RandomSource& random) {
  const std::string plain = Padded(FormatBundleContent(content));
  const std::string outside = FormatLabel(label, plain.size() + kHpkeOverhead);
  if (outside.size() + plain.size() + kHpkeOverhead > kMaxBundleSize) {
    return TooLarge();
  }
  ASSIGN_OR_RETURN(const std::string sealed,
                   HpkeSeal(receiver_key, kContext, outside, plain, random));
  return absl::StrCat(outside, sealed);
}

absl::StatusOr<BundleLabel> ParseBundleLabel(absl::string_view file) {
  if (!absl::StartsWith(file, kMagic)) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       "the file is no bundle of version 1: it does not begin "
                       "with \"comity-bundle@v1\"");
  }
  if (file.size() > kMaxBundleSize) return TooLarge();
  if (file.size() < kLabelSize) return Damaged("is cut off in its label");
  absl::string_view bytes = file.substr(kMagic.size());
  const auto sender = ParticipantCode::Create(TakePadded(bytes, kCodeSize));
  const auto receiver = ParticipantCode::Create(TakePadded(bytes, kCodeSize));
  if (!sender.ok() || !receiver.ok()) return Damaged("names no two parties");
  BundleLabel label{*sender, *receiver};
  label.sender_card = static_cast<uint32_t>(TakeBigEndian(bytes, 4));
  label.receiver_card = static_cast<uint32_t>(TakeBigEndian(bytes, 4));
  // More would not be a time.
  const uint64_t millis = TakeBigEndian(bytes, 8) & 0xffffffffffff;
  label.written_at = absl::FromUnixMillis(static_cast<int64_t>(millis));
  const uint64_t sealed = TakeBigEndian(bytes, 4);
  if (bytes.size() != sealed) {
    return Damaged(
        absl::StrCat(bytes.size() < sealed ? "is cut off: "
                                           : "has something after its end: ",
                     file.size(), " bytes in place of ", kLabelSize + sealed));
  }
  return label;
}

absl::StatusOr<BundleContent> OpenBundle(absl::string_view file,
                                         const SecretBytes& key) {
  RETURN_IF_ERROR(ParseBundleLabel(file).status());
  const auto plain = HpkeOpen(key, kContext, file.substr(0, kLabelSize),
                              file.substr(kLabelSize));
  if (!plain.ok()) {
    return Damaged(
        "was damaged on its way, or is sealed to a key that this node does "
        "not have");
  }
  ASSIGN_OR_RETURN(const absl::string_view content, Unpadded(*plain));
  return ParseBundleContent(content);
}

std::string SerializeMessages(const std::vector<Message>& messages) {
  pb::DeliverEventsResponse kept;
  for (const Message& each : messages) {
    *kept.add_receipts() = FormatEnvelope(each);
  }
  return kept.SerializeAsString();
}

absl::StatusOr<std::vector<Message>> ParseMessages(absl::string_view bytes) {
  pb::DeliverEventsResponse kept;
  if (!kept.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return ReasonError(ErrorReason::kIntegrityFailure,
                       "messages that were kept do not read");
  }
  return ReadMessages(kept.receipts());
}

}  // namespace comity
