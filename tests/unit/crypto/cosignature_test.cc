#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "node/crypto/hash.h"
#include "node/crypto/note.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::Eq;
using testing::Optional;

class CosignatureTest : public testing::Test {
 protected:
  const SigningKey log_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const SigningKey witness_key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const absl::Time at_ = absl::FromUnixSeconds(1790000000);
  const std::string note_ =
      SignCheckpoint({"comity/NG/NE", 7, Sha256("root")}, log_key_);
  const std::string cosigned_ =
      Cosign(note_, "comity/NE/witness", at_, witness_key_);

  auto ReadFrom(const std::string& note) const {
    return CosignedAt(note, "comity/NE/witness", witness_key_.public_key());
  }
};

TEST_F(CosignatureTest, ItSaysWhenAndLeavesTheCheckpointAsItWas) {
  ASSERT_OK_AND_ASSIGN(const auto at, ReadFrom(cosigned_));
  EXPECT_THAT(at, Optional(Eq(at_)));
  ASSERT_OK_AND_ASSIGN(
      const Checkpoint checkpoint,
      OpenCheckpoint(cosigned_, "comity/NG/NE", log_key_.public_key()));
  EXPECT_EQ(checkpoint.size, 7u);
}

TEST_F(CosignatureTest, WhoDidNotCosignIsNotSaidToHave) {
  ASSERT_OK_AND_ASSIGN(const auto none, ReadFrom(note_));
  EXPECT_FALSE(none.has_value());
  ASSERT_OK_AND_ASSIGN(
      const auto other,
      CosignedAt(cosigned_, "comity/TG/witness", witness_key_.public_key()));
  EXPECT_FALSE(other.has_value());
  ASSERT_OK_AND_ASSIGN(
      const auto key,
      CosignedAt(cosigned_, "comity/NE/witness", log_key_.public_key()));
  EXPECT_FALSE(key.has_value());
}

TEST_F(CosignatureTest, ItIsGoodForItsHeadAlone) {
  const std::string line = cosigned_.substr(note_.size());
  const std::string other =
      SignCheckpoint({"comity/NG/NE", 8, Sha256("root")}, log_key_);
  EXPECT_THAT(ReadFrom(absl::StrCat(other, line)),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

TEST_F(CosignatureTest, ALineOfALogsKeyIsNoCosignature) {
  const std::string witnessed =
      SignCheckpoint({"comity/NE/witness", 7, Sha256("root")}, witness_key_);
  ASSERT_OK_AND_ASSIGN(const auto none, ReadFrom(witnessed));
  EXPECT_FALSE(none.has_value());
}

}  // namespace
}  // namespace comity
