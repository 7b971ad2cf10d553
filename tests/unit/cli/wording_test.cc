#include "node/cli/wording.h"

#include <cstdlib>

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// The shell's language, put back at the end.
class WordingTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) unsetenv(name);
  }
  void TearDown() override { SetUp(); }

  static std::string Sent(const std::string& language) {
    const auto words = Wording::Of(language);
    EXPECT_OK(words);
    return words.ok() ? words->Code("State", "SENT") : "";
  }
};

TEST_F(WordingTest, CodesBecomeWordsOfTheLanguageThatIsAskedFor) {
  EXPECT_EQ(Sent("en"), "sent");
  EXPECT_EQ(Sent("fr"), "envoyée");
  EXPECT_EQ(Sent("pt"), "enviado");
  EXPECT_THAT(Wording::Of("de"), FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(WordingTest, TheShellSaysWhichIfNobodyDoes) {
  EXPECT_EQ(Sent(""), "SENT");
  setenv("LANG", "pt_GW.UTF-8", 1);
  EXPECT_EQ(Sent(""), "enviado");
  setenv("LC_ALL", "fr_NE.UTF-8", 1);
  EXPECT_EQ(Sent(""), "envoyée");
  // Scripts read codes.
  setenv("LC_ALL", "en_NG.UTF-8", 1);
  EXPECT_EQ(Sent(""), "SENT");
  EXPECT_EQ(Sent("pt"), "enviado");
}

TEST_F(WordingTest, SentencesAreFilledInEveryLanguage) {
  const std::map<std::string, std::string> filled = {
      {"what", "X"}, {"who", "NG"}, {"when", "now"}};
  EXPECT_EQ(Wording().Text("Work.DUE", filled), "X by NG until now");
  EXPECT_EQ(Wording::Of("fr")->Text("Work.OVERDUE", filled),
            "X par NG EN RETARD depuis le now");
}

}  // namespace
}  // namespace comity
