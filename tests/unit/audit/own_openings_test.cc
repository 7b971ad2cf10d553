#include "node/audit/own_openings.h"

#include "node/audit/own_log.h"
#include "node/store/open_store.h"
#include "node/store/sqlite/database.h"
#include "node/wire/message_leaf.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::HasSubstr;

// An own log of three entries, and somebody who can write to the store.
class OwnOpeningsTest : public testing::Test {
 protected:
  OwnOpeningsTest()
      : store_(*OpenStore(path_, SecretBytes(std::string(32, 'k')), random_)),
        writer_(*store_, signer_, clock_),
        editor_(*SqliteDatabase::Open(path_, false)) {
    for (int i = 0; i < 3; ++i) {
      OwnEntry entry;
      entry.time = clock_.Now();
      entry.actor = "ORG/coord";
      entry.about = {subject_};
      EXPECT_OK(writer_.Commit([&](CommitScope& scope) {
        return AppendOwn(self_, entry, random_, scope).status();
      }));
    }
  }

  absl::Status Check() { return CheckOwnOpenings(*store_, self_); }

  const ParticipantCode self_ = *ParticipantCode::Create("NE");
  TestDirectory directory_;
  const std::string path_ = directory_.Path("s.db");
  SystemRandom random_;
  const Uuid subject_ = NewUuid(random_);
  FakeClock clock_{absl::FromUnixSeconds(1790000000)};
  LogSigner signer_{SigningKey::Generate(KeyAlgorithm::kEd25519)};
  std::unique_ptr<Store> store_;
  CommitWriter writer_;
  std::unique_ptr<SqliteDatabase> editor_;
};

TEST_F(OwnOpeningsTest, AnErasureLeavesOpeningsThatFit) {
  EXPECT_OK(Check());
  ASSERT_OK(store_->Transact([&](StoreTransaction& tx) {
    return tx
        .ForgetSubjects(
            OwnLogOrigin(self_), {subject_},
            [](absl::string_view opening) { return WithoutPerson(opening); })
        .status();
  }));
  EXPECT_OK(Check());
}

TEST_F(OwnOpeningsTest, AnOpeningThatIsGoneIsFound) {
  ASSERT_OK(editor_->Execute(
      "UPDATE log_leaves SET sealed_opening = x'' WHERE leaf_index = 1"));
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(std::string(Check().message()), HasSubstr("entry 1"));
}

TEST_F(OwnOpeningsTest, AnOpeningOfAnotherEntryIsFound) {
  ASSERT_OK(editor_->Execute(
      "UPDATE log_leaves SET sealed_opening = (SELECT sealed_opening FROM "
      "log_leaves WHERE leaf_index = 0) WHERE leaf_index = 2"));
  EXPECT_THAT(Check(), FailsWith(ErrorReason::kIntegrityFailure));
  EXPECT_THAT(std::string(Check().message()), HasSubstr("entry 2"));
}

}  // namespace
}  // namespace comity
