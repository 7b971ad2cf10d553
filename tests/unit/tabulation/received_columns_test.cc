#include "node/domain/table_columns.h"
#include "node/tabulation/published_columns.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

Uuid Person(int number) {
  return *Uuid::FromBytes(std::string(15, '\0') + static_cast<char>(number));
}

uint64_t KeyOf(const Uuid& id) {
  return static_cast<uint64_t>(id.ToBytes().back());
}

PeriodColumns Rows(const std::vector<int>& persons,
                   CountedUnit unit = CountedUnit::kReferral) {
  std::vector<CodedCase> rows;
  for (const int person : persons) {
    CodedCase coded;
    coded.case_id = Person(person);
    coded.year = 2018;
    for (const TableColumn& column : AllTableColumns()) {
      coded.columns[column.name] = {kUnknownCode};
    }
    coded.columns["sent_quarter"] = {"Q3"};
    rows.push_back(std::move(coded));
  }
  return PeriodColumns::Of(rows, 2018, KeyOf, {}, unit);
}

TableQuestion Question(Measure measure) {
  return *TableQuestion::Create("2018", {"sent_quarter"}, {}, measure);
}

// Persons 1 and 2 are cases, 2 was sent twice, 3 and 4 were received.
PublishedColumns Columns() {
  return {Rows({1, 2}, CountedUnit::kPerson), Rows({2, 2}), Rows({3, 4, 4})};
}

TEST(ReceivedColumnsTest, WhatWasReceivedIsAMeasureOfItsOwn) {
  const PublishedColumns columns = Columns();
  const TableQuestion sent = Question(Measure::kReferrals);
  const TableQuestion received = Question(Measure::kReferralsReceived);
  EXPECT_EQ(columns.RowsOf(sent).size(), 2u);
  EXPECT_EQ(columns.RowsOf(received).size(), 3u);
  const ExactTable table = columns.RowsOf(received).CountReferrals(received);
  // The third quarter, and the total behind the four.
  EXPECT_EQ(table.Figure(2), 3u);
  EXPECT_EQ(table.cells[4].persons, 2u);
  EXPECT_NE(sent.CanonicalForm(), received.CanonicalForm());
}

TEST(ReceivedColumnsTest, ASnapshotReadsAsItWasWrittenAndRefusesDamage) {
  const std::string bytes = Columns().Serialize();
  ASSERT_OK_AND_ASSIGN(const PublishedColumns read,
                       PublishedColumns::Parse(bytes));
  EXPECT_EQ(read.Serialize(), bytes);
  ASSERT_TRUE(read.received.has_value());
  EXPECT_EQ(read.received->size(), 3u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(PublishedColumns::Parse(bytes.substr(0, size)),
                FailsWith(ErrorReason::kIntegrityFailure));
  }
}

// What an older build published goes on being counted, by those who sent.
TEST(ReceivedColumnsTest, WithoutReceivedOnesItIsTheFourthVersion) {
  PublishedColumns columns = Columns();
  columns.received.reset();
  const std::string bytes = columns.Serialize();
  EXPECT_EQ(bytes[0], 4);
  ASSERT_OK_AND_ASSIGN(const PublishedColumns read,
                       PublishedColumns::Parse(bytes));
  EXPECT_EQ(read.NotCollected(Question(Measure::kReferrals)), "");
  EXPECT_EQ(read.NotCollected(Question(Measure::kReferralsReceived)),
            kReceived);
}

// Who is missing among them is missing: noise begins anew.
TEST(ReceivedColumnsTest, APersonIsFoundAndMissedThere) {
  PublishedColumns fewer = Columns();
  EXPECT_TRUE(fewer.Holds(4));
  EXPECT_TRUE(fewer.HoldsAllOf(Columns()));
  fewer.received = Rows({3});
  EXPECT_FALSE(fewer.Holds(4));
  EXPECT_FALSE(fewer.HoldsAllOf(Columns()));
  EXPECT_TRUE(Columns().HoldsAllOf(fewer));
  fewer.received.reset();
  EXPECT_FALSE(fewer.HoldsAllOf(Columns()));
  EXPECT_TRUE(Columns().HoldsAllOf(fewer));
}

// Noise begins anew where few came, of whatever is counted.
TEST(ReceivedColumnsTest, FewWhoCameAreNoticedInEachOfThem) {
  const PublishedColumns before = Columns();
  EXPECT_FALSE(before.FewChangedSince(before, 3));
  PublishedColumns more = Columns();
  more.persons = Rows({1, 2, 5, 6}, CountedUnit::kPerson);
  EXPECT_TRUE(more.FewChangedSince(before, 3));
  EXPECT_FALSE(more.FewChangedSince(before, 2));
  more.referrals = Rows({2, 2, 2});
  EXPECT_TRUE(more.FewChangedSince(before, 2));
  more = Columns();
  more.received = Rows({3, 4, 4, 4});
  EXPECT_TRUE(more.FewChangedSince(before, 2));
  PublishedColumns older = Columns();
  older.received.reset();
  EXPECT_FALSE(more.FewChangedSince(older, 2));
}

}  // namespace
}  // namespace comity
