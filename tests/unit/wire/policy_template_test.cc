#include "node/wire/policy_template.h"

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "node/wire/policy_file.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

const absl::Time kFrom =
    absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone());

TemplateValues ValuesFor(absl::string_view name) {
  TemplateValues values;
  values.id = "some-id";
  values.title = "Some \"title\"";
  values.party = {"NG", "TD"};
  values.from = kFrom;
  if (name == "counts") values.commission = "ECOWAS";
  if (name == "ngo") values.organisation = {"IOM", "WAN"};
  if (name != "emergency") values.until = kFrom + absl::Hours(24 * 365);
  if (absl::StartsWith(name, "national") || name == "local") {
    values.party = {"TD"};
  }
  return values;
}

PolicyFileBody Body(const std::string& text) {
  PolicyFileResult loaded = LoadPolicyFile("f", text);
  EXPECT_TRUE(loaded.body.has_value())
      << (loaded.findings.empty() ? "" : loaded.findings[0].ToString());
  return *loaded.body;
}

TEST(PolicyTemplateTest, EveryTemplateLoadsWithoutFindings) {
  ASSERT_FALSE(TemplateNames().empty());
  for (const std::string& name : TemplateNames()) {
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         FillTemplate(name, ValuesFor(name)));
    EXPECT_THAT(text, testing::Not(HasSubstr("$"))) << name;
    EXPECT_THAT(Body(text).flat_form, HasSubstr("Some \\\"title\\\""));
  }
}

TEST(PolicyTemplateTest, APartyDateOrTitleThatIsMissingIsNamed) {
  for (const std::string& name : TemplateNames()) {
    TemplateValues values = ValuesFor(name);
    values.title.clear();
    const auto filled = FillTemplate(name, values);
    EXPECT_THAT(filled, FailsWith(ErrorReason::kFieldMissing)) << name;
    EXPECT_THAT(std::string(filled.status().message()), HasSubstr("--title"));
    values = ValuesFor(name);
    values.party.clear();
    EXPECT_THAT(FillTemplate(name, values),
                FailsWith(ErrorReason::kFieldMissing))
        << name;
  }
  TemplateValues values = ValuesFor("bilateral");
  values.until.reset();
  EXPECT_THAT(FillTemplate("bilateral", values),
              FailsWith(ErrorReason::kFieldMissing));
}

TEST(PolicyTemplateTest, PartiesAndDatesStandInTheAgreement) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillTemplate("bilateral", ValuesFor("bilateral")));
  const PolicyFileBody body = Body(text);
  const Agreement& agreement = std::get<Agreement>(body.body);
  EXPECT_THAT(agreement.party, testing::ElementsAre("NG", "TD"));
  EXPECT_EQ(agreement.valid_from, kFrom);
  EXPECT_EQ(agreement.valid_until, kFrom + absl::Hours(24 * 365));
  for (const Grant& grant : agreement.grants) {
    EXPECT_THAT(grant.holder, testing::ElementsAre("NG", "TD"));
  }
}

TEST(PolicyTemplateTest, CountsAreAskedOfMembersByTheCommissionAlone) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillTemplate("counts", ValuesFor("counts")));
  const PolicyFileBody body = Body(text);
  const Agreement& agreement = std::get<Agreement>(body.body);
  EXPECT_THAT(agreement.party, testing::ElementsAre("ECOWAS", "NG", "TD"));
  ASSERT_EQ(agreement.groups.size(), 1u);
  EXPECT_EQ(agreement.groups[0].members.size(), 2u);
  EXPECT_THAT(agreement.grants.at(0).asker, testing::ElementsAre("ECOWAS"));
}

TEST(PolicyTemplateTest, AValueCannotBreakOutOfItsPlace) {
  TemplateValues values = ValuesFor("bilateral");
  values.title = "\" revision: 7 title: \"$ID$";
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillTemplate("bilateral", values));
  EXPECT_EQ(std::get<Agreement>(Body(text).body).title, values.title);
  values = ValuesFor("bilateral");
  values.party = {"NG", "td"};
  EXPECT_THAT(FillTemplate("bilateral", values),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(PolicyTemplateTest, AnUnknownTemplateIsRefused) {
  EXPECT_THAT(FillTemplate("other", ValuesFor("other")),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(PolicyTemplateTest, ADayIsItsFirstMomentInUtc) {
  EXPECT_EQ(*ParseDay("2027-01-01"), kFrom);
  EXPECT_EQ(*ParseDay("2027-01-01T00:00:00Z"), kFrom);
  for (const char* wrong : {"2027-1-1", "2027-13-01", "1.1.2027", "",
                            "2027-01-01T00:00:00+01:00"}) {
    EXPECT_THAT(ParseDay(wrong), FailsWith(ErrorReason::kFieldInvalid))
        << wrong;
  }
}

}  // namespace
}  // namespace comity
