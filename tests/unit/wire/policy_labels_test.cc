#include "node/wire/policy_labels.h"

#include <filesystem>
#include <regex>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "comity/federation/v1/referral.pb.h"
#include "comity/federation/v1/subject.pb.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/domain/case_facts.h"
#include "node/domain/deadline_terms.h"
#include "node/domain/next_steps.h"
#include "node/domain/referral_deadlines.h"
#include "node/domain/table_columns.h"
#include "node/wire/enum_code.h"
#include "node/wire/indicators.h"
#include "tests/support/source_files.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

// The ready files, as paths below policy/ without their ending.
std::vector<std::string> ReadyFiles() {
  std::vector<std::string> stems;
  const std::filesystem::path root(COMITY_SOURCE_DIR "/policy");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(root)) {
    const std::string path = entry.path().lexically_relative(root).string();
    if (absl::EndsWith(path, ".textproto") &&
        !absl::EndsWith(path, ".test.textproto")) {
      stems.push_back(path.substr(0, path.rfind(".textproto")));
    }
  }
  return stems;
}

class PolicyLabelsTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto loaded = LoadPhrasebook(GetParam());
    ASSERT_OK(loaded);
    words_ = loaded->words();
    phrasebook_.emplace(*std::move(loaded));
  }
  std::map<std::string, std::string> words_;
  std::optional<Phrasebook> phrasebook_;
};

INSTANTIATE_TEST_SUITE_P(Languages, PolicyLabelsTest,
                         testing::Values("en", "fr", "pt"));

TEST_P(PolicyLabelsTest, EveryValueOfEveryListHasAWord) {
  const auto* file = policy::v1::PolicyFile::descriptor()->file();
  size_t checked = 0;
  for (int i = 0; i < file->message_type_count(); ++i) {
    const auto* type = file->message_type(i);
    for (int j = 0; j < type->enum_type_count(); ++j) {
      for (int k = 1; k < type->enum_type(j)->value_count(); ++k, ++checked) {
        const std::string key = absl::StrCat(
            type->name(), ".", type->enum_type(j)->value(k)->name());
        EXPECT_EQ(words_.count(key), 1u) << key;
      }
    }
  }
  EXPECT_GT(checked, 100u);
}

// Of values that count from `first` to `last`.
template <typename Enum>
std::vector<std::string> KeysOf(const std::string& list, int first, int last) {
  std::vector<std::string> keys;
  for (int i = first; i <= last; ++i) {
    keys.push_back(absl::StrCat(list, ".", Name(static_cast<Enum>(i))));
  }
  return keys;
}

TEST_P(PolicyLabelsTest, EveryCodeOfAReferralHasAWord) {
  const std::vector<std::vector<std::string>> lists = {
      KeysOf<ReferralState>("State", 1,
                            static_cast<int>(ReferralState::kExpired)),
      KeysOf<ReferralEventKind>("Event", 1, kReferralEventKindCount - 1),
      KeysOf<DeadlineKind>("Deadline", 0,
                           static_cast<int>(DeadlineKind::kExpiry)),
      KeysOf<ReferralStep>("Step", 0, static_cast<int>(ReferralStep::kCancel)),
      KeysOf<HoldGround>("Ground", 1,
                         static_cast<int>(HoldGround::kAssistance))};
  for (const auto& list : lists) {
    for (const std::string& key : list) EXPECT_EQ(words_.count(key), 1u) << key;
  }
  // What the holder sees of a packet that waits (service/packet_revision.h).
  EXPECT_EQ(words_.count("State.LAPSED"), 1u);
}

// What a person is told, or says, uses codes of the federation protocol, too.
TEST_P(PolicyLabelsTest, EveryCodeThatAPersonIsToldHasAWord) {
  const std::pair<const char*, const google::protobuf::EnumDescriptor*>
      lists[] = {{"Subject", federation::v1::SubjectAct_descriptor()},
                 {"Copy", federation::v1::CopyClass_descriptor()},
                 {"Outcome", federation::v1::ErasureOutcome_descriptor()},
                 {"Attachment", federation::v1::AttachmentKind_descriptor()},
                 {"Threat", federation::v1::RiskLevel_descriptor()},
                 {"Family", federation::v1::FamilyContact_descriptor()},
                 {"Asked", federation::v1::FeedbackQuestion_descriptor()},
                 {"Says", federation::v1::FeedbackReply_descriptor()}};
  for (const auto& [list, type] : lists) {
    for (int i = 1; i < type->value_count(); ++i) {
      const std::string key =
          absl::StrCat(list, ".", EnumCode(*type, type->value(i)->number()));
      EXPECT_EQ(words_.count(key), 1u) << key;
    }
  }
}

