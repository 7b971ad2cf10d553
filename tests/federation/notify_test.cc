#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;
using testing::SizeIs;

class NotifyTest : public BorderTest {
 protected:
  void SetUp() override {
    UseHook(absl::StrCat("printf '%s\n' \"$*\" >>", told_));
    Open({{"max_per_day: 200",
           "notify: [CASE_OWNER, DPO_AT_HOLDER, DPO_AT_ASKER]"}});
  }

  // Writes the hook of Niger's node.
  void UseHook(const std::string& script) {
    ASSERT_OK(WritePublicFile(hook_, absl::StrCat("#!/bin/sh\n", script)));
    ASSERT_EQ(chmod(hook_.c_str(), 0700), 0);
    const std::string file = NodeLayout{ne_.directory()}.Config();
    ASSERT_OK(WritePublicFile(
        file,
        absl::StrReplaceAll(*ReadPublicFile(file),
                            {{"notify_hook: \"\"",
                              absl::StrCat("notify_hook: \"", hook_, "\"")}})));
  }
  std::vector<std::string> Told() {
    const auto text = ReadPublicFile(told_);
    if (!text.ok()) return {};
    return absl::StrSplit(*text, '\n', absl::SkipEmpty());
  }
  CommandContext& Officer(TestParticipant& node) {
    return node.As("ORG", Role::kDataProtectionOfficer, "dpo");
  }

  // What status says of the hook.
  ops::StatusCheck HookCheck() {
    const auto status = As<Admin, ops::GetStatusResponse>(
        ne_.As("ORG", Role::kAdmin, "admin-1"), &Admin::Stub::GetStatus,
        ops::GetStatusRequest());
    EXPECT_OK(status);
    for (const auto& check : status->checks()) {
      if (check.subject() == "notify hook") return check;
    }
    ADD_FAILURE() << "status says nothing of the hook";
    return {};
  }

  TestDirectory files_;
  const std::string hook_ = files_.Path("hook");
  const std::string told_ = files_.Path("told");
};

TEST_F(NotifyTest, BothSidesTellWhomTheAgreementNames) {
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  const auto at_holder = Inbox(Officer(ne_));
  ASSERT_THAT(at_holder.notices(), SizeIs(1));
  EXPECT_EQ(at_holder.notices(0).target(), "DPO_AT_HOLDER");
  EXPECT_EQ(at_holder.notices(0).kind(), "RELEASED");
  const auto at_asker = Inbox(Officer(ng_));
  ASSERT_THAT(at_asker.notices(), SizeIs(1));
  EXPECT_EQ(at_asker.notices(0).target(), "DPO_AT_ASKER");
  EXPECT_THAT(Inbox(Coordinator(ne_, "coord")).notices(), SizeIs(1));
  EXPECT_THAT(Inbox(Coordinator(ne_, "second")).notices(), SizeIs(0));
  // The hook hears target, kind and entry, and nothing else.
  ASSERT_TRUE(Await([&] { return Told().size() == 2; }));
  const std::string entry = at_holder.notices(0).entry_id();
  EXPECT_THAT(Told(), testing::UnorderedElementsAre(
                          absl::StrCat("DPO_AT_HOLDER RELEASED ", entry),
                          absl::StrCat("CASE_OWNER RELEASED ", entry)));
}

TEST_F(NotifyTest, ARefusalTellsNobody) {
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  auto question = StatusQuestion(draft);
  question.set_pseudonym("00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(OutcomeOf(Ask("amina", question)), "NOT_AVAILABLE");
  EXPECT_THAT(Inbox(Officer(ne_)).notices(), SizeIs(0));
  EXPECT_THAT(Inbox(Officer(ng_)).notices(), SizeIs(0));
}

TEST_F(NotifyTest, AHookThatFailsIsTriedAgainLater) {
  UseHook(absl::StrCat("echo try >>", files_.Path("tries"), "\n[ -e ",
                       files_.Path("ready"), " ] && echo ok >>", told_));
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  ASSERT_TRUE(Await([&] { return ReadPublicFile(files_.Path("tries")).ok(); }));
  EXPECT_THAT(Told(), SizeIs(0));
  ASSERT_OK(WritePublicFile(files_.Path("ready"), ""));
  EXPECT_TRUE(Await([&] {
    clock_.Advance(absl::Seconds(2));
    return Told().size() == 2;
  }));
}

TEST_F(NotifyTest, StatusSaysWhetherTheHookRuns) {
  EXPECT_TRUE(HookCheck().ok());
  UseHook(
      absl::StrCat("[ -e ", files_.Path("ready"), " ] && echo ok >>", told_));
  const auto draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_EQ(OutcomeOf(AskStatus("amina", draft)), "RELEASED");
  ASSERT_TRUE(Await([&] {
    return absl::StrContains(HookCheck().detail(), "failed for 2 notice(s)");
  }));
  EXPECT_FALSE(HookCheck().ok());
  ASSERT_OK(WritePublicFile(files_.Path("ready"), ""));
  EXPECT_TRUE(Await([&] {
    clock_.Advance(absl::Seconds(2));
    return HookCheck().ok();
  }));
  ASSERT_EQ(chmod(hook_.c_str(), 0600), 0);
  EXPECT_THAT(HookCheck().detail(), testing::HasSubstr("no program"));
}

}  // namespace
}  // namespace comity
