#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "tests/proof/case_calls.h"
#include "tests/proof/pair_of_nodes.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using Kind = ReferralEventKind;

constexpr uint64_t kSeed = 20261202;

// Who and where she is, and what people wrote about her.
const std::vector<std::string>& Secrets() {
  static const std::vector<std::string> secrets = {
      "Zubaidatu",          "Ng\xc5\xa9g\xc4\xa9-Balarabe",
      "2007-03-14",         "+22790112233",
      "+2348031234567",     "Tchirozerine",
      "Rue du Puits 17",    "NE-ID-5520177",
      "zuba@example.org",   "told the driver her sister's name",
      "insulin twice a day"};
  return secrets;
}

record::v1::CaseRecord WholeRecord(const std::string& reference) {
  record::v1::CaseRecord record = PlainRecord(reference);
  record.set_prs_first_name(Secrets()[0]);
  record.set_prs_second_name(Secrets()[1]);
  record.set_prs_birthdate(Secrets()[2]);
  record.set_prs_mobile_phone(Secrets()[3]);
  record.set_prs_home_phone(Secrets()[4]);
  record.set_prs_mailing_city(Secrets()[5]);
  record.set_prs_mailing_street(Secrets()[6]);
  record.set_prs_identity_number(Secrets()[7]);
  record.set_prs_email(Secrets()[8]);
  record.set_cco_case_comment(Secrets()[9]);
  record.set_x_health_summary(Secrets()[10]);
  record.mutable_plans(0)->set_spl_objectives(Secrets()[9]);
  record.set_cas_outgoing_referral_details(Secrets()[9]);
  return record;
}

std::string Utf16(const std::string& text) {
  std::string wide;
  for (const char each : text) wide += {each, '\0'};
  return wide;
}

std::string Percent(const std::string& text) {
  std::string escaped;
  for (const char each : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(each))) {
      escaped += each;
    } else {
      absl::StrAppend(
          &escaped, "%",
          absl::AsciiStrToUpper(absl::BytesToHexString(std::string(1, each))));
    }
  }
  return escaped;
}

// The forms in which bytes may hold a text: as it is, in capitals, wide, in
// hexadecimal, percent-encoded, and base64 in each of its three alignments.
std::vector<std::string> FormsOf(const std::string& text) {
  const std::string hex = absl::BytesToHexString(text);
  std::vector<std::string> forms = {text,
                                    absl::AsciiStrToUpper(text),
                                    absl::AsciiStrToLower(text),
                                    Utf16(text),
                                    hex,
                                    absl::AsciiStrToUpper(hex),
                                    Percent(text)};
  for (size_t shift = 0; shift < 3; ++shift) {
    for (const bool web_safe : {false, true}) {
      const std::string padded = std::string(shift, '\0') + text;
      std::string encoded = web_safe ? absl::WebSafeBase64Escape(padded)
                                     : absl::Base64Escape(padded);
      // The characters at both ends depend on the neighbours too.
      const size_t from = shift == 0 ? 0 : shift + 1;
      forms.push_back(encoded.substr(from, padded.size() * 4 / 3 - from));
    }
  }
  return forms;
}

std::vector<std::string> FoundIn(const std::string& bytes) {
  std::vector<std::string> found;
  for (const std::string& secret : Secrets()) {
    for (const std::string& form : FormsOf(secret)) {
      if (bytes.find(form) == std::string::npos) continue;
      found.push_back(secret);
      break;
    }
  }
  return found;
}

TEST(IdentitySearchTest, TheSearchKnowsATextInEveryForm) {
  for (const std::string& form : FormsOf(Secrets()[0])) {
    EXPECT_THAT(FoundIn("ab\x01" + form + "\xff"),
                testing::Contains(Secrets()[0]))
        << form;
  }
  for (const char* before : {"", "x", "xy"}) {
    EXPECT_THAT(FoundIn(absl::Base64Escape(before + Secrets()[3] + "tail")),
                testing::Contains(Secrets()[3]));
  }
  EXPECT_THAT(FoundIn("Zubaida"), testing::IsEmpty());
}

// Every byte that either node hands to the other, from the first handshake on.
class IdentityBytesTest : public testing::Test {
 protected:
  IdentityBytesTest() {
    for (LossyLink* link : {nodes_.to_ng.get(), nodes_.to_ne.get()}) {
      link->AddTap([this](LinkCall call, const std::string& request,
                          const std::string* answer) {
        sent_ += answer == nullptr ? request : *answer;
        ++calls_[call];
      });
    }
  }

