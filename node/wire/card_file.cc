#include "node/wire/card_file.h"

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/base/error_reason.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/crypto/hpke.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

constexpr const char* kFirstLine = "comity participant card v1";
constexpr size_t kMaxCardSize = size_t{64} * 1024;
constexpr const char* kPemHead = "-----BEGIN CERTIFICATE-----\n";
constexpr const char* kPemTail = "-----END CERTIFICATE-----\n";
constexpr size_t kPemLine = 64;

absl::Status Invalid(absl::string_view what) {
  return ReasonError(ErrorReason::kFieldInvalid,
                     absl::StrCat("the participant card ", what));
}

// Empty without keys.
std::string PastKeysLine(absl::string_view name,
                         const std::vector<VerifyKey>& keys) {
  if (keys.empty()) return "";
  return absl::StrCat(
      "\n", name, ": ",
      absl::StrJoin(keys, " ", [](std::string* out, const VerifyKey& key) {
        absl::StrAppend(out, absl::Base64Escape(key.Ed25519Bytes()));
      }));
}

// The DER form in base64, on one line: what PEM has between its marks.
std::string DerText(const Certificate& certificate) {
  std::string pem = certificate.ToPem();
  absl::string_view text = pem;
  absl::ConsumePrefix(&text, kPemHead);
  absl::ConsumeSuffix(&text, kPemTail);
  return absl::StrReplaceAll(text, {{"\n", ""}});
}

absl::StatusOr<Certificate> CertificateOfDer(absl::string_view text) {
  std::string pem = kPemHead;
  for (size_t at = 0; at < text.size(); at += kPemLine) {
    absl::StrAppend(&pem, text.substr(at, kPemLine), "\n");
  }
  return Certificate::FromPem(pem + kPemTail);
}

// What the key of a root signs that another one follows.
std::string Succession(const ParticipantCode& code, const Certificate& next) {
  return absl::StrCat("comity root succession v1\ncode: ", code.text(),
                      "\nroot: ", DerText(next), "\n");
}

// Empty without a root before.
std::string PastRootLines(const std::optional<PastRoot>& past) {
  if (!past.has_value()) return "";
  return absl::StrCat(
      "\npast-root: ", DerText(past->root),
      "\npast-root-signature: ", absl::Base64Escape(past->signature));
}

std::string Body(const ParticipantCard& card) {
  return absl::StrCat(
      kFirstLine, "\ncode: ", card.code.text(), "\nname: ", card.name,
      "\nkind: ", card.commission ? "commission" : "state",
      "\nserial: ", card.serial,
      "\nendpoints: ", absl::StrJoin(card.endpoints, " "),
      "\nroot: ", absl::Base64Escape(card.root.ToPem()),
      "\nissuing: ", absl::Base64Escape(card.issuing.ToPem()),
      "\nlog-key: ", absl::Base64Escape(card.log_key.Ed25519Bytes()),
      "\nwitness-key: ", absl::Base64Escape(card.witness_key.Ed25519Bytes()),
      card.bundle_key.empty() ? "" : "\nbundle-key: ",
      absl::Base64Escape(card.bundle_key),
      PastKeysLine("past-log-keys", card.past_log_keys),
      PastKeysLine("past-witness-keys", card.past_witness_keys),
      PastRootLines(card.past_root), "\n");
}

absl::StatusOr<std::string> Decoded(absl::string_view text) {
  std::string bytes;
  if (!DecodeBase64(text, &bytes)) return Invalid("has a broken value");
  return bytes;
}

absl::StatusOr<Certificate> DecodedCertificate(absl::string_view text) {
  ASSIGN_OR_RETURN(const std::string pem, Decoded(text));
  return Certificate::FromPem(pem);
}

absl::StatusOr<VerifyKey> DecodedKey(absl::string_view text) {
  ASSIGN_OR_RETURN(const std::string raw, Decoded(text));
  return VerifyKey::FromEd25519(raw);
}

absl::StatusOr<std::string> DecodedBundleKey(absl::string_view text) {
  ASSIGN_OR_RETURN(std::string raw, Decoded(text));
  if (raw.size() != kHpkeKeySize) return Invalid("has a broken bundle key");
  return raw;
}

absl::StatusOr<std::vector<VerifyKey>> DecodedPastKeys(absl::string_view text) {
  std::vector<VerifyKey> keys;
  if (text.empty()) return keys;
  for (const absl::string_view each : absl::StrSplit(text, ' ')) {
    ASSIGN_OR_RETURN(VerifyKey key, DecodedKey(each));
    keys.push_back(std::move(key));
  }
  if (keys.size() > kMostPastKeys) return Invalid("names too many past keys");
  return keys;
}

