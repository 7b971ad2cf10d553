#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <random>

#include "comity/federation/v1/case_query.pb.h"
#include "comity/record/v1/case_record.pb.h"
#include "node/identity/private_file.h"
#include "node/service/case_answer.h"
#include "node/wire/policy_file.h"
#include "tests/proof/proof_size.h"
#include "tests/support/service_parts.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

constexpr char kAgreement[] = "agreements/ng-ne-bilateral.textproto";
constexpr char kNationalRules[] = R"(
schema: "comity.policy.v1"
national {
  node: "NE"
  revision: 1
  title: "Withholds everything while the trafficker is free"
  deny {
    id: "hide"
    operation: [CASE_QUERY]
    when { risk_any_of: [TRAFFICKER_AT_LARGE] }
    withhold: [STATUS]
    reason: "Withheld."
  }
})";

// What this thread has worked, other programs and waiting left out.
int64_t ThreadNanos() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return int64_t{1000000000} * used.tv_sec + used.tv_nsec;
}

int64_t LowerQuarter(std::vector<int64_t> values) {
  const auto at = values.begin() + static_cast<int64_t>(values.size() / 4);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Law 10: Nigeria asks for the status of cases that Niger does not tell it,
// each for another reason, and of one that does not exist.
class RefusalsTellNothingTest : public testing::Test {
 protected:
  RefusalsTellNothingTest() {
    const std::string agreement =
        *ReadPublicFile(std::string(COMITY_SOURCE_DIR "/policy/") + kAgreement);
    const PolicyFileBody bilateral = *LoadPolicyFile("a", agreement).body;
    digest_ = bilateral.digest;
    const PolicySet set = *AssemblePolicySet(
        "NE", {bilateral, *LoadPolicyFile("n", kNationalRules).body});
    parts_.policy.Set(
        {{absl::InfinitePast(), std::make_shared<PolicyEngine>(set, 1)}}, {});
    pseudonyms_["no such case"] = NewUuid(parts_.random);
    CaseFacts flagged = Facts();
    flagged.screening->never_contact = true;
    AddCase("flagged", flagged);
    CaseFacts refused = Facts();
    refused.consents[0].state = ConsentState::kRefused;
    AddCase("not allowed for this record", refused);
    CaseFacts withheld = Facts();
    withheld.risks = {{RiskMarker::kTraffickerAtLarge}};
    AddCase("withheld entirely", withheld);
    CaseFacts unscreened = Facts();
    unscreened.screening.reset();
    AddCase("not screened", unscreened);
  }

  // Those of a case whose status Nigeria may know.
  CaseFacts Facts() {
    CaseFacts facts;
    facts.case_id = NewUuid(parts_.random);
    facts.owner = "ANLTP/someone";
    facts.organisation = "ANLTP";
    facts.screening =
        DangerScreening{parts_.clock.Now(), "ANLTP/someone", false, {}, false};
    facts.age = AgeClass::kAdult;
    facts.origin_countries = {{"NG"}};
    facts.exploitation_countries = {{"NE"}};
    facts.risks.emplace();
    Consent consent{NewUuid(parts_.random), facts.case_id, asker_};
    consent.purpose = Purpose::kSafeReturn;
    consent.groups = {FieldGroup::kStatus};
    consent.state = ConsentState::kGiven;
    consent.language = "ha";
    consent.given_at = parts_.clock.Now() - absl::Minutes(1);
    consent.expires_at = parts_.clock.Now() + absl::Hours(24);
    facts.consents.push_back(consent);
    return facts;
  }

  void AddCase(const std::string& name, const CaseFacts& facts) {
    record::v1::CaseRecord record;
    record.set_x_local_reference(name);
    record.set_prs_first_name("Somebody");
    record.set_cas_status("Active");
    pseudonyms_[name] = NewUuid(parts_.random);
    ASSERT_OK(parts_.store.Transact([&](StoreTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.InsertCase({facts, record.SerializeAsString(), {}}));
      for (const Consent& consent : facts.consents) {
        RETURN_IF_ERROR(tx.PutConsent(consent));
      }
      if (facts.screening.has_value()) {
        RETURN_IF_ERROR(tx.PutScreening(facts.case_id, *facts.screening));
      }
      return tx.PutPseudonym(facts.case_id, asker_, pseudonyms_[name]);
    }));
  }

  FederationCall CallAbout(const Uuid& pseudonym) {
    federation::v1::CaseQuestion question;
    question.set_agreement_id("ng-ne-bilateral");
    question.set_agreement_digest(digest_);
    question.set_purpose("SAFE_RETURN");
    question.set_basis("CONSENT");
    question.set_role("COORDINATOR");
    question.set_organisation("NAPTIP");
    question.set_pseudonym(pseudonym.ToBytes());
    question.add_wanted(v1::RECORD_GROUP_STATUS);
    const MessageLeaf leaf{MessageKind::kCaseQuestion, parts_.clock.Now(),
                           asker_, parts_.self};
    FederationCall call{Caller{asker_, true, "", Role::kUnset, "", ""},
                        VerifiedMessage{{}, leaf, "", {}}, parts_.clock.Now()};
    call.message.message.payload = question.SerializeAsString();
    return call;
  }

  const ParticipantCode asker_ = *ParticipantCode::Create("NG");
  ServiceParts parts_;
  const QuestionMethod method_ = CaseAnswerMethod(parts_.node);
  std::string digest_;
  std::map<std::string, Uuid> pseudonyms_;
};

