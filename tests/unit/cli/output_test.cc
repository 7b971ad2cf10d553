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
