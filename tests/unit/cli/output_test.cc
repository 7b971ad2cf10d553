#include "node/cli/output.h"

#include "comity/operators/v1/case_service.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

TEST(OutputTest, ColumnsLineUpOnATerminal) {
  EXPECT_EQ(FormatTable({{"a", "bb", "c"}, {"ddd", "", ""}, {"e"}}, true),
            "a    bb  c\nddd\ne\n");
}

TEST(OutputTest, LettersWithAccentsAreOneWide) {
  EXPECT_EQ(FormatTable({{"Hélène", "x"}, {"Amina2", "y"}}, true),
            "Hélène  x\nAmina2  y\n");
}

TEST(OutputTest, TabsSeparateElsewhere) {
  EXPECT_EQ(FormatTable({{"a", "", "c"}, {"ddd", "e", "f"}}, false),
            "a\t\tc\nddd\te\tf\n");
}

// A name or a note that came from a partner clears no screen and writes no row.
TEST(OutputTest, TextFromElsewhereGivesATerminalNoOrders) {
  EXPECT_EQ(OnOneLine("a\x1b[2Jb\x07\x7f"), "a?[2Jb??");
  EXPECT_EQ(OnOneLine("stored\nRELEASED\tall\r"), "stored RELEASED all ");
  // C1 controls and those that turn the direction of text.
  EXPECT_EQ(OnOneLine("a\xc2\x9b"
                      "2J"),
            "a??2J");
  EXPECT_EQ(OnOneLine("a\xe2\x80\xae"
                      "b"),
            "a???b");
  EXPECT_EQ(OnOneLine("Hélène"), "Hélène");
  for (const bool terminal : {true, false}) {
    EXPECT_EQ(FormatTable({{"a\x1b[2J\nb"}}, terminal), "a?[2J b\n");
  }
}

TEST(OutputTest, NoRowsAreNoText) { EXPECT_EQ(FormatTable({}, true), ""); }

TEST(OutputTest, QuotesWhatJsonWouldMisread) {
  EXPECT_EQ(JsonQuoted("a\"b\\c\td\x7f"), R"("a\"b\\c\u0009d\u007f")");
  EXPECT_EQ(JsonQuoted("Hélène"), "\"Hélène\"");
  EXPECT_EQ(JsonQuoted("H\xe9l\xe8ne"), R"("H?l?ne")");
}

TEST(OutputTest, ResultsAreOneObjectWithTheSchema) {
  google::protobuf::Struct read;
  operators::v1::RecordScreeningResponse message;
  message.set_audit_entry_id("comity/NE#3");
  for (const std::string& text :
       {FormatJson(message), FormatJson({{"audit_entry_id", "comity/NE#3"}})}) {
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(text, &read).ok())
        << text;
    EXPECT_EQ(read.fields_size(), 2);
    EXPECT_EQ(read.fields().at("schema").string_value(), "comity.cli.v1");
    EXPECT_EQ(read.fields().at("audit_entry_id").string_value(), "comity/NE#3");
  }
  const std::string none =
      FormatJson(google::protobuf::Struct::default_instance());
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(none, &read).ok())
      << none;
}

}  // namespace
}  // namespace comity
