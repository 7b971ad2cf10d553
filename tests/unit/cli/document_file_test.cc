#include "node/cli/document_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "node/crypto/hash.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class DocumentFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return content;
  }
  std::string Bytes(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }

  TestDirectory directory_;
  const std::string path_ = directory_.Path("her name.pdf");
};

TEST_F(DocumentFileTest, ItIsReadWholeInPiecesThatBeginAtAChunk) {
  std::string content = "%PDF-1.7\n";
  content.resize(2 * 32 * kChunkSize + 5, 'x');
  Write(content);
  auto file = DocumentFile::Open(path_);
  ASSERT_OK(file);
  EXPECT_EQ(file->media(), MediaType::kPdf);
  EXPECT_EQ(file->size(), content.size());
  std::string read;
  std::vector<uint32_t> firsts;
  const auto digest = file->Read([&](uint32_t first, std::string piece) {
    firsts.push_back(first);
    read += piece;
    return absl::OkStatus();
  });
  ASSERT_OK(digest);
  EXPECT_EQ(*digest, Sha256(content));
  EXPECT_EQ(read, content);
  EXPECT_THAT(firsts, testing::ElementsAre(0, 32, 64));
}

TEST_F(DocumentFileTest, WhatIsNoDocumentIsSaid) {
  EXPECT_THAT(DocumentFile::Open(path_), FailsWith(ErrorReason::kNotFound));
  Write("");
  EXPECT_THAT(DocumentFile::Open(path_), FailsWith(ErrorReason::kFieldInvalid));
  Write("PK, a text of an office");
  const auto other = DocumentFile::Open(path_);
  EXPECT_THAT(other, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(other.status().message()),
              testing::HasSubstr("no PDF, JPEG or PNG"));
  EXPECT_THAT(DocumentFile::Open(directory_.path()),
              FailsWith(ErrorReason::kFieldInvalid));
  Write("%PDF-");
  std::filesystem::resize_file(path_, kLargestAttachment);
  EXPECT_OK(DocumentFile::Open(path_));
  std::filesystem::resize_file(path_, kLargestAttachment + 1);
  EXPECT_THAT(DocumentFile::Open(path_),
              FailsWith(ErrorReason::kMessageTooLarge));
}

TEST_F(DocumentFileTest, AFileThatChangesWhileItIsReadIsRefused) {
  Write("%PDF-1.7 " + std::string(2 * 32 * kChunkSize, 'x'));
  for (const bool shorter : {false, true}) {
    auto file = DocumentFile::Open(path_);
    ASSERT_OK(file);
    EXPECT_THAT(file->Read([&](uint32_t, const std::string&) {
      if (shorter) {
        std::filesystem::resize_file(path_, 100);
      } else {
        std::ofstream(path_, std::ios::app) << "more";
      }
      return absl::OkStatus();
    }),
                FailsWith(ErrorReason::kFieldInvalid));
  }
}

TEST_F(DocumentFileTest, ItIsWrittenOnceAndForItsWriterAlone) {
  const std::string out = directory_.Path("out.pdf");
  const std::string content(kChunkSize + 3, 'x');
  const auto pieces = [&](uint32_t first) -> absl::StatusOr<DocumentPiece> {
    return DocumentPiece{content.substr(first * kChunkSize, kChunkSize),
                         content.size()};
  };
  ASSERT_OK(WriteDocument(out, pieces));
  EXPECT_EQ(Bytes(out), content);
  struct stat info {};
  ASSERT_EQ(stat(out.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_THAT(WriteDocument(out, pieces),
              FailsWith(ErrorReason::kAlreadyExists));
}

TEST_F(DocumentFileTest, WhatDoesNotComeWholeLeavesNoFile) {
  const std::string out = directory_.Path("out.pdf");
  EXPECT_THAT(
      WriteDocument(
          out,
          [](uint32_t first) -> absl::StatusOr<DocumentPiece> {
            if (first > 0) {
              return ReasonError(ErrorReason::kPeerUnreachable, "");
            }
            return DocumentPiece{std::string(kChunkSize, 'x'), 2 * kChunkSize};
          }),
      FailsWith(ErrorReason::kPeerUnreachable));
  EXPECT_THAT(WriteDocument(out,
                            [](uint32_t) -> absl::StatusOr<DocumentPiece> {
                              return DocumentPiece{"", 5};
                            }),
              FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

}  // namespace
}  // namespace comity
