#include "absl/strings/str_replace.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_participant.h"

namespace comity {
namespace {

namespace ops = operators::v1;
constexpr char kBilateral[] = "agreements/ng-ne-bilateral.textproto";

// What an administrator of Niger puts in force, or fails to.
class PolicyActivationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ne_.Start(clock_));
    ASSERT_OK(ne_.Activate(
        {kBilateral, "national/ne.textproto", "local/ne.textproto"}));
    before_ = InForce();
    ASSERT_EQ(before_.size(), 3u);
  }

  // Kind, id and digest of each file in force.
  std::vector<std::string> InForce() {
    CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
    const auto response =
        admin.Call<ops::PolicyService, ops::ListPoliciesResponse>(
            &ops::PolicyService::Stub::ListPolicies,
            ops::ListPoliciesRequest());
    EXPECT_OK(response);
    std::vector<std::string> files;
    for (const auto& file : response->active()) {
      files.push_back(file.kind() + file.policy_id() + file.digest());
    }
    return files;
  }

  // What comity status says of one subject.
  std::string Status(const std::string& subject) {
    CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
    const auto response = admin.Call<ops::AdminService, ops::GetStatusResponse>(
        &ops::AdminService::Stub::GetStatus, ops::GetStatusRequest());
    EXPECT_OK(response);
    for (const auto& check : response->checks()) {
      if (check.subject() == subject) {
        return (check.ok() ? "ok: " : "not ok: ") + check.detail();
      }
    }
    return "";
  }

  // What comity policy log says of the last refusal.
  std::string LastRefused() {
    CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
    const auto response =
        admin.Call<ops::PolicyService, ops::ListPolicyVersionsResponse>(
            &ops::PolicyService::Stub::ListPolicyVersions,
            ops::ListPolicyVersionsRequest());
    EXPECT_OK(response);
    if (!response.ok()) return "";
    for (const ops::PolicyLogEntry& entry : response->entries()) {
      if (!entry.has_refused()) continue;
      EXPECT_EQ(entry.refused().refused_by(), "ORG/admin-1");
      return entry.refused().why();
    }
    ADD_FAILURE() << "nothing was refused";
    return "";
  }

  // The log, read by pages of that size: kind and revision, or why not.
  std::vector<std::string> LoggedBy(int page_size) {
    CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
    ops::ListPolicyVersionsRequest request;
    request.set_page_size(page_size);
    std::vector<std::string> lines;
    do {
      const auto page =
          admin.Call<ops::PolicyService, ops::ListPolicyVersionsResponse>(
              &ops::PolicyService::Stub::ListPolicyVersions, request);
      EXPECT_OK(page);
      if (!page.ok()) return lines;
      EXPECT_LE(page->entries_size(), page_size);
      for (const ops::PolicyLogEntry& entry : page->entries()) {
        lines.push_back(entry.has_refused()
                            ? entry.refused().why()
                            : absl::StrCat(entry.version().kind(), " ",
                                           entry.version().revision()));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return lines;
  }

  void ExpectRefused(const std::string& text, const std::string& why) {
    const absl::Status status = ne_.ActivateTexts({text});
    EXPECT_THAT(status, FailsWith(ErrorReason::kPolicyInvalid));
    EXPECT_NE(std::string(status.message()).find(why), std::string::npos)
        << status;
    EXPECT_EQ(InForce(), before_);
    EXPECT_EQ(Status("agreements"), "ok: 1 in force");
    EXPECT_THAT(Status("last activation"),
                testing::StartsWith("not ok: the files before stay in force"));
    EXPECT_THAT(Status("last activation"), testing::HasSubstr(why));
    ne_.Stop();
    ASSERT_OK(ne_.Start(clock_));
    EXPECT_EQ(InForce(), before_);
    EXPECT_EQ(Status("agreements"), "ok: 1 in force");
    // A restart mends no file.
    EXPECT_THAT(Status("last activation"), testing::HasSubstr(why));
    EXPECT_THAT(LastRefused(), testing::HasSubstr(why));
  }

  // The agreement's next revision with one text in another's place.
  static std::string Changed(const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(ReadyPolicy(kBilateral),
                               {{"revision: 1", "revision: 2"}, {from, to}});
  }

  FakeClock clock_{absl::Now()};
  TestParticipant ne_{"NE", clock_.Now()};
  std::vector<std::string> before_;
};

TEST_F(PolicyActivationTest, Law2AFileThatDoesNotLoadChangesNothing) {
  ExpectRefused(Changed("purpose: [SAFE_RETURN]", "purpose: [CURIOSITY]"),
                "CURIOSITY");
  ExpectRefused(Changed("release: [CASE_REF", "release: [SHOE_SIZE, CASE_REF"),
                "SHOE_SIZE");
  ExpectRefused(Changed("title:", "colour:"), "colour");
}

TEST_F(PolicyActivationTest, Law2ADutyOfAnotherBuildChangesNothing) {
  ExpectRefused(
      Changed("max_per_day: 20 }", "max_per_day: 20 max_per_week: 2 }"),
      "max_per_week");
}

TEST_F(PolicyActivationTest, AGoodActivationEndsTheWarning) {
  EXPECT_FALSE(ne_.ActivateTexts({Changed("title:", "colour:")}).ok());
  ASSERT_OK(ne_.ActivateTexts({Changed("title: \"", "title: \"New ")}));
  EXPECT_THAT(Status("last activation"), testing::StartsWith("ok: "));
  EXPECT_NE(InForce(), before_);
}

TEST_F(PolicyActivationTest, Law2OneBadFileKeepsAGoodOneOutToo) {
  const absl::Status status =
      ne_.ActivateTexts({Changed("title: \"", "title: \"New "),
                         Changed("purpose: [SAFE_RETURN]", "purpose: [X]")});
  EXPECT_THAT(status, FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_EQ(InForce(), before_);
}

// What comity policy log prints, whatever the size of its pages.
TEST_F(PolicyActivationTest, TheLogTellsVersionsAndRefusalsInOneOrderOfTime) {
  const auto pass = [&] { clock_.Advance(absl::Seconds(1)); };
  pass();
  EXPECT_FALSE(ne_.ActivateTexts({Changed("title:", "colour:")}).ok());
  pass();
  ASSERT_OK(ne_.ActivateTexts({Changed("title: \"", "title: \"New ")}));
  pass();
  EXPECT_FALSE(ne_.ActivateTexts({Changed("title:", "shape:")}).ok());
  const std::vector<std::string> all = LoggedBy(50);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_THAT(all[0], testing::HasSubstr("shape"));
  EXPECT_EQ(all[1], "agreement 2");
  EXPECT_THAT(all[2], testing::HasSubstr("colour"));
  EXPECT_EQ(LoggedBy(1), all);
  EXPECT_EQ(LoggedBy(4), all);
}

// The file of an agreement goes round among its parties.
TEST_F(PolicyActivationTest, SignaturesOfOtherPartiesStandBesideOnesOwn) {
  TestParticipant ng("NG", clock_.Now());
  ASSERT_OK(ng.Start(clock_));
  const std::string text = Changed("title: \"", "title: \"New ");
  ops::ActivatePolicyRequest request;
  auto* file = request.add_files();
  file->set_file_name("a");
  file->set_text(text);
  const auto activate = [&] {
    CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
    request.set_request_id(admin.NewRequestId());
    return admin.Call<ops::PolicyService, ops::ActivatePolicyResponse>(
        &ops::PolicyService::Stub::ActivatePolicy, request);
  };
  for (const char* person : {"admin-1", "admin-2"}) {
    *file->add_signatures() = ng.SignatureOf(person, text);
  }
  EXPECT_THAT(activate(), FailsWith(ErrorReason::kApprovalsMissing));
  *file->add_signatures() = ne_.SignatureOf("admin-1", text);
  EXPECT_THAT(activate(), FailsWith(ErrorReason::kApprovalsMissing));
  *file->add_signatures() = ne_.SignatureOf("admin-2", text);
  EXPECT_OK(activate());
  EXPECT_NE(InForce(), before_);
}

// Over another text, by whomever.
TEST_F(PolicyActivationTest, ASignatureThatDoesNotVerifyIsRefused) {
  const std::string text = Changed("title: \"", "title: \"New ");
  absl::StatusOr<ops::ActivatePolicyRequest> request = ne_.ActivationOf({text});
  ASSERT_OK(request);
  *request->mutable_files(0)->add_signatures() =
      ne_.SignatureOf("admin-1", ReadyPolicy(kBilateral));
  CommandContext& admin = ne_.As("ORG", Role::kAdmin, "admin-1");
  request->set_request_id(admin.NewRequestId());
  EXPECT_THAT((admin.Call<ops::PolicyService, ops::ActivatePolicyResponse>(
                  &ops::PolicyService::Stub::ActivatePolicy, *request)),
              FailsWith(ErrorReason::kPolicyInvalid));
  EXPECT_EQ(InForce(), before_);
}

}  // namespace
}  // namespace comity
