#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/wire/proto_time.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Cases = ops::CaseService;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Cases at home change, and go from one person to another.
class CaseChangeTest : public BorderTest {
 protected:
  void SetUp() override { Open({}); }

  CommandContext& Coord() { return Coordinator(ne_, "coord"); }
  // A node's people are known by their names, whatever their organisations.
  CommandContext& Worker(const std::string& organisation,
                         const std::string& person = "") {
    return ne_.As(
        organisation, Role::kCaseWorker,
        person.empty() ? absl::AsciiStrToLower(organisation) : person);
  }
  absl::StatusOr<ops::Case> Read(CommandContext& person,
                                 const std::string& name = "C1") {
    ops::GetCaseRequest request;
    request.set_case_id(name);
    ASSIGN_OR_RETURN(const auto shown,
                     (As<Cases, ops::GetCaseResponse>(
                         person, &Cases::Stub::GetCase, request)));
    return shown.case_();
  }
  absl::StatusOr<ops::UpdateCaseResponse> Edit(
      CommandContext& person, uint64_t version,
      const std::function<void(ops::UpdateCaseRequest&)>& change) {
    ops::UpdateCaseRequest request;
    request.set_case_id("C1");
    request.set_version(version);
    change(request);
    return As<Cases, ops::UpdateCaseResponse>(person, &Cases::Stub::UpdateCase,
                                              request);
  }
  absl::Status Assign(CommandContext& person, const std::string& to) {
    ops::AssignCaseRequest request;
    request.set_case_id("C1");
    request.set_to(to);
    return As<Cases, ops::AssignCaseResponse>(person, &Cases::Stub::AssignCase,
                                              request)
        .status();
  }
  absl::Status Delegate(CommandContext& person, const std::string& to,
                        absl::Duration length) {
    ops::DelegateCaseRequest request;
    request.set_case_id("C1");
    request.set_to(to);
    *request.mutable_until() = ToProtoTime(clock_.Now() + length);
    return As<Cases, ops::DelegateCaseResponse>(
               person, &Cases::Stub::DelegateCase, request)
        .status();
  }
};

TEST_F(CaseChangeTest, AnEditReplacesWhatItNamesAndNothingElse) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const auto first = Edit(Coord(), Read(Coord())->version(), [](auto& request) {
    request.mutable_record()->set_prs_second_name("Bello");
    request.mutable_record()->add_prs_citizenship("NE");
    request.mutable_record()->add_prs_citizenship("NG");
  });
  ASSERT_OK(first);
  EXPECT_THAT(first->changed(),
              ElementsAre("prs_SecondName", "prs_Citizenship"));
  ASSERT_OK(Edit(Coord(), first->version(), [](auto& request) {
    request.mutable_record()->add_prs_citizenship("NG");
    request.add_clear("prs_SecondName");
  }));
  const auto shown = Read(Coord());
  ASSERT_OK(shown);
  EXPECT_THAT(shown->record().prs_citizenship(), ElementsAre("NG"));
  EXPECT_EQ(shown->record().prs_second_name(), "");
  EXPECT_EQ(shown->record().cas_status(), "Active");
  EXPECT_EQ(shown->record().x_local_reference(), "C1");
}

TEST_F(CaseChangeTest, AnEditIsFoundByItsNewNameAndLoggedWithoutIt) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const auto edited =
      Edit(Coord(), Read(Coord())->version(), [](auto& request) {
        request.mutable_record()->set_prs_second_name("Bello");
      });
  ASSERT_OK(edited);
  ops::FindCasesRequest find;
  find.set_family_name("bello");
  const auto found =
      As<Cases, ops::FindCasesResponse>(Coord(), &Cases::Stub::FindCases, find);
  ASSERT_OK(found);
  EXPECT_EQ(found->cases_size(), 1);
  EXPECT_THAT(LogDetail(edited->audit_entry_id()), HasSubstr("prs_SecondName"));
  EXPECT_THAT(LogDetail(edited->audit_entry_id()), Not(HasSubstr("Bello")));
}

TEST_F(CaseChangeTest, NobodyOverwritesWhatSheHasNotSeen) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const uint64_t seen = Read(Coord())->version();
  ASSERT_OK(Edit(Coordinator(ne_, "second"), seen, [](auto& request) {
    request.mutable_record()->set_cas_status("FollowUp");
  }));
  const auto lost = Edit(Coord(), seen, [](auto& request) {
    request.mutable_record()->set_cas_status("Closed");
  });
  EXPECT_THAT(lost, FailsWith(ErrorReason::kVersionConflict));
  EXPECT_EQ(Read(Coord())->record().cas_status(), "FollowUp");
}

