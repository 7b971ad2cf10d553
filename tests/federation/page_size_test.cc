#include "tests/support/border.h"
#include "tests/support/operator_call.h"

namespace comity {
namespace {

class PageSizeTest : public BorderTest {
 protected:
  // Somebody of Niger's who may call the method.
  CommandContext& WhoMay(const std::string& name) {
    if (name.starts_with("AdminService")) {
      return ne_.As("ORG", Role::kAuditor, "auditor");
    }
    if (name.starts_with("PolicyService")) {
      return ne_.As("ORG", Role::kAdmin, "admin-1");
    }
    if (name.starts_with("SubjectService")) {
      return ne_.As("ORG", Role::kDataProtectionOfficer, "dpo");
    }
    if (name.starts_with("TableService")) {
      return ne_.As("ORG", Role::kStatistician, "stat");
    }
    return Coordinator(ne_, "coord");
  }
};

// A page of fewer than no entries is a mistake of the caller's, and is told so
// by every listing instead of being taken for another size.
TEST_F(PageSizeTest, EveryListingRefusesANegativeSize) {
  Open({});
  MakeCase("C1", {});
  const std::vector<std::string> listings = OperatorMethodsWith("page_size");
  EXPECT_GE(listings.size(), 11u);
  for (const std::string& name : listings) {
    SCOPED_TRACE(name);
    const auto refused = CallByName(WhoMay(name), name,
                                    name == "SubjectService/GetSubjectReport"
                                        ? "case_id: 'C1' page_size: -1"
                                        : "page_size: -1");
    EXPECT_THAT(refused, FailsWith(ErrorReason::kFieldInvalid));
    EXPECT_THAT(std::string(refused.status().message()),
                testing::HasSubstr("page_size"));
  }
}

}  // namespace
}  // namespace comity
