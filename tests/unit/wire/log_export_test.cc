#include "node/wire/log_export.h"

#include <istream>
#include <sstream>
#include <streambuf>

#include "absl/strings/str_cat.h"
#include "node/crypto/merkle.h"
#include "node/crypto/random.h"
#include "node/wire/message_leaf.h"
#include "node/wire/own_leaf.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

class LogExportTest : public testing::Test {
 protected:
  std::string MessageTo(const ParticipantCode& receiver, int number) {
    return FormatMessageLeaf({MessageKind::kCaseQuestion,
                              absl::FromUnixMillis(1790000000000 + number), ng_,
                              receiver, NewUuid(random_), std::string(32, '\0'),
                              random_.Bytes(32)});
  }

  std::string FileOf(const std::string& origin,
                     const std::vector<std::string>& leaves) const {
    CompactRange range;
    for (const std::string& leaf : leaves) range.Append(LeafHash(leaf));
    std::string file = FormatLogExportHead(
        SignCheckpoint({origin, range.size(), range.Root()}, key_));
    for (const std::string& leaf : leaves) file += FormatLeafLine(leaf);
    return file;
  }

  // The only entry of a log.
  ProvedEntry ProvedIn(const std::string& origin, const std::string& leaf,
                       const std::string& opening) const {
    return {leaf, opening,
            FormatLogProof(
                {0, {}, SignCheckpoint({origin, 1, LeafHash(leaf)}, key_)})};
  }

  absl::StatusOr<LogExportSummary> Verify(const std::string& text) const {
    std::istringstream file(text);
    return VerifyLogExport(file, author_);
  }

  const ParticipantCode ng_ = *ParticipantCode::Create("NG");
  const ParticipantCode ne_ = *ParticipantCode::Create("NE");
  const ParticipantCode bj_ = *ParticipantCode::Create("BJ");
  const SigningKey key_ = SigningKey::Generate(KeyAlgorithm::kEd25519);
  LogAuthor author_{ng_, key_.public_key()};
  SystemRandom random_;
};

TEST_F(LogExportTest, AWholeLogVerifiesAtEverySize) {
  std::vector<std::string> leaves;
  for (int size = 1; size <= 20; ++size) {
    leaves.push_back(MessageTo(ne_, size));
    ASSERT_OK_AND_ASSIGN(const LogExportSummary summary,
                         Verify(FileOf("comity/NG/NE", leaves)));
    EXPECT_EQ(summary.checkpoint.size, static_cast<uint64_t>(size));
    EXPECT_EQ(summary.kinds.at("CASE_QUESTION"), static_cast<uint64_t>(size));
    EXPECT_EQ(summary.last, absl::FromUnixMillis(1790000000000 + size));
  }
}

