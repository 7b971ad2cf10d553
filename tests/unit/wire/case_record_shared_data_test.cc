#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_split.h"
#include "comity/record/v1/case_record.pb.h"
#include "comity/v1/annotations.pb.h"
#include "google/protobuf/descriptor.h"
#include "node/domain/code_lists.h"
#include "node/wire/csv.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

std::vector<CsvRow> ReadCsv(const std::string& name) {
  std::ifstream file(COMITY_SHARED_DIR "/data/htcds/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  CsvReader reader;
  return *reader.Read(text.str(), true);
}

void CollectNames(const google::protobuf::Descriptor* type,
                  std::set<std::string>& names) {
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->message_type() != nullptr) {
      CollectNames(field->message_type(), names);
      continue;
    }
    EXPECT_NE(field->options().GetExtension(v1::group), 0) << field->name();
    names.insert(field->options().GetExtension(v1::htcds));
  }
}

TEST(HtcdsTest, TheCaseRecordHasExactlyTheStandardsFieldsAndOurs) {
  std::set<std::string> ours;
  CollectNames(record::v1::CaseRecord::descriptor(), ours);
  std::erase_if(
      ours, [](const std::string& name) { return name.rfind("x_", 0) == 0; });
  std::set<std::string> standard;
  const auto rows = ReadCsv("htcds_fields.csv");
  for (size_t i = 1; i < rows.size(); ++i) standard.insert(rows[i].cells[0]);
  EXPECT_EQ(ours, standard);
  EXPECT_EQ(standard.size(), 84u);
}

TEST(HtcdsTest, EveryChoiceOfTheSurveyFormHasACode) {
  const std::map<std::string, std::string> lists = {
      {"gender", "gender"},
      {"forcedlabourindustry", "industry"},
      {"methodofrecruitment", "recruitment"},
      {"methodsofcontrol", "control"},
      {"status", "case_status"},
      {"traffickingstatus", "trafficking_status"},
      {"traffickingstatusdecisionmakingorg", "decision_maker"},
      {"typeofexploitation", "exploitation"},
      {"typeofsexexploitation", "sexual_exploitation"}};
  int checked = 0;
  for (const CsvRow& row : ReadCsv("htcds_choices.csv")) {
    const auto list = lists.find(row.cells[0]);
    if (list == lists.end()) continue;
    EXPECT_NE(CodeFor(list->second, row.cells[1]), "") << row.cells[1];
    ++checked;
  }
  EXPECT_EQ(checked, 80);
}

}  // namespace
}  // namespace comity
