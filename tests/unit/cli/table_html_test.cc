#include "node/cli/table_html.h"

#include <regex>

#include "node/cli/table_output.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using testing::HasSubstr;
using testing::Not;

void AddCell(const std::vector<std::string>& codes, uint64_t sum,
             uint32_t members, uint32_t suppressed,
             ops::RequestTableResponse& response) {
  auto* cell = response.add_cells();
  for (const std::string& code : codes) cell->add_codes(code);
  cell->set_sum(sum);
  cell->set_members(members);
  cell->set_suppressed_members(suppressed);
}

// Corridors of one state; another gave nothing.
ops::RequestTableResponse Corridors() {
  ops::RequestTableResponse response;
  response.set_indicator("Q13/1");
  response.set_period("2018");
  response.set_answered(1);
  response.add_dimensions("citizenship");
  response.add_dimensions("exploitation_country");
  response.add_members()->set_participant("NE");
  response.mutable_members(0)->mutable_table()->set_method("cell-key/v1");
  auto* missing = response.add_members();
  missing->set_participant("NG");
  missing->set_reason("PEER_UNREACHABLE");
  missing->set_message("no <answer> & \"none\"");
  AddCell({"NG", "NE"}, 40, 1, 0, response);
  AddCell({"NG", "LY"}, 0, 0, 1, response);
  AddCell({"NG", "total"}, 45, 1, 1, response);
  AddCell({"total", "NE"}, 41, 1, 0, response);
  AddCell({"total", "LY"}, 0, 0, 1, response);
  AddCell({"total", "total"}, 52, 1, 0, response);
  response.add_notes("A note with <b>tags</b>.");
  return response;
}

TEST(TableHtmlTest, NothingIsLoadedFromAnywhere) {
  const std::string html = FormatTableHtml(Corridors());
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* loads :
       {"<script", "src=", "href=", "url(", "http:", "https:", "@import"}) {
    EXPECT_THAT(html, Not(HasSubstr(loads))) << loads;
  }
}

TEST(TableHtmlTest, TextOfPartnersIsNoMarkup) {
  const std::string html = FormatTableHtml(Corridors());
  EXPECT_THAT(html, HasSubstr("no &lt;answer&gt; &amp; &quot;none&quot;"));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(TableHtmlTest, EveryElementIsClosed) {
  const std::string html = FormatTableHtml(Corridors());
  static const std::regex kTag("<(/?)([a-z0-9]+)[^>]*?(/?)>");
  std::vector<std::string> open;
  for (auto tag = std::sregex_iterator(html.begin(), html.end(), kTag);
       tag != std::sregex_iterator(); ++tag) {
    const std::string name = (*tag)[2];
    if (name == "meta" || (*tag)[3].length() > 0) continue;
    if ((*tag)[1].length() == 0) {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty()) << name;
    EXPECT_EQ(open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(TableHtmlTest, FlowsAreAMatrixOfInnerCells) {
  const std::string html = FormatTableHtml(Corridors());
  const size_t at = html.find("class=\"flows\"");
  ASSERT_NE(at, std::string::npos);
  const std::string matrix = html.substr(at, html.find("</table>", at) - at);
  EXPECT_THAT(matrix, HasSubstr("<th>LY</th><th>NE</th>"));
  EXPECT_THAT(matrix, HasSubstr(">40</td>"));
  EXPECT_THAT(matrix, HasSubstr("<td class=\"hidden\">suppressed</td>"));
  EXPECT_THAT(matrix, Not(HasSubstr("52")));
  ops::RequestTableResponse by_sex = Corridors();
  by_sex.set_dimensions(0, "sex");
  EXPECT_THAT(FormatTableHtml(by_sex), Not(HasSubstr("class=\"flows\"")));
}

// A bar of nothing would look like zero.
TEST(TableHtmlTest, AHiddenFigureHasNoBar) {
  const std::string html = FormatTableHtml(Corridors());
  EXPECT_THAT(html, HasSubstr(">at least 45</text>"));
  EXPECT_THAT(html, HasSubstr("<rect class=\"none\""));
  EXPECT_THAT(html, HasSubstr(">suppressed</text>"));
  EXPECT_THAT(html, HasSubstr("1 of 2 members answered."));
  // Nor an error of nothing.
  EXPECT_THAT(html,
              HasSubstr("<td class=\"hidden\">suppressed</td><td>-</td>"));
}

// Members' medians of 3 and 7 are no median of 10.
TEST(TableOutputTest, AMedianOfARegionIsARangeAndHasNoBar) {
  ops::RequestTableResponse response = Corridors();
  response.clear_indicator();
  response.set_measure("MEDIAN_HANDOVER_DAYS");
  response.set_unit("days");
  response.mutable_members(1)->clear_reason();
  const ops::RegionalCell& cell = response.cells(0);
  for (const int i : {0, 1}) {
    auto* own = response.mutable_members(i)->mutable_table()->add_cells();
    *own->mutable_codes() = cell.codes();
    own->set_status(federation::v1::CELL_STATUS_VALUE);
    own->set_value(i == 0 ? 7 : 3);
  }
  EXPECT_EQ(RegionalFigure(response, cell), "3 to 7");
  EXPECT_EQ(RegionalFigure(response, response.cells(1)), "suppressed");
  const std::string html = FormatTableHtml(response);
  EXPECT_THAT(html, HasSubstr("Median of days from acceptance to handover by"));
  EXPECT_THAT(html, HasSubstr("figures are days"));
  EXPECT_THAT(html, Not(HasSubstr("<svg")));
  EXPECT_TRUE(IsQuantile(response));
  EXPECT_FALSE(IsQuantile(Corridors()));
}

TEST(TableOutputTest, NoTableIsToldApartFromNotCollected) {
  ops::RequestTableResponse response = Corridors();
  const ops::RegionalCell& cell = response.cells(0);
  EXPECT_EQ(MemberFigure(response.members(0), cell), "suppressed");
  EXPECT_EQ(MemberFigure(response.members(1), cell), "-");
  response.mutable_members(1)->set_reason("NOT_COLLECTED");
  EXPECT_EQ(MemberFigure(response.members(1), cell), "not collected");
}

// Nobody reads a member's own figure out of its column.
TEST(TableHtmlTest, ASumAloneSaysThatNobodysOwnFiguresAreKnown) {
  ops::RequestTableResponse response = Corridors();
  EXPECT_THAT(FormatTableHtml(response), Not(HasSubstr("their sum alone")));
  response.mutable_members(0)->set_in_sum_alone(true);
  const std::string html = FormatTableHtml(response);
  EXPECT_THAT(html, HasSubstr("They tell their sum alone"));
  EXPECT_THAT(html, HasSubstr("<td>in the sum</td>"));
}

TEST(TableOutputTest, ASharesRangeIsShownAsOne) {
  ops::RequestTableResponse response = Corridors();
  EXPECT_EQ(ShareText(response, response.cells(0)), "-");
  auto* share = response.add_shares();
  *share->mutable_codes() = response.cells(0).codes();
  share->set_least(0.5);
  share->set_most(0.504);
  EXPECT_EQ(ShareText(response, response.cells(0)), "50 %");
  share->set_most(0.62);
  EXPECT_EQ(ShareText(response, response.cells(0)), "50-62 %");
}

TEST(TableOutputTest, AFileIsNamedForWhatItIs) {
  EXPECT_OK(CheckTableFile(""));
  EXPECT_OK(CheckTableFile("a.csv"));
  EXPECT_OK(CheckTableFile("a.html"));
  EXPECT_OK(CheckTableFile("a.json"));
  EXPECT_THAT(CheckTableFile("a.xls"), FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