TEST_F(LogExportTest, EveryChangedByteIsFound) {
  const std::string file =
      FileOf("comity/NG/NE",
             {MessageTo(ne_, 1), MessageTo(ne_, 2), MessageTo(ne_, 3)});
  ASSERT_OK(Verify(file).status());
  for (size_t at = 0; at < file.size(); ++at) {
    for (const int bit : {0x01, 0x02, 0x04, 0x20}) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ bit);
      EXPECT_FALSE(Verify(damaged).ok()) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST_F(LogExportTest, EveryCutAndEveryTailIsFound) {
  const std::string file =
      FileOf("comity/NG/NE", {MessageTo(ne_, 1), MessageTo(ne_, 2)});
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(Verify(file.substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(Verify(file + "\n"), FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_FALSE(Verify(file + file).ok());
}

TEST_F(LogExportTest, ALogOfAnotherParticipantOrKeyIsRefused) {
  EXPECT_FALSE(Verify(FileOf("comity/NE/NG", {MessageTo(ne_, 1)})).ok());
  EXPECT_FALSE(Verify(FileOf("comity/NGX/NE", {MessageTo(ne_, 1)})).ok());
  const std::string file = FileOf("comity/NG/NE", {MessageTo(ne_, 1)});
  const VerifyKey next =
      SigningKey::Generate(KeyAlgorithm::kEd25519).public_key();
  author_.log_keys = next;
  EXPECT_FALSE(Verify(file).ok());
  // What a key signed that another one replaced stays evidence.
  author_.log_keys = VerifyKeys(next, {key_.public_key()});
  EXPECT_OK(Verify(file));
}

TEST_F(LogExportTest, AHeadThatItsWitnessDidNotCosignIsRefused) {
  const std::string leaf = MessageTo(ne_, 1);
  const std::string note =
      SignCheckpoint({"comity/NG/NE", 1, LeafHash(leaf)}, key_);
  const SigningKey witness = SigningKey::Generate(KeyAlgorithm::kEd25519);
  const absl::Time at = absl::FromUnixSeconds(1790000000);
  const auto file_of = [&](const std::string& head) {
    return FormatLogExportHead(head) + FormatLeafLine(leaf);
  };
  const std::string cosigned =
      file_of(Cosign(note, "comity/NE/witness", at, witness));
  // Whoever asks for no witness reads it as any other file.
  ASSERT_OK_AND_ASSIGN(LogExportSummary summary, Verify(cosigned));
  EXPECT_FALSE(summary.cosigned.has_value());
  author_.witness = LogWitness{ne_, witness.public_key()};
  ASSERT_OK_AND_ASSIGN(summary, Verify(cosigned));
  EXPECT_EQ(summary.cosigned, at);
  EXPECT_FALSE(Verify(file_of(note)).ok());
  EXPECT_FALSE(
      Verify(file_of(Cosign(note, "comity/NE/witness", at, key_))).ok());
  EXPECT_FALSE(
      Verify(file_of(Cosign(note, "comity/BJ/witness", at, witness))).ok());
}

TEST_F(LogExportTest, AnEntryForAnotherPartnerIsNamedByItsLine) {
  const auto found =
      Verify(FileOf("comity/NG/NE", {MessageTo(ne_, 1), MessageTo(bj_, 2)}));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("line 9"));
}

TEST_F(LogExportTest, AnOpenedEntryTellsWhoActedAndAClosedOneDoesNot) {
  OwnEntry own;
  own.time = absl::FromUnixMillis(1790000000000);
  own.request_id = NewUuid(random_);
  own.actor = "amina.b";
  own.detail = "CASE_READ PERMIT";
  const SealedOwnEntry sealed = SealOwnEntry(own, random_);
  ProvedEntry entry = ProvedIn("comity/NG", sealed.leaf, "");
  ASSERT_OK_AND_ASSIGN(const EntryText closed,
                       VerifyProvedEntry(FormatProvedEntry(entry), author_));
  EXPECT_THAT(closed, testing::Not(testing::Contains(
                          testing::Pair(testing::_, HasSubstr("amina")))));
  entry.opening = sealed.opening;
  const std::string text = FormatProvedEntry(entry);
  ASSERT_OK_AND_ASSIGN(const EntryText opened,
                       VerifyProvedEntry(text, author_));
  EXPECT_THAT(opened, testing::Contains(testing::Pair("actor", "amina.b")));
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(VerifyProvedEntry(damaged, author_).ok()) << "byte " << at;
  }
}

// The second verifier refuses these too (tests/e2e/verifier/find_edits.mjs).
TEST_F(LogExportTest, AnOpeningThatNothingIsCheckedAgainstIsRefused) {
  OwnEntry own;
  own.time = absl::FromUnixMillis(1790000000000);
  own.actor = "amina.b";
  const SealedOwnEntry sealed = SealOwnEntry(own, random_);
  const ProvedEntry opened = ProvedIn("comity/NG", sealed.leaf, sealed.opening);
  ASSERT_OK(VerifyProvedEntry(FormatProvedEntry(opened), author_));
  ProvedEntry longer = opened;
  longer.opening += "and more";
  EXPECT_FALSE(VerifyProvedEntry(FormatProvedEntry(longer), author_).ok());
  EXPECT_FALSE(WithoutPerson(longer.opening).ok());

  const std::string leaf = MessageTo(ne_, 1);
  const ProvedEntry closed = ProvedIn("comity/NG/NE", leaf, "");
  ASSERT_OK(VerifyProvedEntry(FormatProvedEntry(closed), author_));
  const ProvedEntry filled = ProvedIn("comity/NG/NE", leaf, "anything");
  EXPECT_FALSE(VerifyProvedEntry(FormatProvedEntry(filled), author_).ok());
  // A closed entry has one spelling.
  std::string text = FormatProvedEntry(closed);
  text.insert(text.find("c2sp.org"), "opening \n");
  EXPECT_FALSE(VerifyProvedEntry(text, author_).ok());
}

TEST_F(LogExportTest, AnEntryOfAnotherLogIsRefusedAloneToo) {
  const ProvedEntry astray = ProvedIn("comity/NG/NE", MessageTo(bj_, 1), "");
  EXPECT_THAT(VerifyProvedEntry(FormatProvedEntry(astray), author_),
              FailsWith(ErrorReason::kEvidenceInvalid));
}

// Gives one letter as often as it is asked, and counts.
class EndlessLine : public std::streambuf {
 public:
  size_t given() const { return given_; }

 protected:
  int_type underflow() override {
    if (given_ >= kMost) return traits_type::eof();
    given_ += letters_.size();
    setg(letters_.data(), letters_.data(), letters_.data() + letters_.size());
    return traits_type::to_int_type(letters_[0]);
  }

 private:
  static constexpr size_t kMost = size_t{64} << 20;
  std::string letters_ = std::string(4096, 'A');
  size_t given_ = 0;
};

TEST_F(LogExportTest, Law12OfALineThatDoesNotEndLittleIsRead) {
  EndlessLine line;
  std::istream file(&line);
  EXPECT_THAT(VerifyLogExport(file, author_),
              FailsWith(ErrorReason::kEvidenceInvalid));
  EXPECT_LT(line.given(), size_t{1} << 20);
}

}  // namespace
}  // namespace comity
