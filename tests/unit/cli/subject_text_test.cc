#include "node/cli/subject_text.h"

#include "node/wire/policy_labels.h"
#include "node/wire/proto_time.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fed = federation::v1;
namespace ops = operators::v1;

const absl::Time kWhen = absl::FromUnixSeconds(1'800'000'000);

ops::GetSubjectReportResponse Report() {
  ops::GetSubjectReportResponse report;
  report.set_participant("NE");
  *report.mutable_made_at() = ToProtoTime(kWhen + absl::Hours(1));
  fed::SubjectLine& line = *report.add_lines();
  *line.mutable_time() = ToProtoTime(kWhen);
  line.set_act(fed::SUBJECT_ACT_ASKED_BY_OTHER);
  line.set_participant("NG");
  line.set_organisation("NAPTIP");
  line.set_role("COORDINATOR");
  line.set_operation("CASE_QUERY");
  line.set_purpose("SAFE_RETURN");
  line.set_basis("CONSENT");
  line.set_agreement_id("ng-ne-bilateral");
  line.add_groups(v1::RECORD_GROUP_STATUS);
  fed::SubjectLine& erased = *report.add_lines();
  erased.set_act(fed::SUBJECT_ACT_TOLD_BY_OTHER);
  erased.set_participant("NG");
  erased.set_operation("ERASURE_CONFIRMED");
  auto* copies = erased.add_copies();
  copies->set_copies(fed::COPY_CLASS_CASE);
  copies->set_outcome(fed::ERASURE_OUTCOME_KEPT);
  copies->set_ground("COURT_ORDER");
  *copies->mutable_kept_until() = ToProtoTime(kWhen);
  return report;
}

TEST(SubjectTextTest, ALineSaysWhoWhenWhatAndByWhichRight) {
  EXPECT_THAT(SubjectReportText(Report(), *LoadPhrasebook("en")),
              HasSubstr("\n"
                        "2027-01-15 08:00 UTC  Nigeria asked: question about a "
                        "case\n"
                        "  by: NAPTIP, coordinator\n"
                        "  purpose: safe and voluntary return\n"
                        "  legal ground: the person’s consent\n"
                        "  agreement: ng-ne-bilateral\n"
                        "  data told: status of the case\n"));
}

TEST(SubjectTextTest, WhatAPartnerWroteWritesNoLineAndNoOrders) {
  ops::GetSubjectReportResponse report = Report();
  report.mutable_lines(0)->set_agreement_id("x\x1b[2J\n  by: nobody");
  const std::string text = SubjectReportText(report, *LoadPhrasebook("en"));
  EXPECT_THAT(text, HasSubstr("  agreement: x?[2J   by: nobody\n"));
}

// Invariant 13: as the two states call each other, with the code beside it.
TEST(SubjectTextTest, AParticipantIsCalledAsTheAgreementCallsIt) {
  ops::GetSubjectReportResponse report = Report();
  auto& name = *report.add_names();
  name.set_participant("NG");
  (*name.mutable_in_language())["en"] = "Federal Republic";
  (*name.mutable_in_language())["fr"] = "R\u00e9publique";
  EXPECT_THAT(SubjectReportText(report, *LoadPhrasebook("en")),
              HasSubstr("Federal Republic (NG) asked: "));
  const std::string french = SubjectReportText(report, *LoadPhrasebook("fr"));
  EXPECT_THAT(french, HasSubstr("R\u00e9publique (NG) a demand\u00e9 : "));
  EXPECT_THAT(french, Not(HasSubstr("Nig\u00e9ria")));
}

TEST(SubjectTextTest, ItIsToldInHerLanguageFromTheSameCodes) {
  const std::string french = SubjectReportText(Report(), *LoadPhrasebook("fr"));
  EXPECT_THAT(french, HasSubstr("Nigéria a demandé : "));
  EXPECT_THAT(french, HasSubstr("conservé, décision d’un tribunal, jusqu’au "
                                "2027-01-15 08:00 UTC"));
  const std::string portuguese =
      SubjectReportText(Report(), *LoadPhrasebook("pt"));
  EXPECT_THAT(portuguese, HasSubstr("conservado, ordem de um tribunal, até "));
  for (const std::string& text : {french, portuguese}) {
    EXPECT_THAT(text, Not(HasSubstr("COURT_ORDER")));
    EXPECT_THAT(text, Not(HasSubstr("SAFE_RETURN")));
    EXPECT_THAT(text, Not(HasSubstr("{")));
  }
}

TEST(SubjectTextTest, ItSaysWhatWasLeftOutAndShowsNothingInItsPlace) {
  ops::GetSubjectReportResponse report = Report();
  report.mutable_left_out()->set_partners(true);
  report.mutable_left_out()->set_times(true);
  for (fed::SubjectLine& line : *report.mutable_lines()) {
    line.clear_participant();
    line.clear_time();
  }
  const std::string text = SubjectReportText(report, *LoadPhrasebook("en"));
  EXPECT_THAT(text, HasSubstr("Left out for your safety: which other countries "
                              "or bodies were concerned; when it happened.\n"));
  EXPECT_THAT(text, HasSubstr("\nanother country or body asked: "));
  EXPECT_THAT(text, Not(HasSubstr("Nigeria")));
}

// Whoever looks over her shoulder learns nothing from its head.
TEST(SubjectTextTest, ItsFirstLinesDoNotSayWhatItIsAbout) {
  for (const char* language : {"en", "fr", "pt"}) {
    const std::string text = SubjectReportText({}, *LoadPhrasebook(language));
    for (const char* word :
         {"traffick", "victim", "traite", "tráfico", "vítima"}) {
      EXPECT_THAT(text, Not(HasSubstr(word))) << language;
    }
  }
}

TEST(SubjectTextTest, AnAccountThatWasRefusedSaysSo) {
  ops::RequestSubjectAccountResponse answer;
  answer.set_participant("NG");
  answer.set_refusal("NOT_AVAILABLE");
  EXPECT_EQ(SubjectAccountText(answer, *LoadPhrasebook("en")),
            "Nigeria gave no account.\n");
  answer.clear_refusal();
  *answer.mutable_account()->add_lines() = Report().lines(1);
  EXPECT_THAT(SubjectAccountText(answer, *LoadPhrasebook("en")),
              HasSubstr("kept, order of a court, until 2027-01-15 08:00 UTC"));
}

}  // namespace
}  // namespace comity
