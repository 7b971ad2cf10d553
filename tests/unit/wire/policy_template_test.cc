#include "node/wire/policy_template.h"

#include "absl/strings/match.h"
#include "node/wire/policy_file.h"
#include "tests/support/source_files.h"
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

TEST(PolicyTemplateTest, AnEmergencyLasts30DaysAndAtMost90) {
  TemplateValues values = ValuesFor("emergency");
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillTemplate("emergency", values));
  const PolicyFileBody body = Body(text);
  const Agreement& agreement = std::get<Agreement>(body.body);
  EXPECT_TRUE(agreement.emergency);
  EXPECT_EQ(agreement.valid_until, kFrom + absl::Hours(24 * 30));
  values.until = kFrom + absl::Hours(24 * 90);
  EXPECT_OK(FillTemplate("emergency", values));
  values.until = kFrom + absl::Hours(24 * 91);
  const auto longer = FillTemplate("emergency", values);
  EXPECT_THAT(longer, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("90 days"));
}

TEST(PolicyTemplateTest, AnEmergencyIsNamedAfterItsParties) {
  TemplateValues values = ValuesFor("emergency");
  values.id.clear();
  values.party = {"TD", "NG"};
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       FillTemplate("emergency", values));
  EXPECT_EQ(Body(text).id(), "ng-td-emergency");
  values.id = "lake";
  EXPECT_EQ(Body(*FillTemplate("emergency", values)).id(), "lake");
}

TEST(PolicyTemplateTest, AllThatIsMissingIsNamedAtOnce) {
  TemplateValues values = ValuesFor("bilateral");
  values.id.clear();
  values.until.reset();
  values.party = {"NG"};
  const auto text = FillTemplate("bilateral", values);
  EXPECT_THAT(text, FailsWith(ErrorReason::kFieldMissing));
  EXPECT_THAT(std::string(text.status().message()),
              testing::EndsWith("needs --id, --party (two or more), --until"));
}

TEST(PolicyTemplateTest, OnlyNamedOrganisationsReceiveUnderTheNgoTemplate) {
  TemplateValues values = ValuesFor("ngo");
  ASSERT_OK_AND_ASSIGN(const std::string text, FillTemplate("ngo", values));
  const PolicyFileBody body = Body(text);
  for (const Grant& grant : std::get<Agreement>(body.body).grants) {
    EXPECT_THAT(grant.organisation, testing::ElementsAre("IOM", "WAN"));
    EXPECT_FALSE(grant.release.Contains(FieldGroup::kIdentity));
  }
  values.organisation.clear();
  EXPECT_THAT(FillTemplate("ngo", values),
              FailsWith(ErrorReason::kFieldMissing));
}

// The ready files are the templates, filled.
TEST(PolicyTemplateTest, TheReadyFilesAreFilledTemplates) {
  const auto digest_of = [](const std::string& path) {
    return Body(ReadSource("policy/" + path)).digest;
  };
  TemplateValues values;
  values.id = "ng-td-emergency-2026-11";
  values.title = "Chad: displaced persons at the Lake Chad crossing";
  values.instrument = "Demonstration agreement, without force in law";
  values.party = {"NG", "TD"};
  values.from =
      absl::FromCivil(absl::CivilDay(2026, 11, 21), absl::UTCTimeZone());
  EXPECT_EQ(Body(*FillTemplate("emergency", values)).digest,
            digest_of("agreements/ng-td-emergency.textproto"));
  values.id = "ng-ne-ngo-referral";
  values.title = "Referral between organisations, without authorities";
  values.party = {"NG", "NE"};
  values.organisation = {"IOM", "WAN"};
  values.from =
      absl::FromCivil(absl::CivilDay(2026, 1, 1), absl::UTCTimeZone());
  values.until =
      absl::FromCivil(absl::CivilDay(2030, 12, 31), absl::UTCTimeZone());
  EXPECT_EQ(Body(*FillTemplate("ngo", values)).digest,
            digest_of("agreements/ng-ne-ngo-referral.textproto"));
  values.title = "National safeguards, strict";
  values.party = {"NG"};
  EXPECT_EQ(Body(*FillTemplate("national-strict", values)).digest,
            digest_of("national/alternatives/ng-strict.textproto"));
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
