#include "node/wire/party_names.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "node/policy/plain_text.h"
#include "node/policy/policy_set.h"
#include "node/wire/policy_file.h"
#include "node/wire/policy_labels.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

// Albania with a participant that has no assigned code.
std::string FileWith(const std::string& names) {
  return absl::StrCat(R"(schema: "comity.policy.v1"
agreement {
  id: "al-xk"
  revision: 1
  title: "T"
  party: ["AL", "XK"]
)",
                      names, R"(
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: "2027-01-01T00:00:00Z"
  grant {
    id: "g"
    holder: ["AL"]
    asker: ["XK"]
    role: [COORDINATOR]
    operation: [CASE_QUERY]
    purpose: [PROTECTION]
    basis: [CONSENT]
    when { consent: [GIVEN] }
    release: [STATUS]
    duties { max_per_day: 5 }
  }
}
)");
}

constexpr char kNamed[] =
    R"(party_name { party: "XK" name: "Kosovo*" pt: "Cossovo*" })";

std::string FaultIn(const std::string& names) {
  const auto loaded = LoadPolicyFile("f", FileWith(names));
  if (loaded.findings.empty()) return "";
  return loaded.findings[0].message;
}

// Invariant 13: what people read is the parties' word, and the code is with it.
TEST(PartyNamesTest, TheAgreementsNameStandsWithTheCodeInEveryLanguage) {
  const auto loaded = LoadPolicyFile("f", FileWith(kNamed));
  ASSERT_TRUE(loaded.body.has_value()) << loaded.findings[0].ToString();
  const auto text = [&loaded](const char* language) {
    return RenderPlainText(*loaded.body, *LoadPhrasebook(language));
  };
  EXPECT_THAT(text("en"), HasSubstr("and Kosovo* (XK).\n"));
  EXPECT_THAT(text("en"),
              HasSubstr("XK is called \"Kosovo*\"; pt \"Cossovo*\".\n"));
  EXPECT_THAT(text("fr"), HasSubstr("et Kosovo* (XK).\n"));
  EXPECT_THAT(text("pt"), HasSubstr("e Cossovo* (XK).\n"));
}

TEST(PartyNamesTest, NamesAreSignedWithTheFileAndReadAsTheyStand) {
  const auto named = LoadPolicyFile("f", FileWith(kNamed));
  const auto silent = LoadPolicyFile("f", FileWith(""));
  ASSERT_TRUE(named.body.has_value() && silent.body.has_value());
  EXPECT_NE(named.body->digest, silent.body->digest);
  PolicySet set;
  set.agreements.push_back(std::get<Agreement>(silent.body->body));
  EXPECT_EQ(PartyNameOf(set, "XK", "en"), "");
  set.agreements.push_back(std::get<Agreement>(named.body->body));
  EXPECT_EQ(PartyNameOf(set, "XK", "en"), "Kosovo*");
  EXPECT_EQ(PartyNameOf(set, "XK", "fr"), "Kosovo*");
  EXPECT_EQ(PartyNameOf(set, "XK", "pt"), "Cossovo*");
  EXPECT_EQ(PartyNameOf(set, "AL", "en"), "");
}

// Which of two names belongs to which code is in the digest.
TEST(PartyNamesTest, SwappedNamesAreAnotherFile) {
  const std::string two =
      "party_name { party: \"AL\" name: \"One\" } "
      "party_name { party: \"XK\" name: \"Two\" }";
  const auto first = LoadPolicyFile("f", FileWith(two));
  const auto second = LoadPolicyFile(
      "f", FileWith(absl::StrReplaceAll(
               two, {{"\"One\"", "\"Two\""}, {"\"Two\"", "\"One\""}})));
  ASSERT_TRUE(first.body.has_value() && second.body.has_value());
  EXPECT_NE(first.body->digest, second.body->digest);
}

TEST(PartyNamesTest, ANameCannotPoseAsACodeOrHideWhatItSays) {
  const auto named = [](const std::string& name) {
    return FaultIn(
        absl::StrCat("party_name { party: \"XK\" name: \"", name, "\" }"));
  };
  EXPECT_EQ(named("Kosovo*"), "");
  EXPECT_EQ(named(std::string(80, 'a')), "");
  for (const std::string& bad :
       {std::string(81, 'a'), std::string("Albania (AL)"),
        std::string(" Kosovo"), std::string("Kosovo "), std::string("{code}"),
        std::string("Kos\\\"ovo"), std::string("Kos\u200bovo"),
        std::string("Kos\u200fovo"), std::string("Kos\u2028ovo")}) {
    EXPECT_THAT(named(bad), HasSubstr("the name of \"XK\" is 1 to 80 bytes"))
        << bad;
  }
  // What no policy file may have at all.
  EXPECT_NE(named(""), "");
  EXPECT_NE(named("Kos\u202eovo"), "");
  EXPECT_NE(named("Kos\\novo"), "");
}

TEST(PartyNamesTest, OnlyPartiesHaveNamesAndEachHasOne) {
  EXPECT_THAT(FaultIn("party_name { party: \"RS\" name: \"S\" }"),
              HasSubstr("\"RS\" has a name and is no party"));
  EXPECT_THAT(FaultIn(absl::StrCat(kNamed, kNamed)),
              HasSubstr("\"XK\" is named twice"));
  EXPECT_NE(FaultIn("party_name { party: \"XK\" }"), "");
}

}  // namespace
}  // namespace comity
