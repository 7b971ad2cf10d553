#include "node/service/closed_revisions.h"

#include "comity/record/v1/case_record.pb.h"
#include "node/disclosure/cell_key.h"
#include "node/service/table_protection.h"
#include "node/wire/case_record.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Persons of Niger's and the revisions of 2018 that hold them.
class ClosedRevisionsTest : public testing::Test {
 protected:
  static record::v1::CaseRecord Record(const std::string& reference) {
    record::v1::CaseRecord record;
    record.set_x_local_reference(reference);
    record.set_x_registered_on("2018-03-04");
    return record;
  }
  void Write(const std::function<absl::Status(StoreTransaction&)>& body) {
    EXPECT_OK(parts_.store.Transact(body));
  }
  Uuid Insert(const std::string& reference, bool of_packet = false) {
    NewCase made;
    made.facts.case_id = NewUuid(parts_.random);
    made.facts.owner = "ANLTP/tester";
    made.facts.organisation = "ANLTP";
    if (of_packet) {
      made.facts.provenance =
          Provenance{*ParticipantCode::Create("NG"), NewUuid(parts_.random)};
    }
    made.body = Record(reference).SerializeAsString();
    made.terms = {{IndexKind::kLocalReference, reference}};
    Write([&](StoreTransaction& tx) { return tx.InsertCase(made); });
    return made.facts.case_id;
  }
  void SayNo(const Uuid& case_id, Purpose purpose = Purpose::kStatistics) {
    Consent no{NewUuid(parts_.random), case_id, *ParticipantCode::Create("NG")};
    no.purpose = purpose;
    no.groups = {FieldGroup::kStatus};
    no.state = ConsentState::kRefused;
    no.given_at = parts_.clock.Now();
    Write([&](StoreTransaction& tx) { return tx.PutConsent(no); });
  }

  PublishedColumns ColumnsOf(const std::vector<Uuid>& persons) {
    std::vector<CodedCase> cases;
    for (const Uuid& each : persons) {
      cases.push_back(CodedCaseOf(Record("R")));
      cases.back().case_id = each;
    }
    const SecretBytes secret = RecordKeySecret(parts_.node);
    return {
        PeriodColumns::Of(
            cases, 2018, [&](const Uuid& id) { return RecordKey(secret, id); }),
        {}};
  }
  // As an older build published it, without keys beside it.
  SnapshotRow Revision(uint32_t revision, const std::vector<Uuid>& persons) {
    return {"2018", revision, parts_.clock.Now(), "ORG/stat",
            ColumnsOf(persons).Serialize()};
  }
  std::vector<uint32_t> RevisionsOf(const Uuid& person) {
    const auto rows =
        RevisionsWith(parts_.node, parts_.store, {person}, parts_.clock.Now());
    EXPECT_OK(rows);
    std::vector<uint32_t> revisions;
    if (!rows.ok()) return revisions;
    for (const SnapshotRow& row : *rows) revisions.push_back(row.revision);
    return revisions;
  }
  LastChanges LastChange() { return *parts_.store.ReadLastChanges(); }
  bool SomebodyLeft(const LastChanges& since, const PublishedColumns& columns) {
    const auto left =
        SomebodyLeftSince(parts_.node, parts_.store, since, columns);
    EXPECT_OK(left);
    return left.ok() && *left;
  }

  ServiceParts parts_;
  const Uuid first_ = Insert("R1");
  const Uuid second_ = Insert("R2");
};

TEST_F(ClosedRevisionsTest, Law5EveryRevisionWithHerIsFoundAndNoOther) {
  SnapshotRow both = Revision(1, {first_, second_});
  both.record_keys = ColumnsOf({first_, second_}).RecordKeys();
  SnapshotRow one = Revision(2, {second_});
  one.record_keys = ColumnsOf({second_}).RecordKeys();
  Write([&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.InsertSnapshot(both));
    return tx.InsertSnapshot(one);
  });
  EXPECT_THAT(RevisionsOf(first_), ElementsAre(1u));
  EXPECT_EQ(RevisionsOf(second_).size(), 2u);
  EXPECT_THAT(RevisionsOf(NewUuid(parts_.random)), IsEmpty());
}

TEST_F(ClosedRevisionsTest, Law5SoIsOneThatAnOlderBuildPublished) {
  Write([&](StoreTransaction& tx) {
    return tx.InsertSnapshot(Revision(1, {first_}));
  });
  EXPECT_THAT(RevisionsOf(first_), ElementsAre(1u));
  EXPECT_THAT(RevisionsOf(second_), IsEmpty());
}

TEST_F(ClosedRevisionsTest, Law5WhoSaidNoSinceTheCountIsFound) {
  const PublishedColumns columns = ColumnsOf({first_});
  const LastChanges counted = LastChange();
  EXPECT_FALSE(SomebodyLeft(counted, columns));
  // She was not counted.
  SayNo(second_);
  EXPECT_FALSE(SomebodyLeft(counted, columns));
  SayNo(first_);
  EXPECT_TRUE(SomebodyLeft(counted, columns));
  // Who said so before was left out by the count.
  EXPECT_FALSE(SomebodyLeft(LastChange(), columns));
}

TEST_F(ClosedRevisionsTest, Law5WhoWasErasedSinceTheCountIsFound) {
  const PublishedColumns columns = ColumnsOf({first_});
  const LastChanges counted = LastChange();
  Write([&](StoreTransaction& tx) { return tx.EraseCase(second_); });
  EXPECT_FALSE(SomebodyLeft(counted, columns));
  Write([&](StoreTransaction& tx) { return tx.EraseCase(first_); });
  EXPECT_TRUE(SomebodyLeft(counted, columns));
}

TEST_F(ClosedRevisionsTest,
       Law5APacketThatChangedSinceTheCountIsLookedAtAgain) {
  const Uuid received = Insert("R3", /*of_packet=*/true);
  const PublishedColumns columns = ColumnsOf({first_, received});
  const LastChanges counted = LastChange();
  // Of an own case this is no reason not to count her.
  SayNo(first_, Purpose::kSafeReturn);
  EXPECT_FALSE(SomebodyLeft(counted, columns));
  SayNo(received, Purpose::kSafeReturn);
  EXPECT_TRUE(SomebodyLeft(counted, columns));
}

}  // namespace
}  // namespace comity
