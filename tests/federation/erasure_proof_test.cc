#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/decision.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "node/crypto/aead.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/store/sqlite/session.h"
#include "node/wire/own_leaf.h"
#include "tests/support/border.h"
#include "tests/support/log_check.h"
#include "tests/support/permits.h"

namespace comity {
namespace {

namespace fs = std::filesystem;
namespace ops = operators::v1;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kName[] = "Zanaidou-of-the-test";

std::string Bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// The values of one column of a store.
std::vector<std::string> Column(const std::string& path, const char* sql) {
  std::vector<std::string> values;
  auto database = SqliteDatabase::Open(path, true);
  EXPECT_OK(database);
  auto rows = (*database)->Query(sql);
  EXPECT_OK(rows);
  while (*rows->Step()) values.push_back(rows->Blob(0));
  return values;
}

// What whoever holds a node's directory reads with the node's own keys.
struct Opened {
  std::string cases;     // records and facts
  std::string openings;  // what packets told
  std::string log;       // texts of the own log
  std::string calls;     // kept answers to own people
  size_t records = 0;    // in the facts of decisions that the log keeps
};

class Thief {
 public:
  explicit Thief(const std::string& directory)
      : path_(NodeLayout{directory}.StoreFile()),
        key_(ReadPrivateFile(NodeLayout{directory}.StoreKey())->Clone()),
        store_(*OpenStore(path_, key_, random_)) {}

  Opened OpenAll() {
    Opened all;
    ReadCases(all);
    ReadOpenings(all);
    ReadLog(all);
    ReadCalls(all);
    return all;
  }

 private:
  Permit May(LocalOperation operation) {
    return *engine_.DecideLocal(CallerForTest(Role::kCoordinator), operation,
                                nullptr, now_);
  }
  void ReadCases(Opened& all) {
    const auto cases =
        store_->ListCases(May(LocalOperation::kCaseRead), Uuid(), 100);
    EXPECT_OK(cases);
    for (const StoredCase& each : *cases) all.cases += each.body;
  }
  void ReadOpenings(Opened& all) {
    const Permit may = May(LocalOperation::kReferralRead);
    const auto referrals = store_->ListReferrals({});
    EXPECT_OK(referrals);
    for (const ReferralRow& row : *referrals) {
      const auto events = store_->ReadEvents(row.referral_id);
      EXPECT_OK(events);
      for (const EventRow& each : *events) {
        const auto opened = store_->ReadEventOpenings(may, each.event.event_id);
        if (opened.ok()) all.openings += opened->openings;
      }
    }
  }
  void ReadLog(Opened& all) {
    const auto rows = store_->ReadLeaves("comity/NE", 0, 1000, true);
    EXPECT_OK(rows);
    for (const LeafRow& row : *rows) {
      const auto entry = OpenOwnEntry(row.leaf, row.opening);
      EXPECT_OK(entry);
      absl::StrAppend(&all.log, entry->subject, "|", entry->actor, "|",
                      entry->detail, "\n");
      ops::DecisionFacts facts;
      if (facts.ParseFromString(entry->facts) && facts.has_record()) {
        ++all.records;
      }
    }
  }
  void ReadCalls(Opened& all) {
    const StoreKeys keys(key_);
    const auto names =
        Column(path_, "SELECT call_index FROM answered_calls ORDER BY 1");
    const auto sealed = Column(
        path_, "SELECT sealed_call FROM answered_calls ORDER BY call_index");
    for (size_t i = 0; i < names.size(); ++i) {
      const auto call = Open(keys.state, sealed[i], names[i]);
      EXPECT_OK(call);
      all.calls += *call;
    }
  }

  SystemRandom random_;
  PolicyEngine engine_ = EngineForTest();
  const absl::Time now_ = absl::Now();
  const std::string path_;
  const SecretBytes key_;
  const std::unique_ptr<Store> store_;
};

// Niger's case is referred and asked about; then she is erased.
class ErasureProofTest : public BorderTest {
 protected:
  void SetUp() override {
    Open({});
    draft_ = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    ops::UpdateCaseRequest named;
    named.set_case_id("C1");
    named.set_version(Version());
    named.mutable_record()->set_prs_second_name(kName);
    ASSERT_OK((As<ops::CaseService, ops::UpdateCaseResponse>(
        Coordinator(ne_, "coord"), &ops::CaseService::Stub::UpdateCase,
        named)));
    ASSERT_OK(Send("coord", draft_));
    ASSERT_TRUE(Await([&] { return Show(ng_, draft_.referral_id()).ok(); }));
    EXPECT_EQ(OutcomeOf(AskStatus("coord", draft_)), "RELEASED");
    const std::string store = NodeLayout{ne_.directory()}.StoreFile();
    for (const char* sql :
         {"SELECT wrapped_key FROM cases", "SELECT wrapped_key FROM referrals",
          "SELECT sealed_body FROM cases", "SELECT sealed_facts FROM cases",
          "SELECT content_index FROM cases",
          "SELECT term_index FROM case_terms",
          "SELECT pseudonym_index FROM pseudonyms",
          "SELECT sealed_pseudonym FROM pseudonyms",
          "SELECT sealed_openings FROM events WHERE sealed_openings != x''"}) {
      const auto values = Column(store, sql);
      EXPECT_FALSE(values.empty()) << sql;
      secrets_.insert(secrets_.end(), values.begin(), values.end());
    }
  }
  uint64_t Version() {
    ops::GetCaseRequest request;
    request.set_case_id("C1");
    const auto shown = As<ops::CaseService, ops::GetCaseResponse>(
        Coordinator(ne_, "coord"), &ops::CaseService::Stub::GetCase, request);
    EXPECT_OK(shown);
    case_id_ = shown->case_().case_id();
    return shown->case_().version();
  }