  void Begin() {
    EXPECT_OK(
        MakeScreenedCase(nodes_.ne, *Uuid::Parse(kCase), WholeRecord("W1")));
    referral_.case_name = "W1";
    EXPECT_OK(nodes_.walk.RecordConsent(referral_, AllGroups(),
                                        absl::Hours(24 * 50)));
    EXPECT_OK(nodes_.walk.Draft(referral_));
    EXPECT_OK(nodes_.to_ng->Handshake({}, absl::Seconds(1)));
  }
  static std::vector<v1::RecordGroup> AllGroups() {
    std::vector<v1::RecordGroup> groups;
    for (int i = v1::RECORD_GROUP_CASE_REF; i < v1::RECORD_GROUP_NARRATIVE;
         ++i) {
      groups.push_back(static_cast<v1::RecordGroup>(i));
    }
    return groups;
  }
  void Take(LinkedNode& node, Kind kind) {
    EXPECT_OK(nodes_.walk.Take(referral_, node, kind)) << Name(kind);
    EXPECT_TRUE(nodes_.Deliver());
  }

  static constexpr const char* kCase = "00000000-0000-4000-8000-000000000001";
  PairOfNodes nodes_{kSeed};
  WalkedReferral referral_;
  std::string sent_;
  std::map<LinkCall, int> calls_;
};

// Law 4, with consent to everything: what leaves before the receiver accepted
// tells neither who nor where she is, nor what was written about her.
TEST_F(IdentityBytesTest, Law4NothingThatLeavesBeforeAcceptanceNamesHer) {
  Begin();
  Take(nodes_.ne, Kind::kSent);
  Take(nodes_.ng, Kind::kInfoRequested);
  Take(nodes_.ne, Kind::kInfoAnswered);
  EXPECT_FALSE(
      nodes_.walk.AskCase(referral_, {v1::RECORD_GROUP_IDENTITY}).ok());
  EXPECT_FALSE(
      nodes_.walk.AskCase(referral_, {v1::RECORD_GROUP_CONTACT_POINT}).ok());
  EXPECT_OK(nodes_.walk.AskCase(referral_, {v1::RECORD_GROUP_NEEDS}));
  Take(nodes_.ne, Kind::kConsentRecorded);
  EXPECT_THAT(FoundIn(sent_), testing::IsEmpty());
  for (const LinkCall call : {LinkCall::kHandshake, LinkCall::kDeliver,
                              LinkCall::kExchange, LinkCall::kAskCase}) {
    EXPECT_GT(calls_[call], 1) << static_cast<int>(call);
  }
  EXPECT_GT(sent_.size(), 10000u);
}

// The same search finds her once she may be named, and only what was asked.
TEST_F(IdentityBytesTest, TheSearchFindsHerNameAfterItsRelease) {
  Begin();
  Take(nodes_.ne, Kind::kSent);
  Take(nodes_.ng, Kind::kAccepted);
  EXPECT_THAT(FoundIn(sent_), testing::IsEmpty());
  EXPECT_OK(nodes_.walk.AskCase(referral_, {v1::RECORD_GROUP_IDENTITY}));
  EXPECT_THAT(FoundIn(sent_),
              testing::UnorderedElementsAre(Secrets()[0], Secrets()[1],
                                            Secrets()[2], Secrets()[7]));
}

// Acceptance alone is not enough: without consent she stays unnamed.
TEST_F(IdentityBytesTest, Law4AcceptanceWithoutConsentNamesNobody) {
  Begin();
  EXPECT_OK(nodes_.walk.WithdrawGroups(
      referral_, {v1::RECORD_GROUP_IDENTITY, v1::RECORD_GROUP_CONTACT_POINT,
                  v1::RECORD_GROUP_LOCATION, v1::RECORD_GROUP_MEDICAL}));
  Take(nodes_.ne, Kind::kSent);
  Take(nodes_.ng, Kind::kAccepted);
  for (const v1::RecordGroup group :
       {v1::RECORD_GROUP_IDENTITY, v1::RECORD_GROUP_CONTACT_POINT,
        v1::RECORD_GROUP_LOCATION, v1::RECORD_GROUP_MEDICAL}) {
    EXPECT_FALSE(nodes_.walk.AskCase(referral_, {group}).ok());
  }
  EXPECT_THAT(FoundIn(sent_), testing::IsEmpty());
}

}  // namespace
}  // namespace comity
