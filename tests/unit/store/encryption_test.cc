#include <fstream>
#include <sstream>

#include "node/store/open_store.h"
#include "tests/support/permits.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

constexpr char kCanary[] = "CANARY-OF-A-PERSON";

std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

absl::Status WriteCanaries(Store& store, RandomSource& random) {
  return store.Transact([&](StoreTransaction& tx) -> absl::Status {
    NewCase made;
    made.facts.case_id = NewUuid(random);
    made.facts.owner = kCanary;
    made.facts.organisation = kCanary;
    made.facts.origin_countries = {kCanary};
    made.body = kCanary;
    made.terms = {{IndexKind::kLocalReference, kCanary},
                  {IndexKind::kFamilyName, kCanary}};
    RETURN_IF_ERROR(tx.InsertCase(made));
    const ParticipantCode ng = *ParticipantCode::Create("NG");
    ReferralRow referral{NewUuid(random), {ng, ng}, made.facts.case_id};
    RETURN_IF_ERROR(tx.InsertReferral(referral));
    EventRow event{ReferralEvent{NewUuid(random), referral.referral_id, ng}};
    event.openings = kCanary;
    RETURN_IF_ERROR(tx.InsertEvent(event, ReferralState::kSent));
    RETURN_IF_ERROR(tx.InsertLeaf("comity/NE", {0, "leaf", kCanary}));
    RETURN_IF_ERROR(
        tx.InsertSnapshot({"2018", 1, absl::UnixEpoch(), "x", kCanary}));
    RETURN_IF_ERROR(
        tx.InsertAnsweredCall(kCanary, NewUuid(random),
                              {std::string(kCanary) + std::string(14, 'x'),
                               kCanary, absl::UnixEpoch()}));
    return tx.PutTableAnswer("key", kCanary);
  });
}

// Law 11, its encryption half.
TEST(EncryptionTest, Law11NoFileOfTheStoreShowsPersonData) {
  TestDirectory directory;
  SystemRandom random;
  const std::string path = directory.Path("store.db");
  ASSERT_OK_AND_ASSIGN(
      auto store, OpenStore(path, SecretBytes(std::string(32, 'k')), random));
  ASSERT_OK(WriteCanaries(*store, random));
  size_t seen = 0;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string bytes = ReadBytes(path + suffix);
    seen += bytes.size();
    EXPECT_EQ(bytes.find(kCanary), std::string::npos) << suffix;
  }
  EXPECT_GT(seen, 10000u);
  store.reset();
  EXPECT_EQ(ReadBytes(path).find(kCanary), std::string::npos);
}

TEST(EncryptionTest, AnotherKeyDoesNotOpenTheStore) {
  TestDirectory directory;
  SystemRandom random;
  const std::string path = directory.Path("store.db");
  ASSERT_OK(OpenStore(path, SecretBytes(std::string(32, 'k')), random));
  EXPECT_THAT(OpenStore(path, SecretBytes(std::string(32, 'x')), random),
              FailsWith(ErrorReason::kIntegrityFailure));
}

}  // namespace
}  // namespace comity