std::set<std::string> Marks(const std::string& text) {
  static const std::regex kMark("\\{[a-z]+\\}");
  return {std::sregex_token_iterator(text.begin(), text.end(), kMark),
          std::sregex_token_iterator()};
}

TEST_P(PolicyLabelsTest, EveryFrameHasATextWithTheSameMarks) {
  const Phrasebook english = *LoadPhrasebook("en");
  for (const char* key : FrameKeys()) {
    ASSERT_EQ(words_.count(key), 1u) << key;
  }
  for (const auto& [key, text] : words_) {
    EXPECT_EQ(Marks(text), Marks(english.Word(key))) << key;
  }
}

TEST_P(PolicyLabelsTest, EveryLengthThatAnAgreementMaySetHasAWord) {
  for (const DeadlineText& text : DeadlineTexts(ReferralDeadlines())) {
    EXPECT_EQ(words_.count(absl::StrCat("Length.", text.name)), 1u)
        << text.name;
  }
}

TEST_P(PolicyLabelsTest, EveryTableThatAnAgreementMayNameHasAWord) {
  ASSERT_OK_AND_ASSIGN(const auto indicators, AllIndicators());
  size_t named = 0;
  for (const auto& indicator : indicators) {
    const std::string key = absl::StrCat("Indicator.", indicator.code());
    EXPECT_EQ(words_.count(key), indicator.has_not_collected() ? 0u : 1u)
        << key;
    named += words_.count(key);
  }
  EXPECT_GT(named, 15u);
  for (const TableColumn& column : AllTableColumns()) {
    const std::string key = absl::StrCat("Column.", column.name);
    EXPECT_EQ(words_.count(key), column.measured ? 0u : 1u) << key;
  }
}

TEST_P(PolicyLabelsTest, ThereIsNoWordThatNothingUses) {
  const Phrasebook english = *LoadPhrasebook("en");
  for (const auto& [key, text] : words_) {
    EXPECT_EQ(english.words().count(key), 1u) << key;
    if (!absl::StartsWith(key, "Frame.")) continue;
    const auto frames = FrameKeys();
    EXPECT_NE(std::find(frames.begin(), frames.end(), key), frames.end())
        << key;
  }
}

// After a change that is meant: tests/unit/wire/golden/update.sh.
TEST_P(PolicyLabelsTest, TheReadyFilesReadAsWasReviewed) {
  const std::vector<std::string> stems = ReadyFiles();
  ASSERT_GE(stems.size(), 7u);
  for (const std::string& stem : stems) {
    const auto loaded = LoadPolicyFile(
        "f", ReadSource(absl::StrCat("policy/", stem, ".textproto")));
    ASSERT_TRUE(loaded.body.has_value()) << stem;
    const std::string golden = absl::StrCat(
        "tests/unit/wire/golden/", absl::StrReplaceAll(stem, {{"/", "-"}}), ".",
        GetParam(), ".txt");
    EXPECT_EQ(RenderPlainText(*loaded.body, *phrasebook_), ReadSource(golden))
        << golden;
  }
}

TEST_P(PolicyLabelsTest, TheTextEndsWithTheDigest) {
  const auto loaded = LoadPolicyFile(
      "f", ReadSource("policy/agreements/ng-ne-bilateral.textproto"));
  ASSERT_TRUE(loaded.body.has_value());
  EXPECT_TRUE(absl::EndsWith(
      RenderPlainText(*loaded.body, *phrasebook_),
      absl::StrCat(absl::BytesToHexString(loaded.body->digest), "\n")));
}

TEST(PolicyLabelsOfAnyLanguageTest, AnUnknownLanguageIsRefused) {
  EXPECT_THAT(LoadPhrasebook("de"), FailsWith(ErrorReason::kFieldInvalid));
}

