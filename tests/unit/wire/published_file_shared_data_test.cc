#include <fstream>
#include <sstream>

#include "node/wire/published_file.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

PublishedFile ReadReal(const std::string& name) {
  std::ifstream file(COMITY_SHARED_DIR "/data/unodc/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  auto read = ReadPublishedFile(text.str());
  EXPECT_OK(read);
  return read.ok() ? *std::move(read) : PublishedFile();
}

PublishedAudit AuditOf(const PublishedFile& file, const std::string& name) {
  for (const PublishedTable& table : file.tables) {
    if (table.name == name) return AuditTable(table);
  }
  ADD_FAILURE() << name;
  return {};
}

std::string Victims(const std::string& state, const std::string& year) {
  return state + " / Detected trafficking victims / Total / Total / " + year;
}

// The published table prints "<5", and subtraction undoes it.
TEST(PublishedFileTest, TheAuditorUncoversAlbanias2017MaleAdults) {
  const PublishedAudit audit =
      AuditOf(ReadReal("glotip.csv"), Victims("ALB", "2017"));
  EXPECT_EQ(audit.hidden, 1u);
  ASSERT_EQ(audit.uncovered.size(), 1u);
  EXPECT_THAT(audit.uncovered[0].codes,
              testing::ElementsAre("Male", "18 years or over"));
  EXPECT_EQ(audit.uncovered[0].value, 4);
}

TEST(PublishedFileTest, TablesThatContradictThemselvesAreListed) {
  const PublishedFile file = ReadReal("glotip.csv");
  for (const char* state : {"MDA", "BGR"}) {
    const PublishedAudit audit = AuditOf(file, Victims(state, "2018"));
    EXPECT_FALSE(audit.contradictions.empty()) << state;
    EXPECT_TRUE(audit.uncovered.empty()) << state;
  }
}

TEST(PublishedFileTest, ThousandsOfHiddenCellsOfTheRealFileAreUncovered) {
  const PublishedFile file = ReadReal("glotip.csv");
  size_t hidden = 0;
  size_t uncovered = 0;
  size_t contradictory = 0;
  for (const PublishedTable& table : file.tables) {
    const PublishedAudit audit = AuditTable(table);
    hidden += audit.hidden;
    uncovered += audit.uncovered.size();
    contradictory += !audit.contradictions.empty();
    for (const auto& cell : audit.uncovered) {
      EXPECT_GE(cell.value, 0);
      EXPECT_LE(cell.value, 4);
    }
  }
  // An independent count by sums of rows and columns alone found 2,981 of
  // 22,766 hidden cells, and 147 sums that do not add up.
  EXPECT_EQ(file.repeats.size(), 524u);
  EXPECT_EQ(hidden, 22766u);
  EXPECT_GT(uncovered, 2500u);
  EXPECT_GT(contradictory, 50u);
  RecordProperty("uncovered", static_cast<int>(uncovered));
  RecordProperty("contradictory", static_cast<int>(contradictory));
}

}  // namespace
}  // namespace comity
