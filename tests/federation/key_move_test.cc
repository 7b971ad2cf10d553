#include <dlfcn.h>

#include "absl/strings/match.h"
#include "node/cli/node_keys.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/load_border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
constexpr const char* kModule = COMITY_BINARY_DIR "/lib/fake_token.so";

// Niger's node, which serves with its log key in a file and finds the PIN of a
// token (tests/token/fake_token.cc).
class KeyMoveTest : public LoadBorderTest {
 protected:
  void SetUp() override {
    void* token = dlopen(kModule, RTLD_NOW);
    ASSERT_NE(token, nullptr) << dlerror();
    reinterpret_cast<void (*)()>(dlsym(token, "FakeTokenForget"))();
    ASSERT_OK(WritePrivateFile(pin_, "4321\n"));
    Open({{"max_per_day: 200", "max_per_day: 100000"}});
    ne_.Stop();
    ASSERT_OK(ChangeConfig(
        ne_, [&](NodeConfig& config) { config.token_pin_file = pin_; }));
    ASSERT_OK(ne_.Start(clock_));
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    ASSERT_TRUE(Answers());
  }

  // Niger's log proves an answer to Nigeria.
  bool Answers() { return OutcomeOnceReached("coord", draft_) == "RELEASED"; }
  bool IsInToken() const {
    return absl::StrContains(*ReadPublicFile(layout_.LogKey()),
                             "token: comity");
  }
  // Replaces the log key, from its first signature to the end of the one
  // before.
  void MoveTo(const KeyTarget& target) {
    ASSERT_OK_AND_ASSIGN(const RotatedKey rotated,
                         RotateKey(ne_.directory(), ne_.directory() + "-root",
                                   OwnKey::kLog, target));
    ne_.Tick();
    EXPECT_TRUE(Answers());
    for (int second = 0; second <= 20; ++second) {
      clock_.Advance(absl::Seconds(1));
      ne_.Tick();
    }
    ASSERT_TRUE(Await([&] { return HasPinned(ng_, rotated.fingerprint); }));
    ASSERT_OK(EndKeyBefore(ne_.directory(), OwnKey::kLog));
    ne_.Tick();
    EXPECT_TRUE(Answers());
  }

  TestDirectory place_;
  const std::string pin_ = place_.Path("pin");
  const NodeLayout layout_{ne_.directory()};
  ops::Referral draft_;
};

TEST_F(KeyMoveTest, APartnerTakesALogKeyThatMovedIntoATokenAndBack) {
  ASSERT_NO_FATAL_FAILURE(
      MoveTo({KeyTarget::Place::kToken, kModule, "comity"}));
  EXPECT_TRUE(IsInToken());
  ASSERT_NO_FATAL_FAILURE(MoveTo({KeyTarget::Place::kFile, "", ""}));
  EXPECT_FALSE(IsInToken());
  // Without a token it starts without a PIN.
  ne_.Stop();
  ASSERT_OK(WritePrivateFile(pin_, "no"));
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Answers());
}

}  // namespace
}  // namespace comity
