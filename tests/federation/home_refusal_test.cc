#include "absl/strings/match.h"
#include "tests/support/attachment_story.h"

namespace comity {
namespace {

// What keeps a document at home is told to the own people.
class HomeRefusalTest : public AttachmentStory {
 protected:
  static constexpr char kNoMedical[] = R"(schema: "comity.policy.v1"
national {
  node: "NE"
  revision: 1
  title: "Niger"
  deny {
    id: "hospitals-tell-it"
    operation: [CASE_QUERY, IDENTITY_RELEASE]
    when { consent: [GIVEN] }
    withhold: [MEDICAL]
    reason: "Hospitals tell it themselves."
  }
}
)";

  // Why a medical report that names her is not offered.
  std::string WhyNot(const std::vector<v1::RecordGroup>& consented) {
    const std::string referral = ReferAccepted(consented);
    const auto document = Attach(Pdf(100));
    EXPECT_OK(document);
    const absl::Status status = Offer(referral, *document).status();
    EXPECT_THAT(status, FailsWith(ErrorReason::kRefusedAtHome));
    EXPECT_FALSE(absl::StrContains(status.message(), "Hospitals"));
    return std::string(status.message());
  }
};

TEST_F(HomeRefusalTest, AnOwnRuleIsNamedWithItsPlace) {
  Open({}, kNoMedical);
  const std::string why = WhyNot({kMedical, kIdentity});
  EXPECT_THAT(why, testing::HasSubstr("the own rule national/hospitals-tell-it "
                                      "("));
  EXPECT_THAT(why, testing::HasSubstr(":6) withholds MEDICAL"));
  EXPECT_FALSE(absl::StrContains(why, "IDENTITY"));
}

TEST_F(HomeRefusalTest, ConsentThatIsMissingIsNamedByGroup) {
  Open({});
  const std::string why = WhyNot({kMedical});
  EXPECT_THAT(why, testing::HasSubstr("her consent does not cover IDENTITY; "
                                      "comity consent record adds it"));
}

}  // namespace
}  // namespace comity
