#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "node/crypto/merkle.h"
#include "node/crypto/note.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Json = nlohmann::json;

Json ReadVectors(const std::string& name) {
  std::ifstream file(COMITY_SHARED_DIR "/vectors/merkle/" + name);
  return Json::parse(file);
}

std::string Base64(const Json& value) {
  std::string bytes;
  if (value.is_string()) {
    absl::Base64Unescape(value.get<std::string>(), &bytes);
  }
  return bytes;
}

std::vector<std::string> Proof(const Json& value) {
  std::vector<std::string> hashes;
  if (!value.is_array()) return hashes;
  for (const Json& hash : value) hashes.push_back(Base64(hash));
  return hashes;
}

TEST(MerkleVectors, InclusionCasesAgree) {
  int cases = 0;
  for (const Json& c : ReadVectors("inclusion.json")) {
    const absl::Status status = VerifyInclusion(
        Base64(c["leafHash"]), c["leafIdx"].get<uint64_t>(),
        c["treeSize"].get<uint64_t>(), Proof(c["proof"]), Base64(c["root"]));
    EXPECT_EQ(status.ok(), !c["wantErr"].get<bool>()) << c["_case"];
    ++cases;
  }
  EXPECT_EQ(cases, 98);
}

TEST(MerkleVectors, ConsistencyCasesAgree) {
  int cases = 0;
  for (const Json& c : ReadVectors("consistency.json")) {
    const absl::Status status = VerifyConsistency(
        c["size1"].get<uint64_t>(), c["size2"].get<uint64_t>(),
        Base64(c["root1"]), Base64(c["root2"]), Proof(c["proof"]));
    EXPECT_EQ(status.ok(), !c["wantErr"].get<bool>()) << c["_case"];
    ++cases;
  }
  EXPECT_EQ(cases, 98);
}

// Key type 0x04, the witness's cosignature, is not a plain note signature.
TEST(NoteVectors, SignedNotesAgree) {
  int cases = 0;
  for (const Json& c : ReadVectors("notes.json")) {
    const std::string vkey = c["vkey"];
    const std::string name = vkey.substr(0, vkey.find('+'));
    std::string typed;
    absl::Base64Unescape(vkey.substr(vkey.find('+', vkey.find('+') + 1) + 1),
                         &typed);
    if (typed[0] != 0x01) continue;
    ++cases;
    ASSERT_OK_AND_ASSIGN(VerifyKey key,
                         VerifyKey::FromEd25519(typed.substr(1)));
    EXPECT_EQ(VerifierKeyText(name, key), vkey);
    const std::string note = c["note"];
    EXPECT_EQ(OpenNote(note, name, key).ok(), c["valid"].get<bool>())
        << c["name"];
  }
  EXPECT_EQ(cases, 3);
}

TEST(NoteVectors, CosignaturesAgree) {
  int cases = 0;
  for (const Json& c : ReadVectors("notes.json")) {
    const std::string vkey = c["vkey"];
    const std::string name = vkey.substr(0, vkey.find('+'));
    std::string typed;
    absl::Base64Unescape(vkey.substr(vkey.find('+', vkey.find('+') + 1) + 1),
                         &typed);
    if (typed[0] != 0x04) continue;
    ++cases;
    ASSERT_OK_AND_ASSIGN(VerifyKey key,
                         VerifyKey::FromEd25519(typed.substr(1)));
    const std::string note = c["note"];
    const auto at = CosignedAt(note, name, key);
    EXPECT_EQ(at.ok() && at->has_value(), c["valid"].get<bool>()) << c["name"];
  }
  EXPECT_EQ(cases, 2);
}

}  // namespace
}  // namespace comity