TEST_F(CaseChangeTest, AnEditThatSaysNothingUsefulIsRefused) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const uint64_t version = Read(Coord())->version();
  const auto refused = [&](auto change) {
    return ReasonOf(Edit(Coord(), version, change).status());
  };
  EXPECT_EQ(refused([](auto&) {}), ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& request) {
              request.mutable_record()->set_x_local_reference("C2");
            }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& request) { request.add_clear("shoe_size"); }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(refused([](auto& request) {
              request.mutable_record()->set_cas_status("Sleeping");
            }),
            ErrorReason::kFieldInvalid);
  EXPECT_EQ(Read(Coord())->version(), version);
}

// The flag was there before; the edit makes Nigeria a state concerned.
TEST_F(CaseChangeTest, Law3AnEditThatMakesAStateConcernedShutsItOut) {
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ops::RecordScreeningRequest screen;
  screen.set_case_id("C1");
  screen.mutable_screening()->set_official_involvement(true);
  ASSERT_OK((As<Cases, ops::RecordScreeningResponse>(
      Coord(), &Cases::Stub::RecordScreening, screen)));
  const auto citizen_of = [&](const char* country) {
    ASSERT_OK(Edit(Coord(), Read(Coord())->version(), [&](auto& request) {
      request.mutable_record()->add_prs_citizenship(country);
      auto* event = request.mutable_record()->add_events();
      event->set_hte_type("Exploitation");
      event->set_hte_country("ML");
    }));
  };
  citizen_of("TG");
  EXPECT_EQ(OutcomeOf(AskStatus("officer", draft)), "RELEASED");
  citizen_of("NG");
  EXPECT_EQ(OutcomeOf(AskStatus("officer", draft)), "NOT_AVAILABLE");
}

TEST_F(CaseChangeTest, AnOrganisationSeesTheCasesThatAreItsOwn) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_OK(Read(Worker("ORG")));
  EXPECT_THAT(Read(Worker("SHELTER")), FailsWith(ErrorReason::kNotFound));
  ASSERT_OK(Assign(Coord(), "SHELTER/hawa.m"));
  EXPECT_THAT(Read(Worker("ORG")), FailsWith(ErrorReason::kNotFound));
  const auto shown = Read(Worker("SHELTER"));
  ASSERT_OK(shown);
  EXPECT_EQ(shown->owner(), "SHELTER/hawa.m");
}

TEST_F(CaseChangeTest, ACaseWorkerGivesACaseAwayWithinHerOrganisation) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  EXPECT_THAT(Assign(Worker("ORG"), "SHELTER/hawa.m"),
              FailsWith(ErrorReason::kLocalAccessDenied));
  EXPECT_THAT(Assign(Worker("ORG"), "hawa.m"),
              FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(Assign(Worker("SHELTER"), "SHELTER/hawa.m"),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_OK(Assign(Worker("ORG"), "ORG/second"));
}

TEST_F(CaseChangeTest, ADelegateReachesTheCaseUntilItsTimeEnds) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  CommandContext& hawa = Worker("SHELTER", "hawa.m");
  EXPECT_THAT(Delegate(Coord(), "SHELTER/hawa.m", absl::Hours(24 * 91)),
              FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(Delegate(Coord(), "SHELTER/hawa.m", absl::Hours(24)));
  EXPECT_OK(Read(hawa));
  EXPECT_EQ(Read(Coord())->delegate(), "SHELTER/hawa.m");
  EXPECT_THAT(Read(Worker("SHELTER", "other")),
              FailsWith(ErrorReason::kNotFound));
  const auto listed = As<Cases, ops::ListCasesResponse>(
      hawa, &Cases::Stub::ListCases, ops::ListCasesRequest());
  ASSERT_OK(listed);
  EXPECT_EQ(listed->cases_size(), 1);
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(Read(hawa), FailsWith(ErrorReason::kNotFound));
}

TEST_F(CaseChangeTest, ADelegationIsEndedEarly) {
  MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  ASSERT_OK(Delegate(Coord(), "SHELTER/hawa.m", absl::Hours(24)));
  ops::DelegateCaseRequest end;
  end.set_case_id("C1");
  ASSERT_OK((As<Cases, ops::DelegateCaseResponse>(
      Coord(), &Cases::Stub::DelegateCase, end)));
  EXPECT_THAT(Read(Worker("SHELTER", "hawa.m")),
              FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