  // How many of the secrets, the name in clear among them, stand in some file.
  size_t Found(const std::string& directory) const {
    size_t hits = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      const std::string bytes = Bytes(entry.path());
      for (const std::string& secret : secrets_) {
        hits += absl::StrContains(bytes, secret) ? 1 : 0;
      }
      hits += absl::StrContains(bytes, kName) ? 1 : 0;
    }
    return hits;
  }
  // The directory as a backup made now restores it.
  std::string BackedUp(const std::string& name) {
    const std::string file = place_.Path(name + ".backup");
    EXPECT_OK(
        BackUpNode(ne_.directory(), file, passphrase_, clock_.Now(), random_));
    EXPECT_OK(RestoreNode(file, place_.Path(name), passphrase_, "", random_));
    return place_.Path(name);
  }
  std::string Copied(const std::string& name) {
    fs::remove_all(place_.Path(name));
    fs::copy(ne_.directory(), place_.Path(name), fs::copy_options::recursive);
    return place_.Path(name);
  }
  void Erase() {
    ops::EraseSubjectRequest request;
    request.set_case_id("C1");
    request.set_ground("SUBJECT_REQUEST");
    request.set_confirm(true);
    ASSERT_OK((As<ops::SubjectService, ops::EraseSubjectResponse>(
        ne_.As("ORG", Role::kDataProtectionOfficer, "dpo"),
        &ops::SubjectService::Stub::EraseSubject, request)));
  }

  TestDirectory place_;
  const SecretBytes passphrase_{"correct horse battery"};
  SystemRandom random_;
  ops::Referral draft_;
  std::string case_id_;
  std::vector<std::string> secrets_;
};

// The same searches find her before, so they would afterwards.
TEST_F(ErasureProofTest, BeforeItEverySearchFindsHer) {
  EXPECT_GE(Found(ne_.directory()), secrets_.size());
  const std::string restored = BackedUp("before");
  EXPECT_GE(Found(restored), secrets_.size());
  const Opened opened = Thief(restored).OpenAll();
  EXPECT_THAT(opened.cases, HasSubstr(kName));
  EXPECT_THAT(opened.openings, HasSubstr("Active"));
  EXPECT_THAT(opened.log, HasSubstr(case_id_));
  EXPECT_GT(opened.records, 0u);
}

// Law 11: neither a copy of the whole directory made afterwards, with the
// node's own keys, nor a later backup has the data key or anything it sealed.
TEST_F(ErasureProofTest, Law11NoCopyAndNoLaterBackupOpensAnErasedPerson) {
  Erase();
  ASSERT_TRUE(Await([&] {
    ne_.Tick();
    return Found(Copied("copy")) == 0;
  }));
  // The partner's answer comes in, too.
  ASSERT_TRUE(Await(
      [&] { return Show(ne_, draft_.referral_id())->history_size() == 3; }));
  EXPECT_TRUE(LogsHold(ne_));
  EXPECT_TRUE(LogsHold(ng_));
  const std::string restored = BackedUp("after");
  ne_.Stop();
  for (const std::string& directory : {restored, Copied("copy")}) {
    EXPECT_EQ(Found(directory), 0u);
    const Opened opened = Thief(directory).OpenAll();
    EXPECT_THAT(opened.cases, IsEmpty());
    EXPECT_THAT(opened.openings, IsEmpty());
    EXPECT_THAT(opened.calls, Not(HasSubstr(kName)));
    EXPECT_THAT(opened.log, Not(HasSubstr(kName)));
  }
}

// Who did what stays in the own log; about whom does not, but for the erasure.
TEST_F(ErasureProofTest, TheOwnLogTellsWhoActedAndNoMoreAboutWhom) {
  Erase();
  ne_.Stop();
  const Opened opened = Thief(Copied("copy")).OpenAll();
  std::vector<std::string> naming;
  for (const auto line : absl::StrSplit(opened.log, '\n')) {
    if (absl::StrContains(line, case_id_)) naming.emplace_back(line);
  }
  ASSERT_EQ(naming.size(), 1u);
  EXPECT_THAT(naming[0], HasSubstr("SUBJECT_ERASE SUBJECT_REQUEST"));
  EXPECT_EQ(opened.records, 0u);
  EXPECT_THAT(opened.log, HasSubstr("|ORG/coord (COORDINATOR)|CASE_CREATE"));
  EXPECT_THAT(opened.log, HasSubstr("CASE_QUERY"));
}

}  // namespace
}  // namespace comity
