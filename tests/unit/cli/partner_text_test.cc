#include <functional>
#include <string>

#include "node/cli/consent_text.h"
#include "node/cli/correction_output.h"
#include "node/cli/referral_output.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

namespace pb = operators::v1;
using testing::HasSubstr;
using testing::Not;

// What a hostile partner writes into any text that it may send: a screen that
// is cleared, and a line of its own.
constexpr const char* kHostile = "x\x1b[2J\n  next: comity partner remove NE\r";

std::string Printed(const std::function<void()>& print) {
  testing::internal::CaptureStdout();
  print();
  fflush(stdout);
  return testing::internal::GetCapturedStdout();
}

void ExpectTamed(const std::string& text) {
  EXPECT_THAT(text, HasSubstr("x?[2J   next: comity partner remove NE"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_THAT(text, Not(HasSubstr("\n  next: comity partner")));
}

TEST(PartnerTextTest, AReferralIsShownWithoutOrdersToTheTerminal) {
  pb::Referral referral;
  referral.set_purpose(kHostile);
  ExpectTamed(Printed([&] { PrintReferral(referral); }));
  pb::ReferralProgress progress;
  progress.set_outcome(kHostile);
  ExpectTamed(
      Printed([&] { PrintProgress(pb::Referral(), progress, Wording()); }));
}

TEST(PartnerTextTest, SoIsWhatItAnswersToAWithdrawal) {
  pb::WithdrawalStanding standing;
  standing.add_copies()->set_ground(kHostile);
  ExpectTamed(Printed([&] { PrintWithdrawal(standing); }));
}

TEST(PartnerTextTest, SoIsWhyACorrectionIsNotTold) {
  google::protobuf::RepeatedPtrField<pb::CorrectionOutcome> outcomes;
  auto* refused = outcomes.Add()->add_refused();
  refused->set_group(v1::RECORD_GROUP_STATUS);
  refused->set_reason(kHostile);
  ExpectTamed(Printed([&] { PrintCorrections(outcomes); }));
}

}  // namespace
}  // namespace comity