// None if both lines were left out.
absl::StatusOr<std::optional<PastRoot>> DecodedPastRoot(
    absl::string_view root_line, absl::string_view signature_line,
    const ParticipantCode& code, const Certificate& root) {
  if (root_line.empty() && signature_line.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(Certificate past, CertificateOfDer(root_line));
  ASSIGN_OR_RETURN(std::string signature, Decoded(signature_line));
  if (past.public_key() == root.public_key()) {
    return Invalid("names its root as the root before");
  }
  if (!past.public_key().Verify(Succession(code, root), signature).ok()) {
    return Invalid("has another root, and the one before did not sign that");
  }
  return PastRoot{std::move(past), std::move(signature)};
}

// The values of a card's lines; those that may be left out are empty then.
absl::StatusOr<std::vector<absl::string_view>> LinesOf(absl::string_view text) {
  static constexpr std::array kKeys = {"code",          "name",
                                       "kind",          "serial",
                                       "endpoints",     "root",
                                       "issuing",       "log-key",
                                       "witness-key",   "bundle-key",
                                       "past-log-keys", "past-witness-keys",
                                       "past-root",     "past-root-signature",
                                       "signature"};
  static constexpr std::array kMayBeLeftOut = {
      "bundle-key: ", "past-log-keys: ", "past-witness-keys: ", "past-root: ",
      "past-root-signature: "};
  std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
  // The first line and nine others are always there.
  size_t place = 10;
  for (const char* name : kMayBeLeftOut) {
    if (place >= lines.size()) break;
    const auto at = lines.begin() + static_cast<std::ptrdiff_t>(place++);
    if (!absl::StartsWith(*at, name)) lines.insert(at, name);
  }
  if (lines.size() != kKeys.size() + 1 || lines[0] != kFirstLine) {
    return Invalid("does not have the lines of version 1");
  }
  for (size_t i = 0; i < kKeys.size(); ++i) {
    if (!absl::ConsumePrefix(&lines[i + 1], absl::StrCat(kKeys[i], ": "))) {
      return Invalid(absl::StrCat("lacks \"", kKeys[i], "\" on line ", i + 2));
    }
  }
  return lines;
}

}  // namespace

std::string FormatCard(const ParticipantCard& card,
                       const SigningKey& root_key) {
  const std::string body = Body(card);
  return absl::StrCat(
      body, "signature: ", absl::Base64Escape(root_key.Sign(body)), "\n");
}

PastRoot SignSuccession(const ParticipantCode& code, const Certificate& next,
                        const Certificate& past, const SigningKey& past_key) {
  return {past, past_key.Sign(Succession(code, next))};
}

absl::StatusOr<ParticipantCard> ParseCard(absl::string_view text) {
  if (text.size() > kMaxCardSize || FindBadText(text).line != 0) {
    return Invalid("is not a plain text of at most 64 KiB");
  }
  ASSIGN_OR_RETURN(const std::vector<absl::string_view> lines, LinesOf(text));
  uint32_t serial = 0;
  if (!absl::SimpleAtoi(lines[4], &serial)) return Invalid("has no serial");
  if (lines[3] != "state" && lines[3] != "commission") {
    return Invalid("names no kind");
  }
  ASSIGN_OR_RETURN(ParticipantCode code, ParticipantCode::Create(lines[1]));
  ASSIGN_OR_RETURN(Certificate root, DecodedCertificate(lines[6]));
  ASSIGN_OR_RETURN(Certificate issuing, DecodedCertificate(lines[7]));
  ASSIGN_OR_RETURN(VerifyKey log_key, DecodedKey(lines[8]));
  ASSIGN_OR_RETURN(VerifyKey witness_key, DecodedKey(lines[9]));
  std::string bundle_key;
  if (!lines[10].empty()) {
    ASSIGN_OR_RETURN(bundle_key, DecodedBundleKey(lines[10]));
  }
  ASSIGN_OR_RETURN(std::vector<VerifyKey> log_keys, DecodedPastKeys(lines[11]));
  ASSIGN_OR_RETURN(std::vector<VerifyKey> witness_keys,
                   DecodedPastKeys(lines[12]));
  ASSIGN_OR_RETURN(std::optional<PastRoot> past_root,
                   DecodedPastRoot(lines[13], lines[14], code, root));
  ASSIGN_OR_RETURN(const std::string signature, Decoded(lines[15]));
  ParticipantCard card{std::move(code),
                       std::string(lines[2]),
                       lines[3] == "commission",
                       serial,
                       absl::StrSplit(lines[5], ' ', absl::SkipEmpty()),
                       std::move(root),
                       std::move(issuing),
                       std::move(log_key),
                       std::move(witness_key),
                       std::move(bundle_key),
                       std::move(log_keys),
                       std::move(witness_keys),
                       std::move(past_root)};
  const std::string body = Body(card);
  if (absl::StripSuffix(text, "\n") !=
          absl::StrCat(body, "signature: ", lines[15]) ||
      !card.root.public_key().Verify(body, signature).ok()) {
    return Invalid("is not signed by the root that it names");
  }
  return card;
}

std::string CardFingerprint(absl::string_view text) {
  const std::string hex = absl::BytesToHexString(Sha256(text));
  std::vector<std::string> groups;
  for (size_t at = 0; at < hex.size(); at += 8) {
    groups.push_back(hex.substr(at, 8));
  }
  return absl::StrJoin(groups, "-");
}

absl::Status CheckSuccessor(const ParticipantCard& pinned,
                            const ParticipantCard& next) {
  if (pinned.code != next.code) return Invalid("is of another participant");
  const std::string root = pinned.root.Fingerprint();
  if (next.root.Fingerprint() != root &&
      (!next.past_root.has_value() ||
       next.past_root->root.Fingerprint() != root)) {
    return Invalid(
        "has another root, and the one in force did not sign that; remove the "
        "partner and compare fingerprints anew");
  }
  if (next.serial <= pinned.serial) {
    return Invalid("is not newer than the one in force");
  }
  return absl::OkStatus();
}

}  // namespace comity
