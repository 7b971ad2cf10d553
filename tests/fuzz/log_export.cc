#include "node/wire/log_export.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/base/base64.h"
#include "node/crypto/merkle.h"

namespace {

struct Author {
  comity::SigningKey key =
      comity::SigningKey::Generate(comity::KeyAlgorithm::kEd25519);
  comity::LogAuthor author{*comity::ParticipantCode::Create("A1"),
                           key.public_key()};
};

absl::StatusOr<comity::LogExportSummary> Verify(const std::string& text,
                                                const Author& by) {
  std::istringstream file(text);
  return comity::VerifyLogExport(file, by.author);
}

// A whole log of the lines, signed by its author: what only the author can
// make, and anybody may get to read.
void VerifySigned(absl::string_view lines, const std::string& origin,
                  const Author& by) {
  comity::CompactRange range;
  std::string entries;
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(lines, "\n"), '\n')) {
    std::string leaf;
    if (!comity::DecodeBase64(line, &leaf)) continue;
    range.Append(comity::LeafHash(leaf));
    entries += comity::FormatLeafLine(leaf);
  }
  const std::string head = comity::FormatLogExportHead(
      comity::SignCheckpoint({origin, range.size(), range.Root()}, by.key));
  const auto summary = Verify(absl::StrCat(head, lines), by);
  if (!summary.ok()) return;
  // One spelling for all entries, each of a known kind, and nothing more.
  uint64_t counted = 0;
  for (const auto& [kind, count] : summary->kinds) counted += count;
  if (entries != lines || counted != range.size() ||
      Verify(absl::StrCat(head, lines, "x"), by).ok()) {
    __builtin_trap();
  }
}

// One entry, and what it is said to open to.
void VerifyEntry(absl::string_view bytes, size_t leaf_size,
                 const std::string& origin, const Author& by) {
  if (bytes.size() < leaf_size) return;
  comity::ProvedEntry entry{std::string(bytes.substr(0, leaf_size)),
                            std::string(bytes.substr(leaf_size)), ""};
  entry.proof = comity::FormatLogProof(
      {0,
       {},
       comity::SignCheckpoint({origin, 1, comity::LeafHash(entry.leaf)},
                              by.key)});
  const std::string text = comity::FormatProvedEntry(entry);
  if (!comity::VerifyProvedEntry(text, by.author).ok()) return;
  if (comity::VerifyProvedEntry(text + "\n", by.author).ok()) {
    __builtin_trap();
  }
}

}  // namespace

// Files that an auditor got from somebody, and what they may hold if their
// author signed whatever he liked.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const auto* by = new Author();
  // Nobody signed these with this key.
  if (Verify(std::string(bytes), *by).ok() ||
      comity::VerifyProvedEntry(bytes, by->author).ok()) {
    __builtin_trap();
  }
  VerifySigned(bytes, "comity/A1/B1", *by);
  VerifySigned(bytes, "comity/A1", *by);
  VerifyEntry(bytes, 122, "comity/A1/B1", *by);
  VerifyEntry(bytes, 266, "comity/A1", *by);
  return 0;
}
