#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/display_name.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// The bilateral agreement calls Nigeria by a name of its parties' own.
class DisplayNamesTest : public BorderTest {
 protected:
  static Edits Named(const std::string& name) {
    return {{"party: [", "party_name { party: \"NG\" name: \"" + name +
                             "\" fr: \"Le Nig\u00e9ria\" }\n  party: ["}};
  }
  static std::string NigeriaIn(const ops::Referral& referral,
                               const std::string& language) {
    return WithName("NG", referral.names(), language);
  }
};

TEST_F(DisplayNamesTest, PeopleReadTheAgreementsNameBesideTheCode) {
  Open(Named("Nigeria, NAPTIP"));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(draft.receiver(), "NG");
  EXPECT_EQ(NigeriaIn(draft, "en"), "Nigeria, NAPTIP (NG)");
  EXPECT_EQ(NigeriaIn(draft, "fr"), "Le Nig\u00e9ria (NG)");
  EXPECT_EQ(NigeriaIn(draft, "pt"), "Nigeria, NAPTIP (NG)");
  // Whom it does not name is called by the code.
  EXPECT_EQ(WithName("NE", draft.names(), "en"), "NE");
  const auto status = As<Admin, ops::GetStatusResponse>(
      ne_.As("ORG", Role::kAdmin, "admin"), &Admin::Stub::GetStatus,
      ops::GetStatusRequest());
  ASSERT_OK(status);
  ASSERT_EQ(status->partners_size(), 1);
  EXPECT_EQ(status->partners(0).participant(), "NG");
  EXPECT_EQ(WithName("NG", status->partners(0).names(), "en"),
            "Nigeria, NAPTIP (NG)");
}

// Law 2: whoever is called like another participant is still decided about by
// its own code.
TEST_F(DisplayNamesTest, Law2ANameDecidesNothing) {
  Open(Named("Niger"));
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Send("coord", draft));
  ASSERT_TRUE(Await([&] { return Show(ng_, draft.referral_id()).ok(); }));
  const auto shown = Show(ng_, draft.referral_id());
  ASSERT_OK(shown);
  EXPECT_EQ(shown->referral().holder(), "NE");
  EXPECT_EQ(shown->referral().receiver(), "NG");
  EXPECT_EQ(NigeriaIn(shown->referral(), "en"), "Niger (NG)");
  ASSERT_OK_AND_ASSIGN(const auto answer, AskStatus("coord", draft));
  EXPECT_TRUE(answer.has_released());
}

}  // namespace
}  // namespace comity