TEST_F(RefusalsTellNothingTest, Law10EveryPrivateReasonIsTheSameBytes) {
  AddCase("told", Facts());
  const auto told =
      method_.handle(CallAbout(pseudonyms_["told"]), parts_.store);
  ASSERT_OK(told);
  EXPECT_NE(told->detail.find("PERMIT"), std::string::npos);
  pseudonyms_.erase("told");
  const auto absent =
      method_.handle(CallAbout(pseudonyms_["no such case"]), parts_.store);
  ASSERT_OK(absent);
  EXPECT_EQ(absent->payload.size(), told->payload.size());
  std::vector<std::string> reasons;
  for (const auto& [name, pseudonym] : pseudonyms_) {
    const auto answer = method_.handle(CallAbout(pseudonym), parts_.store);
    ASSERT_OK(answer);
    EXPECT_EQ(answer->payload, absent->payload) << name;
    EXPECT_EQ(answer->about_nobody.has_value(), name == "no such case") << name;
    reasons.push_back(answer->detail);
  }
  // The own log knows what the asker does not. A case that is not there counts
  // as one that was never screened.
  std::sort(reasons.begin(), reasons.end());
  reasons.erase(std::unique(reasons.begin(), reasons.end()), reasons.end());
  EXPECT_EQ(reasons.size(), 4u);
}

// Counts reads of each kind; a decoy counts as what it stands for.
class CountingStore : public FaultInjectingStore {
 public:
  using FaultInjectingStore::FaultInjectingStore;

  absl::StatusOr<CaseFacts> ReadFacts(const Uuid& case_id) const override {
    ++facts;
    return FaultInjectingStore::ReadFacts(case_id);
  }
  absl::StatusOr<CaseFacts> ReadDecoyFacts(
      const Uuid& pseudonym) const override {
    const auto read = FaultInjectingStore::ReadDecoyFacts(pseudonym);
    if (read.ok()) ++facts;
    return read;
  }
  absl::StatusOr<StoredCase> ReadCase(const Permit& permit,
                                      const Uuid& case_id) const override {
    ++bodies;
    return FaultInjectingStore::ReadCase(permit, case_id);
  }
  absl::StatusOr<StoredCase> ReadDecoy() const override {
    ++bodies;
    return FaultInjectingStore::ReadDecoy();
  }
  absl::StatusOr<uint32_t> ReadCounter(
      absl::string_view counter, absl::string_view window) const override {
    ++counters;
    return FaultInjectingStore::ReadCounter(counter, window);
  }

  mutable int facts = 0;
  mutable int bodies = 0;
  mutable int counters = 0;
};

TEST_F(RefusalsTellNothingTest, Law10EveryAnswerReadsTheStoreAsOften) {
  AddCase("told", Facts());
  for (const auto& [name, pseudonym] : pseudonyms_) {
    CountingStore store(*OpenStore(parts_.directory.Path("s.db"),
                                   SecretBytes(std::string(32, 'k')),
                                   parts_.random));
    const auto answer = method_.handle(CallAbout(pseudonym), store);
    ASSERT_OK(answer);
    EXPECT_EQ(store.facts, 1) << name;
    EXPECT_EQ(store.bodies, 1) << name;
    EXPECT_EQ(store.counters, 1) << name;
  }
}

