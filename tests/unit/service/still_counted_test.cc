#include "node/service/still_counted.h"

#include "absl/strings/str_cat.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/base/status_macros.h"
#include "node/disclosure/cell_key.h"
#include "node/service/table_protection.h"
#include "node/wire/case_record.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

// A period of Niger's that is counted while its cases change.
class StillCountedTest : public testing::Test {
 protected:
  static record::v1::CaseRecord Record(const std::string& reference) {
    record::v1::CaseRecord record;
    record.set_x_local_reference(reference);
    record.set_x_registered_on("2018-03-04");
    return record;
  }
  NewCase MakeCase(bool of_packet) {
    NewCase made;
    made.facts.case_id = NewUuid(parts_.random);
    made.facts.owner = "ANLTP/tester";
    made.facts.organisation = "ANLTP";
    const std::string reference = absl::StrCat("R", ++references_);
    made.body = Record(reference).SerializeAsString();
    made.terms = {{IndexKind::kLocalReference, reference}};
    if (of_packet) {
      made.facts.provenance =
          Provenance{*ParticipantCode::Create("NG"), NewUuid(parts_.random)};
    }
    return made;
  }
  Uuid Insert(bool of_packet = false) {
    const NewCase made = MakeCase(of_packet);
    Write([&](StoreTransaction& tx) { return tx.InsertCase(made); });
    return made.facts.case_id;
  }
  void Write(const std::function<absl::Status(StoreTransaction&)>& body) {
    EXPECT_OK(parts_.store.Transact(body));
  }
  void Say(const Uuid& case_id, Purpose purpose) {
    Consent no{NewUuid(parts_.random), case_id, *ParticipantCode::Create("NG")};
    no.purpose = purpose;
    no.groups = {FieldGroup::kStatus};
    no.state = ConsentState::kRefused;
    no.given_at = parts_.clock.Now();
    Write([&](StoreTransaction& tx) { return tx.PutConsent(no); });
  }

  // What is counted of these, now.
  void Count(const std::vector<Uuid>& cases) {
    ASSERT_OK_AND_ASSIGN(before_, parts_.store.ReadLastChanges());
    std::vector<CodedCase> coded;
    for (const Uuid& each : cases) {
      coded.push_back(CodedCaseOf(Record("R")));
      coded.back().case_id = each;
    }
    const SecretBytes secret = RecordKeySecret(parts_.node);
    columns_.persons = PeriodColumns::Of(
        coded, 2018, [&](const Uuid& id) { return RecordKey(secret, id); }, {});
  }
  absl::Status Check() {
    absl::Status checked;
    Write([&](StoreTransaction& tx) {
      checked = CheckStillCounted(parts_.node, columns_, before_, tx);
      return absl::OkStatus();
    });
    return checked;
  }
  static auto Changed() { return FailsWith(ErrorReason::kVersionConflict); }

  ServiceParts parts_;
  int references_ = 0;
  LastChanges before_;
  PublishedColumns columns_;
};

TEST_F(StillCountedTest, Law5WhoIsErasedWhileAPeriodIsCountedIsNotPublished) {
  const Uuid her = Insert();
  Count({Insert(), her});
  EXPECT_OK(Check());
  Write([&](StoreTransaction& tx) { return tx.EraseCase(her); });
  EXPECT_THAT(Check(), Changed());
}

TEST_F(StillCountedTest, Law5WhoSaysNoWhileAPeriodIsCountedIsNotPublished) {
  const Uuid her = Insert();
  Count({Insert(), her});
  // Of another purpose; and of one who is not in it.
  Say(her, Purpose::kSafeReturn);
  Say(Insert(), Purpose::kStatistics);
  EXPECT_OK(Check());
  Say(her, Purpose::kStatistics);
  EXPECT_THAT(Check(), Changed());
  Count({});
  EXPECT_OK(Check());
}

TEST_F(StillCountedTest, Law5APacketThatChangesMeanwhileIsLookedAtAgain) {
  const Uuid hers = Insert(/*of_packet=*/true);
  Count({hers});
  Say(Insert(), Purpose::kSafeReturn);
  EXPECT_OK(Check());
  Say(hers, Purpose::kSafeReturn);
  EXPECT_THAT(Check(), Changed());
}

// What is entered and corrected at home goes on, and so does publishing.
TEST_F(StillCountedTest, OtherChangesOfOwnCasesLetThePeriodBePublished) {
  const Uuid own = Insert();
  Count({own});
  Write([&](StoreTransaction& tx) -> absl::Status {
    for (int i = 0; i < 1500; ++i) {
      RETURN_IF_ERROR(tx.InsertCase(MakeCase(false)));
    }
    return absl::OkStatus();
  });
  Say(own, Purpose::kSafeReturn);
  EXPECT_OK(Check());
}

}  // namespace
}  // namespace comity
