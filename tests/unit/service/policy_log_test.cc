#include "node/service/policy_log.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

absl::Time At(int64_t second) { return absl::FromUnixSeconds(second); }

// The seconds of both in the order of the log: "v3" for a version.
std::vector<std::string> Merged(const std::vector<int64_t>& activated,
                                const std::vector<int64_t>& refused_at) {
  std::vector<PolicyRow> versions(activated.size());
  for (size_t i = 0; i < activated.size(); ++i) {
    versions[i].activated_at = At(activated[i]);
  }
  std::vector<RefusedActivation> refused(refused_at.size());
  for (size_t i = 0; i < refused_at.size(); ++i) {
    refused[i].at = At(refused_at[i]);
  }
  std::vector<std::string> lines;
  for (const PolicyLogLine& line : MergePolicyLog(versions, refused)) {
    lines.push_back(
        line.version != nullptr
            ? absl::StrCat("v", absl::ToUnixSeconds(line.version->activated_at))
            : absl::StrCat("r", absl::ToUnixSeconds(line.refused->at)));
  }
  return lines;
}

TEST(PolicyLogTest, VersionsAndRefusalsStandInOneOrderOfTime) {
  EXPECT_THAT(Merged({9, 5, 1}, {10, 7, 6, 0}),
              ElementsAre("r10", "v9", "r7", "r6", "v5", "v1", "r0"));
}

TEST(PolicyLogTest, NothingIsLostWhereOneOfThemIsEmpty) {
  EXPECT_THAT(Merged({}, {}), IsEmpty());
  EXPECT_THAT(Merged({2, 1}, {}), ElementsAre("v2", "v1"));
  EXPECT_THAT(Merged({}, {2, 1}), ElementsAre("r2", "r1"));
}

}  // namespace
}  // namespace comity
