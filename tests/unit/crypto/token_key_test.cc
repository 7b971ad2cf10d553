#include "node/crypto/token_key.h"

#include <dlfcn.h>

#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// A token of the test's own (tests/token/fake_token.cc). The one of SoftHSM is
// asked by tests/e2e/token.sh.
class TokenKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(place_.module.c_str(), RTLD_NOW);
    ASSERT_NE(library_, nullptr) << dlerror();
    Do("FakeTokenForget");
  }
  void Do(const char* what) {
    void* found = dlsym(library_, what);
    ASSERT_NE(found, nullptr);
    reinterpret_cast<void (*)()>(found)();
  }

  const TokenKeyPlace place_{COMITY_BINARY_DIR "/lib/fake_token.so", "comity",
                             "NG log"};
  const SecretBytes pin_{"4321"};
  void* library_ = nullptr;
};

TEST_F(TokenKeyTest, AKeyThatTheTokenMadeSignsAndIsTheSameLater) {
  ASSERT_OK_AND_ASSIGN(const SigningKey made, MakeTokenKey(place_, pin_));
  EXPECT_EQ(made.public_key().algorithm(), KeyAlgorithm::kEd25519);
  EXPECT_OK(made.public_key().Verify("text", made.Sign("text")));
  ASSERT_OK_AND_ASSIGN(const SigningKey opened, OpenTokenKey(place_, pin_));
  EXPECT_EQ(opened.public_key().ToDer(), made.public_key().ToDer());
  // Ed25519 has one signature for a text.
  EXPECT_EQ(opened.Sign("text"), made.Sign("text"));
}

TEST_F(TokenKeyTest, KeysOfOneTokenAreTwo) {
  ASSERT_OK_AND_ASSIGN(const SigningKey log, MakeTokenKey(place_, pin_));
  TokenKeyPlace other = place_;
  other.key = "NG witness";
  ASSERT_OK_AND_ASSIGN(const SigningKey witness, MakeTokenKey(other, pin_));
  EXPECT_NE(log.public_key().ToDer(), witness.public_key().ToDer());
  EXPECT_OK(witness.public_key().Verify("text", witness.Sign("text")));
  EXPECT_OK(log.public_key().Verify("text", log.Sign("text")));
}

TEST_F(TokenKeyTest, AnotherPinModuleTokenOrKeyIsNamed) {
  EXPECT_THAT(MakeTokenKey(place_, SecretBytes("1234")),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(OpenTokenKey(place_, pin_), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(MakeTokenKey(place_, pin_));
  EXPECT_THAT(MakeTokenKey(place_, pin_),
              FailsWith(ErrorReason::kAlreadyExists));
  TokenKeyPlace other = place_;
  other.token = "comit";
  EXPECT_THAT(OpenTokenKey(other, pin_), FailsWith(ErrorReason::kNotFound));
  other = place_;
  other.module = "/nowhere/fake_token.so";
  EXPECT_THAT(OpenTokenKey(other, pin_), FailsWith(ErrorReason::kNotFound));
  // Never looked for along a path that somebody else may set.
  other.module = "fake_token.so";
  EXPECT_THAT(OpenTokenKey(other, pin_), FailsWith(ErrorReason::kNotFound));
}

TEST_F(TokenKeyTest, ATokenThatSignsWithAnotherKeyIsFound) {
  ASSERT_OK(MakeTokenKey(place_, pin_));
  Do("FakeTokenLie");
  EXPECT_THAT(OpenTokenKey(place_, pin_),
              FailsWith(ErrorReason::kIntegrityFailure));
}

TEST_F(TokenKeyTest, ASessionThatEndedIsOpenedAgain) {
  ASSERT_OK_AND_ASSIGN(const SigningKey key, MakeTokenKey(place_, pin_));
  Do("FakeTokenEndSessions");
  EXPECT_OK(key.public_key().Verify("text", key.Sign("text")));
}

TEST_F(TokenKeyTest, ManyThreadsSignAtOnce) {
  ASSERT_OK_AND_ASSIGN(const SigningKey key, MakeTokenKey(place_, pin_));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&key, i] {
      for (int j = 0; j < 50; ++j) {
        const std::string text = std::to_string(100 * i + j);
        EXPECT_OK(key.public_key().Verify(text, key.Sign(text)));
      }
    });
  }
  for (std::thread& each : threads) each.join();
}

// What is not signed does not leave, so a token that is gone ends the process.
TEST_F(TokenKeyTest, Law1WithoutItsTokenNothingIsSigned) {
  ASSERT_OK_AND_ASSIGN(const SigningKey key, MakeTokenKey(place_, pin_));
  EXPECT_DEATH(
      {
        Do("FakeTokenForget");
        key.Sign("text");
      },
      "token_does_not_sign");
}

}  // namespace
}  // namespace comity
