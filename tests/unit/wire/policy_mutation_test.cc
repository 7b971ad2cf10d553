#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "node/policy/judge.h"
#include "node/wire/policy_file.h"
#include "tests/support/encoded_case.h"
#include "tests/support/flat_form.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// The policy files that come with the project, by path.
std::vector<std::string> ReadyFiles() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           COMITY_SOURCE_DIR "/policy")) {
    if (entry.path().extension() != ".textproto") continue;
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    // Files of test cases lie beside the policies.
    if (LoadPolicyFile("f", text.str()).body.has_value()) {
      paths.push_back(text.str());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Damages a text the way a slip of the hand, a bad merge or a bad disk would.
class Mutator {
 public:
  Mutator(const std::vector<std::string>& files, uint64_t seed)
      : files_(files), random_(seed) {
    for (const std::string& file : files_) {
      for (std::string& token : Tokens(file)) tokens_.push_back(token);
    }
  }

  std::string Next() {
    std::string text = files_[Below(files_.size())];
    for (size_t left = 1 + Below(3); left > 0; --left) Damage(text);
    return text;
  }
  std::string Bytes(size_t length) {
    std::string bytes(Below(length), '\0');
    for (char& byte : bytes) byte = static_cast<char>(Below(256));
    return bytes;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }

  // Words, numbers, texts and single signs, with the spaces behind them.
  static std::vector<std::string> Tokens(const std::string& text) {
    std::vector<std::string> tokens;
    for (size_t i = 0; i < text.size();) {
      size_t end = i + 1;
      const auto word = [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '_';
      };
      const auto at = [&](size_t place) {
        return static_cast<unsigned char>(text[place]);
      };
      if (text[i] == '"') {
        end = std::min(text.find('"', i + 1), text.size() - 1) + 1;
      } else if (word(at(i))) {
        while (end < text.size() && word(at(end))) ++end;
      }
      while (end < text.size() && absl::ascii_isspace(at(end))) ++end;
      tokens.push_back(text.substr(i, end - i));
      i = end;
    }
    return tokens;
  }

  void Damage(std::string& text) {
    if (text.empty()) return;
    switch (Below(4)) {
      case 0:
        return DamageByte(text);
      case 1:
        return DamageLine(text);
      default:
        return DamageToken(text);
    }
  }
  void DamageByte(std::string& text) {
    const size_t at = Below(text.size());
    switch (Below(4)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ 1 << Below(8));
        return;
      case 1:
        text.insert(at, 1, static_cast<char>(Below(256)));
        return;
      case 2:
        text.erase(at, 1);
        return;
      default:
        text.resize(at);
        return;
    }
  }
  void DamageLine(std::string& text) {
    std::vector<std::string> lines = absl::StrSplit(text, '\n');
    const size_t at = Below(lines.size());
    const size_t other = Below(lines.size());
    switch (Below(3)) {
      case 0:
        lines.erase(lines.begin() + static_cast<ptrdiff_t>(at));
        break;
      case 1:
        lines.insert(lines.begin() + static_cast<ptrdiff_t>(at), lines[other]);
        break;
      default:
        std::swap(lines[at], lines[other]);
    }
    text = absl::StrJoin(lines, "\n");
  }
  void DamageToken(std::string& text) {
    std::vector<std::string> tokens = Tokens(text);
    std::string& token = tokens[Below(tokens.size())];
    switch (Below(4)) {
      case 0:
        std::swap(token, tokens[Below(tokens.size())]);
        break;
      case 1:
        token = tokens_[Below(tokens_.size())];
        break;
      case 2:
        token.clear();
        break;
      default:
        for (std::string& each : tokens) {
          if (absl::ascii_isdigit(static_cast<unsigned char>(each[0])) &&
              Below(3) == 0) {
            each = absl::StrCat(Below(2) == 0 ? Below(40) : random_());
          }
        }
    }
    text = absl::StrJoin(tokens, "");
  }

  const std::vector<std::string>& files_;
  std::mt19937_64 random_;
  std::vector<std::string> tokens_;
};

void ExpectSanePlaces(const std::string& text, const PolicyFileResult& result) {
  ASSERT_FALSE(result.findings.empty()) << text;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (const PolicyFinding& finding : result.findings) {
    ASSERT_FALSE(finding.message.empty()) << text;
    ASSERT_GE(finding.line, 0) << finding.ToString();
    ASSERT_LE(static_cast<size_t>(finding.line), lines.size())
        << finding.ToString() << "\n"
        << text;
    if (finding.line == 0) continue;
    ASSERT_GE(finding.column, 1) << finding.ToString();
    // A tab counts as up to eight columns.
    const std::string& line = lines[static_cast<size_t>(finding.line) - 1];
    ASSERT_LE(
        static_cast<size_t>(finding.column),
        line.size() + 1 +
            8 * static_cast<size_t>(std::count(line.begin(), line.end(), '\t')))
        << finding.ToString() << "\n"
        << text;
  }
}

// The set in force if `damaged` took the place of its kind among `files`.
PolicySet SetWith(const PolicyFileBody& damaged,
                  const std::vector<PolicyFileBody>& files) {
  PolicySet set;
  for (const PolicyFileBody& file : files) {
    const bool other_agreement =
        file.kind() == "agreement" && damaged.kind() != "agreement";
    if (other_agreement)
      set.agreements.push_back(std::get<Agreement>(file.body));
    if (file.kind() == "national" && damaged.kind() != "national") {
      set.national = std::get<NationalRules>(file.body);
    }
  }
  if (damaged.kind() == "agreement") {
    set.agreements.push_back(std::get<Agreement>(damaged.body));
  } else if (damaged.kind() == "national") {
    set.national = std::get<NationalRules>(damaged.body);
  }
  return set;
}

// 20,000 by default; COMITY_MUTATIONS says how many (tests/run.sh --full: a
// million), COMITY_SEED another sequence.
uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

TEST(PolicyMutationTest, ADamagedFileIsRefusedAtAPlaceOrMeansWhatItSays) {
  const std::vector<std::string> texts = ReadyFiles();
  ASSERT_GE(texts.size(), 7u);
  std::vector<PolicyFileBody> files;
  for (const std::string& text : texts) {
    files.push_back(*LoadPolicyFile("f", text).body);
  }
  Mutator mutator(texts, FromEnvironment("COMITY_SEED", 1));
  const uint64_t count = FromEnvironment("COMITY_MUTATIONS", 20000);
  uint64_t loaded = 0;
  for (uint64_t i = 0; i < count && !HasFailure(); ++i) {
    const std::string text = mutator.Next();
    const PolicyFileResult result = LoadPolicyFile("f", text);
    if (!result.body.has_value()) {
      ExpectSanePlaces(text, result);
      continue;
    }
    ++loaded;
    ASSERT_TRUE(result.findings.empty());
    const PolicyFileResult again =
        LoadPolicyFile("g", PrintFlatForm(result.body->flat_form));
    ASSERT_TRUE(again.body.has_value()) << text;
    ASSERT_EQ(again.body->digest, result.body->digest) << text;
    const CompiledPolicy policy(SetWith(*result.body, files));
    for (int j = 0; j < 4; ++j) {
      const std::string difference = DifferenceOn(policy, mutator.Bytes(60));
      ASSERT_EQ(difference, "") << text;
    }
  }
  EXPECT_GT(loaded, count / 20);
  EXPECT_LT(loaded, count / 2);
}

// Property 10 of policy.md 2.7.
TEST(PolicyMutationTest, P10TheFlatFormReadsBackToTheSameDigest) {
  for (const std::string& text : ReadyFiles()) {
    const PolicyFileBody body = *LoadPolicyFile("f", text).body;
    const std::string printed = PrintFlatForm(body.flat_form);
    const PolicyFileResult again = LoadPolicyFile("g", printed);
    ASSERT_TRUE(again.body.has_value())
        << printed << again.findings[0].ToString();
    EXPECT_EQ(again.body->digest, body.digest);
    EXPECT_EQ(again.body->flat_form, body.flat_form);
  }
}

// What the mutations ask must not be refused throughout.
TEST(PolicyMutationTest, CasesOfReadyFilesArePermittedOftenEnough) {
  std::vector<PolicyFileBody> files;
  const std::vector<std::string> texts = ReadyFiles();
  for (const std::string& text : texts) {
    files.push_back(*LoadPolicyFile("f", text).body);
  }
  Mutator mutator(texts, 3);
  int permits = 0;
  for (int i = 0; i < 2000; ++i) {
    const PolicyFileBody& body = files[static_cast<size_t>(i) % files.size()];
    const CompiledPolicy policy(SetWith(body, files));
    const RandomCase one = DecodeCase(policy, mutator.Bytes(60));
    const Decision decision = Judge(policy, one.request, one.record, one.state);
    permits += decision.outcome == Outcome::kPermit ? 1 : 0;
  }
  EXPECT_GT(permits, 200);
  EXPECT_LT(permits, 1400);
}

}  // namespace
}  // namespace comity