TEST(PolicyLabelsOfAnyLanguageTest, ACodeWithoutANameIsShownAsItIs) {
  EXPECT_EQ(LoadPhrasebook("en")->Word("Participant.ZZ"), "ZZ");
  EXPECT_EQ(LoadPhrasebook("fr")->Word("Participant.TD"), "Tchad");
}

// Who reads what an agreement opens reads which measures, in her language.
TEST(PolicyLabelsOfAnyLanguageTest,
     MeasuresAreSaidWhereTheyAreNotPersonsAlone) {
  const auto text = [](const char* language, const std::string& tables) {
    const auto loaded = LoadPolicyFile(
        "f", absl::StrReplaceAll(
                 ReadSource("policy/agreements/ecowas-counts.textproto"),
                 {{"dimension: [\"age_group\",", tables}}));
    EXPECT_TRUE(loaded.body.has_value()) << tables;
    return RenderPlainText(*loaded.body, *LoadPhrasebook(language));
  };
  const std::string opened =
      "measure: [PERSONS, REFERRALS, P90_ASSISTANCE_DAYS] "
      "dimension: [\"partner\",";
  EXPECT_THAT(text("en", opened),
              HasSubstr("What is told of them: counts of persons; counts of "
                        "referrals and of their events; and the 90th "
                        "percentile of the days from sending to the begin of "
                        "assistance."));
  EXPECT_THAT(text("fr", opened), HasSubstr("Ce qui en est dit : le nombre"));
  EXPECT_THAT(text("pt", opened),
              HasSubstr("O que se diz delas: o n\u00famero"));
  EXPECT_THAT(text("en", "dimension: [\"age_group\","),
              testing::Not(HasSubstr("What is told of them")));
}

// One value of each field, and another one.
struct Change {
  const char* from;
  const char* to;
};

constexpr char kFull[] = R"(schema: "comity.policy.v1"
agreement {
  id: "a-b"
  revision: 1
  title: "T"
  party: ["AA", "BB", "CC"]
  party_name { party: "AA" name: "Aa" fr: "Aa-fr" pt: "Aa-pt" }
  legal_instrument: "L"
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: "2027-01-01T00:00:00Z"
  group {
    id: "g1"
    member { participant: "AA" from: "2020-01-01T00:00:00Z" }
    member { participant: "BB" until: "2030-01-01T00:00:00Z" }
  }
  duties { max_per_hour: 2 }
  deadlines { triage_working_days: 3 follow_up_days: [30, 90, 180, 365] }
  grant {
    id: "g"
    holder: ["@g1"]
    asker: ["BB", "CC"]
    role: [COORDINATOR]
    operation: [CASE_QUERY]
    purpose: [PROTECTION]
    basis: [CONSENT]
    organisation: ["O"]
    when {
      consent: [GIVEN] age: [ADULT] risk_any_of: [FAMILY]
      risk_none_of: [TRAFFICKER_AT_LARGE] origin: [OTHER]
      exploitation: [SAME_AS_HOLDER] stage: [SENT] record_age: [OLDER]
    }
    release: [STATUS, NEEDS]
    duties {
      max_per_day: 5 max_per_month: 40
      redact { field: NEEDS how: YEAR_ONLY }
    }
    valid_until: "2026-06-01T00:00:00Z"
    note: "N"
  }
}
)";

// What differs between two texts besides the digest.
std::string WithoutDigest(const std::string& text) {
  return text.substr(0, text.find("Digest"));
}

