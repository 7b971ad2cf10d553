#include "node/crypto/random.h"

#include <set>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// The bytes that it was given.
class GivenBytes : public RandomSource {
 public:
  explicit GivenBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string Bytes(size_t count) override { return bytes_.substr(0, count); }

 private:
  const std::string bytes_;
};

// The example of RFC 9562, A.6.
TEST(RandomTest, ATimedIdIsAsTheStandardSays) {
  GivenBytes random(
      std::string("\0\0\0\0\0\0\x0c\xc3\x18\xc4\xdc\x0c\x0c\x07\x39\x8f", 16));
  EXPECT_EQ(
      NewTimedUuid(absl::FromUnixMillis(1645557742000), random).ToString(),
      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(RandomTest, TimedIdsAreInTheOrderOfTheirTimeAndNeverTheSame) {
  SystemRandom random;
  const absl::Time start = absl::FromUnixMillis(1790000000255);
  Uuid before;
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = NewTimedUuid(start + absl::Milliseconds(i), random);
    EXPECT_LT(before.ToBytes(), id.ToBytes());
    before = id;
  }
  std::set<Uuid> at_once;
  for (int i = 0; i < 1000; ++i) at_once.insert(NewTimedUuid(start, random));
  EXPECT_EQ(at_once.size(), 1000u);
}

TEST(RandomTest, OtherIdsTellNothingOfTheirTime) {
  GivenBytes random(std::string(16, '\xff'));
  EXPECT_EQ(NewUuid(random).ToString(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

}  // namespace
}  // namespace comity
