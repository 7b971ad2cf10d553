#include "node/wire/revocation_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

class RevocationFileTest : public testing::Test {
 protected:
  static RevokedCertificates List(size_t entries) {
    RevokedCertificates list;
    list.sequence = 3;
    for (size_t i = 0; i < entries; ++i) {
      std::string fingerprint(32, '\xff');
      fingerprint[0] = static_cast<char>(i);
      list.entries[fingerprint] = {kNow, kNow + absl::Hours(24 * 90)};
    }
    return list;
  }
  absl::StatusOr<RevokedCertificates> Parse(const std::string& text) {
    return ParseRevocations(text, ng_, key_.public_key());
  }

  inline static const absl::Time kNow = absl::FromUnixSeconds(1790000000);
  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kP256);
};

TEST_F(RevocationFileTest, AListReadsAsItWasWritten) {
  const std::string text = FormatRevocations(ng_, List(2), key_);
  ASSERT_OK_AND_ASSIGN(const RevokedCertificates read, Parse(text));
  EXPECT_EQ(read.sequence, 3u);
  ASSERT_EQ(read.entries.size(), 2u);
  const std::string first = List(1).entries.begin()->first;
  EXPECT_TRUE(read.Holds(first));
  EXPECT_TRUE(read.Holds(first, kNow));
  EXPECT_FALSE(read.Holds(first, kNow - absl::Seconds(1)));
  EXPECT_FALSE(read.Holds(std::string(32, 'x')));
}

TEST_F(RevocationFileTest, EveryChangedByteIsFound) {
  const std::string text = FormatRevocations(ng_, List(2), key_);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(Parse(changed).ok()) << at;
    EXPECT_FALSE(Parse(text.substr(0, at)).ok()) << at;
  }
  EXPECT_FALSE(Parse(text + "\n").ok());
}

TEST_F(RevocationFileTest, OnlyTheIssuingCaOfThatParticipantSignsIt) {
  const SigningKey other = SigningKey::Generate(KeyAlgorithm::kP256);
  EXPECT_THAT(Parse(FormatRevocations(ng_, List(1), other)),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_THAT(
      Parse(FormatRevocations(*ParticipantCode::Create("NE"), List(1), key_)),
      FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(RevocationFileTest, AListHasOneSpelling) {
  const std::string text = FormatRevocations(ng_, List(1), key_);
  for (const auto& [old_text, new_text] :
       std::vector<std::pair<std::string, std::string>>{
           {"sequence: 3", "sequence: 03"},
           {"ff ", "FF "},
           {"Z\n", "Z \n"},
           {"participant: NG\n", "participant: NG\n\n"}}) {
    EXPECT_THAT(
        ReadRevocations(absl::StrReplaceAll(text, {{old_text, new_text}}), ng_),
        FailsWith(ErrorReason::kFieldInvalid))
        << new_text;
  }
  EXPECT_OK(ReadRevocations(text, ng_));
}

TEST_F(RevocationFileTest, AFullListFitsIntoWhatOneRequestCarries) {
  const std::string full = FormatRevocations(ng_, List(kMostRevoked), key_);
  EXPECT_LE(full.size(), size_t{8} * 1024);
  EXPECT_OK(Parse(full));
  EXPECT_THAT(Parse(FormatRevocations(ng_, List(kMostRevoked + 1), key_)),
              FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