// Over many replies, in an order of chance and with another person who is not
// there each time: COMITY_REFUSALS of them, one text, one size, and as many
// reads and decryptions for each.
TEST_F(RefusalsTellNothingTest, Law10ManyRefusalsAreOneTextOneSizeAndOneWork) {
  const uint64_t replies = SizeOf("COMITY_REFUSALS", 2000);
  CountingStore store(*OpenStore(parts_.directory.Path("s.db"),
                                 SecretBytes(std::string(32, 'k')),
                                 parts_.random));
  std::vector<std::string> names;
  for (const auto& [name, pseudonym] : pseudonyms_) names.push_back(name);
  std::mt19937_64 chance(20261217);
  std::string text;
  std::map<std::string, uint64_t> seen;
  for (uint64_t i = 0; i < replies; ++i) {
    const std::string& name = names[chance() % names.size()];
    const Uuid pseudonym =
        name == "no such case" ? NewUuid(parts_.random) : pseudonyms_[name];
    const int before = store.facts + store.bodies + store.counters;
    const auto answer = method_.handle(CallAbout(pseudonym), store);
    ASSERT_OK(answer);
    if (text.empty()) text = answer->payload;
    ASSERT_EQ(answer->payload, text) << name << ", reply " << i;
    ASSERT_EQ(store.facts + store.bodies + store.counters, before + 3)
        << name << ", reply " << i;
    ++seen[name];
  }
  // Each reason is among them.
  EXPECT_EQ(seen.size(), names.size());
  for (const auto& [name, count] : seen) EXPECT_GT(count, replies / 10) << name;
}

// How much work one call is of another, by what this thread worked. The two
// take turns, and either goes first as often, so that what else the machine
// does meets both alike; calls that it disturbed are at the upper end, and the
// lower quarter is looked at.
double WorkRatio(const std::function<void()>& one,
                 const std::function<void()>& other) {
  constexpr int kPairs = 1000;
  const auto measure = [](const std::function<void()>& call) {
    const int64_t start = ThreadNanos();
    call();
    return ThreadNanos() - start;
  };
  std::vector<int64_t> of_one;
  std::vector<int64_t> of_other;
  for (int pair = 0; pair < kPairs; ++pair) {
    const bool first = pair % 2 == 0;
    if (first) of_one.push_back(measure(one));
    of_other.push_back(measure(other));
    if (!first) of_one.push_back(measure(one));
  }
  return static_cast<double>(LowerQuarter(of_one)) /
         static_cast<double>(LowerQuarter(of_other));
}

// A real difference is there each time; what a busy machine makes is not.
bool TakesTheSameWork(const std::function<void()>& one,
                      const std::function<void()>& other) {
  double ratio = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    ratio = WorkRatio(one, other);
    if (ratio > 0.85 && ratio < 1.15) return true;
  }
  std::printf("%.3f times the work\n", ratio);
  return false;
}

TEST_F(RefusalsTellNothingTest, Law10EveryPrivateReasonTakesTheSameWork) {
  const FederationCall absent = CallAbout(pseudonyms_["no such case"]);
  const auto answer = [this](const FederationCall& call) {
    EXPECT_OK(method_.handle(call, parts_.store));
  };
  for (const auto& [name, pseudonym] : pseudonyms_) {
    const FederationCall call = CallAbout(pseudonym);
    EXPECT_TRUE(
        TakesTheSameWork([&] { answer(call); }, [&] { answer(absent); }))
        << name;
  }
}

// A decoy of the facts or of the body that costs nothing.
class HastyStore : public FaultInjectingStore {
 public:
  explicit HastyStore(std::unique_ptr<Store> store, StoredCase body)
      : FaultInjectingStore(std::move(store)), body_(std::move(body)) {}

  absl::StatusOr<StoredCase> ReadDecoy() const override { return body_; }
  absl::StatusOr<CaseFacts> ReadDecoyFacts(const Uuid&) const override {
    return body_.facts;
  }

 private:
  const StoredCase body_;
};

// What the measure is for: a reason that returns early is seen, though it
// answers with the same bytes.
TEST_F(RefusalsTellNothingTest, TheMeasureSeesAReasonThatReturnsEarly) {
  const FederationCall call = CallAbout(pseudonyms_["not screened"]);
  const FederationCall absent = CallAbout(pseudonyms_["no such case"]);
  const auto decoy = parts_.store.ReadDecoy();
  ASSERT_OK(decoy);
  const HastyStore hasty(
      *OpenStore(parts_.directory.Path("s.db"),
                 SecretBytes(std::string(32, 'k')), parts_.random),
      *decoy);
  const auto whole = method_.handle(call, parts_.store);
  ASSERT_OK(whole);
  const auto early = method_.handle(absent, hasty);
  ASSERT_OK(early);
  EXPECT_EQ(early->payload, whole->payload);
  EXPECT_FALSE(
      TakesTheSameWork([&] { EXPECT_OK(method_.handle(absent, hasty)); },
                       [&] { EXPECT_OK(method_.handle(call, parts_.store)); }));
}

}  // namespace
}  // namespace comity
