#include "node/domain/attachment.h"

#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(AttachmentFactsTest, TheFormatIsWhatTheContentBeginsWith) {
  EXPECT_EQ(MediaTypeOf("%PDF-1.7\n"), MediaType::kPdf);
  EXPECT_EQ(MediaTypeOf("\xff\xd8\xff\xe0"), MediaType::kJpeg);
  EXPECT_EQ(MediaTypeOf("\x89PNG\r\n\x1a\n...."), MediaType::kPng);
  for (const char* other : {"", "%PD", "PK\x03\x04", "<html>", "MZ"}) {
    EXPECT_EQ(MediaTypeOf(other), MediaType::kUnset) << other;
  }
}

TEST(AttachmentFactsTest, ChunksCoverAContentToItsLastByte) {
  EXPECT_EQ(ChunkCount(0), 0u);
  EXPECT_EQ(ChunkCount(1), 1u);
  EXPECT_EQ(ChunkCount(kChunkSize), 1u);
  EXPECT_EQ(ChunkCount(kChunkSize + 1), 2u);
  EXPECT_EQ(ChunkCount(kLargestAttachment), kMostChunks);
  EXPECT_EQ(BytesOfChunks(kChunkSize + 7, 0, 32), kChunkSize + 7);
  EXPECT_EQ(BytesOfChunks(kChunkSize + 7, 1, 1), 7u);
  EXPECT_EQ(BytesOfChunks(kChunkSize + 7, 2, 1), 0u);
  EXPECT_EQ(BytesOfChunks(kChunkSize + 7, UINT32_MAX, 32), 0u);
}

TEST(AttachmentFactsTest, WhatNamesHerIsOfHerIdentityToo) {
  AttachmentFacts facts;
  facts.group = FieldGroup::kMedical;
  EXPECT_EQ(facts.Groups(),
            FieldGroups({FieldGroup::kMedical, FieldGroup::kIdentity}));
  facts.names_person = false;
  EXPECT_EQ(facts.Groups(), FieldGroups({FieldGroup::kMedical}));
  EXPECT_TRUE(AlwaysNamesPerson(AttachmentKind::kPhoto));
  EXPECT_FALSE(AlwaysNamesPerson(AttachmentKind::kMedicalReport));
}

}  // namespace
}  // namespace comity