TEST(PolicyLabelsOfAnyLanguageTest, NothingThatIsHashedIsLeftOutOfTheText) {
  const Change changes[] = {
      {"\"a-b\"", "\"a-c\""},
      {"revision: 1", "revision: 3"},
      {"\"T\"", "\"U\""},
      {"\"CC\"", "\"DD\""},
      {"{ party: \"AA\"", "{ party: \"BB\""},
      {"\"Aa\"", "\"Ab\""},
      {"\"Aa-fr\"", "\"Ab-fr\""},
      {"pt: \"Aa-pt\"", ""},
      {"\"L\"", "\"M\""},
      {"2026-01-01", "2026-01-02"},
      {"2027-01-01", "2027-01-02"},
      {"g1\"", "g2\""},
      {"2020-01-01", "2020-01-02"},
      {"2030-01-01", "2030-01-02"},
      {"max_per_hour: 2", "max_per_hour: 3"},
      {"triage_working_days: 3", "triage_working_days: 2"},
      // What is written and what goes without saying are not one.
      {"triage_working_days: 3", ""},
      {"follow_up_days: [30, 90, 180, 365]", ""},
      {"[30, 90, 180, 365]", "[30, 90, 180, 364]"},
      {"id: \"g\"", "id: \"h\""},
      {"[\"@g1\"]", "[\"AA\"]"},
      {"[\"BB\", \"CC\"]\n    role", "[\"BB\"]\n    role"},
      {"[COORDINATOR]", "[ADMIN]"},
      {"[CASE_QUERY]", "[REFERRAL_CREATE]"},
      {"[PROTECTION]", "[STATISTICS]"},
      {"[CONSENT]", "[COURT_ORDER]"},
      {"[\"O\"]", "[\"P\"]"},
      {"[GIVEN]", "[REFUSED]"},
      {"[ADULT]", "[CHILD]"},
      {"risk_any_of: [FAMILY]", ""},
      {"risk_none_of: [TRAFFICKER_AT_LARGE]", ""},
      {"[OTHER]", "[SAME_AS_ASKER]"},
      {"[SAME_AS_HOLDER]", "[OTHER]"},
      {"[SENT]", "[CLOSED]"},
      {"[OLDER]", "[UP_TO_1_YEAR]"},
      {"[STATUS, NEEDS]", "[NEEDS]"},
      {"max_per_day: 5", "max_per_day: 6"},
      {"max_per_month: 40", "max_per_month: 41"},
      {"field: NEEDS", "field: STATUS"},
      {"YEAR_ONLY", "MASK"},
      {"2026-06-01", "2026-06-02"},
      {"\"N\"", "\"M\""},
  };
  const Phrasebook english = *LoadPhrasebook("en");
  const auto original = LoadPolicyFile("f", kFull);
  ASSERT_TRUE(original.body.has_value()) << original.findings[0].ToString();
  const std::string text = RenderPlainText(*original.body, english);
  for (const Change& change : changes) {
    const auto changed = LoadPolicyFile(
        "f", absl::StrReplaceAll(kFull, {{change.from, change.to}}));
    ASSERT_TRUE(changed.body.has_value())
        << change.to << changed.findings[0].ToString();
    ASSERT_NE(changed.body->digest, original.body->digest) << change.to;
    EXPECT_NE(WithoutDigest(RenderPlainText(*changed.body, english)),
              WithoutDigest(text))
        << change.from << " -> " << change.to;
  }
}

struct FileChange {
  const char* file;
  const char* from;
  const char* to;
};

