#include "node/store/store_copy.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "node/store/open_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

class StoreCopyTest : public testing::Test {
 protected:
  void SetUp() override { store_ = *OpenStore(path_, key_, random_); }

  absl::Status Put(Store& store, const std::string& name) {
    return store.Transact(
        [&](StoreTransaction& tx) { return tx.PutMeta(name, name); });
  }

  TestDirectory directory_;
  SystemRandom random_;
  const std::string path_ = directory_.Path("store.db");
  const SecretBytes key_{std::string(32, 'k')};
  std::unique_ptr<Store> store_;
};

TEST_F(StoreCopyTest, ACopyIsTheStoreAsOfItsInstant) {
  ASSERT_OK(Put(*store_, "before"));
  ASSERT_OK_AND_ASSIGN(const auto copy, StoreCopy::Make(path_));
  ASSERT_OK(Put(*store_, "after"));
  ASSERT_OK(CheckStore(copy->path()));
  ASSERT_OK_AND_ASSIGN(const auto copied,
                       OpenStore(copy->path(), key_, random_));
  EXPECT_EQ(*copied->ReadMeta("before"), "before");
  EXPECT_EQ(*copied->ReadMeta("after"), "");
  ASSERT_OK(copy->StillThere());
}

TEST_F(StoreCopyTest, AStoreThatNobodyServesIsCopiedToo) {
  ASSERT_OK(Put(*store_, "before"));
  store_.reset();
  ASSERT_OK_AND_ASSIGN(const auto copy, StoreCopy::Make(path_));
  EXPECT_EQ(*(*OpenStore(copy->path(), key_, random_))->ReadMeta("before"),
            "before");
}

TEST_F(StoreCopyTest, NobodyElseMayReadItAndItGoesAtTheEnd) {
  std::string path;
  {
    ASSERT_OK_AND_ASSIGN(const auto copy, StoreCopy::Make(path_));
    path = copy->path();
    struct stat info {};
    const std::string parent =
        std::filesystem::path(path).parent_path().string();
    ASSERT_EQ(stat(parent.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    EXPECT_THAT(StoreCopy::Make(path_), FailsWith(ErrorReason::kAlreadyExists));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_OK(StoreCopy::Make(path_));
}

TEST_F(StoreCopyTest, WhatADeadProcessLeftIsNoHindrance) {
  std::filesystem::create_directory(path_ + ".copy");
  std::ofstream(path_ + ".copy/store.db") << "half a copy";
  ASSERT_OK_AND_ASSIGN(const auto copy, StoreCopy::Make(path_));
  EXPECT_OK(CheckStore(copy->path()));
}

// Law 11: what a process that died had still to forget is forgotten when the
// store is opened; a copy that is made afterwards is not taken for its own.
TEST_F(StoreCopyTest, Law11WhatADeadProcessLeftIsForgottenAtTheStart) {
  store_.reset();
  std::filesystem::create_directory(path_ + ".copy");
  std::ofstream(path_ + ".copy/store.db") << "of before an erasure";
  store_ = *OpenStore(path_, key_, random_);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".copy"));
  EXPECT_FALSE(store_->MustForget());
}

// Law 11: the wrapped key of an erased person is in no file of the node.
TEST_F(StoreCopyTest, Law11AnErasureLeavesNoCopyBehind) {
  ASSERT_OK_AND_ASSIGN(const auto copy, StoreCopy::Make(path_));
  ASSERT_OK(store_->ForgetDeleted());
  EXPECT_FALSE(std::filesystem::exists(copy->path()));
  EXPECT_THAT(copy->StillThere(), FailsWith(ErrorReason::kStoreUnavailable));
}

TEST_F(StoreCopyTest, ADamagedPageIsFound) {
  ASSERT_OK(store_->Transact([](StoreTransaction& tx) -> absl::Status {
    for (int i = 0; i < 2000; ++i) {
      RETURN_IF_ERROR(tx.PutMeta(absl::StrCat(i), "value"));
    }
    return absl::OkStatus();
  }));
  store_.reset();
  ASSERT_OK(CheckStore(path_));
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 3 + 2);
    file << std::string(200, '\xee');
  }
  EXPECT_THAT(CheckStore(path_), FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(StoreCopyTest, AStoreThatIsNotThereIsSaid) {
  EXPECT_THAT(StoreCopy::Make(directory_.Path("none.db")),
              FailsWith(ErrorReason::kStoreUnavailable));
}

}  // namespace
}  // namespace comity