TEST(PolicyLabelsOfAnyLanguageTest, NorIsAnythingOfTheReadyFiles) {
  const FileChange changes[] = {
      {"agreements/ng-td-emergency", "approvals: 1", "approvals: 2"},
      {"agreements/ng-td-emergency", "officer_per_day: 10",
       "officer_per_day: 9"},
      {"agreements/ng-td-emergency", "retention_days: 30",
       "retention_days: 29"},
      {"agreements/ng-td-emergency", "no_onward_transfer: true", ""},
      {"agreements/ng-td-emergency", ", DPO_AT_ASKER]", "]"},
      {"agreements/ng-td-emergency", "break_glass: true", ""},
      {"agreements/ng-ne-ngo-referral", "\"WAN\"", "\"WAC\""},
      {"agreements/ecowas-counts", "k_threshold: 11", "k_threshold: 12"},
      {"agreements/ecowas-counts", "k_threshold: 11",
       "k_threshold: 11 count_method: SUPPRESSION"},
      {"agreements/ne-open-figures", "DISCRETE_LAPLACE",
       "DISCRETE_GAUSSIAN delta_exponent: 9"},
      {"agreements/ne-open-figures", "epsilon_thousandths: 500",
       "epsilon_thousandths: 250"},
      {"agreements/ne-open-figures", "epsilon_asker_thousandths: 4000",
       "epsilon_asker_thousandths: 4001"},
      {"agreements/ne-open-figures", "epsilon_all_thousandths: 8000",
       "epsilon_all_thousandths: 8001"},
      {"agreements/ne-gaussian-figures", "delta_exponent: 9",
       "delta_exponent: 10"},
      {"agreements/ne-gaussian-figures", "delta_budget_exponent: 8",
       "delta_budget_exponent: 7"},
      {"agreements/ne-gaussian-figures", "delta_budget_exponent: 8", ""},
      {"agreements/ecowas-counts", "yearly_budget: 20000",
       "yearly_budget: 20001"},
      // What is written and what goes without saying are not one.
      {"agreements/ecowas-counts", "yearly_budget: 20000",
       "yearly_budget: 20000 linked_tables: 3"},
      {"agreements/ne-open-figures", "epsilon_all_thousandths: 8000",
       "epsilon_all_thousandths: 8000 aggregation: EACH_MEMBER"},
      {"agreements/ne-open-figures", "epsilon_all_thousandths: 8000",
       "epsilon_all_thousandths: 8000 aggregation: TOTAL_ONLY"},
      {"agreements/ecowas-counts", "2025-01-29", "2025-01-30"},
      {"agreements/ecowas-counts", "\"Q2/1\", ", ""},
      {"agreements/ecowas-counts", "\"gender\", ", ""},
      {"national/alternatives/ng-strict", "node: \"NG\"", "node: \"NE\""},
      {"national/alternatives/ng-strict", "revision: 1", "revision: 2"},
      {"national/alternatives/ng-strict", "[REFUSED, WITHDRAWN]", "[REFUSED]"},
      {"national/alternatives/ng-strict", "withhold: [MEDICAL]",
       "withhold: [TESTIMONY]"},
      {"national/alternatives/ng-strict", "break_glass_may_override: true", ""},
      {"national/alternatives/ng-strict", "Health data stays",
       "Health data remains"},
      {"national/alternatives/ng-strict", "when { record_age: [OLDER] }", ""},
      {"national/alternatives/ng-strict", "max_per_month: 500",
       "max_per_month: 501"},
      {"local/ng", "scope: ORGANISATION", "scope: OWN"},
      {"local/ng", "NAPTIP/halima.d", "NAPTIP/halima.e"},
      {"local/ng", "[\"NAPTIP\"]", "[\"NAPTIC\"]"},
      {"local/ng", "2026-12-21", "2026-12-22"},
      {"local/ng", "2027-01-04", "2027-01-05"},
      {"local/ng", "[EMERGENCY_REVIEW]", "[AUDIT_READ]"},
  };
  const Phrasebook english = *LoadPhrasebook("en");
  for (const FileChange& change : changes) {
    const std::string source =
        ReadSource(absl::StrCat("policy/", change.file, ".textproto"));
    const auto original = LoadPolicyFile("f", source);
    const auto changed = LoadPolicyFile(
        "f", absl::StrReplaceAll(source, {{change.from, change.to}}));
    ASSERT_TRUE(original.body.has_value() && changed.body.has_value())
        << change.file << " " << change.to;
    ASSERT_NE(changed.body->digest, original.body->digest) << change.to;
    EXPECT_NE(WithoutDigest(RenderPlainText(*changed.body, english)),
              WithoutDigest(RenderPlainText(*original.body, english)))
        << change.file << ": " << change.from << " -> " << change.to;
  }
}

TEST(PolicyLabelsOfAnyLanguageTest, ATitleCannotForgeASentence) {
  const auto forged = LoadPolicyFile(
      "f",
      absl::StrReplaceAll(kFull, {{"\"T\"", "\"T\\nDigest (SHA-256): 00\""}}));
  ASSERT_FALSE(forged.findings.empty());
  EXPECT_THAT(forged.findings[0].message, HasSubstr("line break"));
  const auto marked =
      LoadPolicyFile("f", absl::StrReplaceAll(kFull, {{"\"T\"", "\"{id}\""}}));
  ASSERT_TRUE(marked.body.has_value());
  EXPECT_THAT(RenderPlainText(*marked.body, *LoadPhrasebook("en")),
              HasSubstr("Agreement: {id}\n"));
}

}  // namespace
}  // namespace comity
