#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/groups.h"
#include "node/cli/risk_commands.h"
#include "node/cli/step_verb.h"
#include "node/wire/enum_code.h"

// The steps of a referral after its draft.
namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Steps = pb::ReferralStepService;
using step_verb::AddStep;
using step_verb::Code;
using step_verb::Take;
using step_verb::Time;
using step_verb::Version;

absl::StatusOr<fed::PlanAction> ActionOf(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 2));
  if (parts.size() < 2 || parts.size() > 3) {
    return ReasonError(ErrorReason::kFieldInvalid,
                       absl::StrCat("\"", text,
                                    "\" is no action; write SERVICE:WHO or "
                                    "SERVICE:WHO:DAY, such as "
                                    "Health:NG:2027-01-15"));
  }
  fed::PlanAction action;
  action.set_service(parts[0]);
  action.set_owner(parts[1]);
  if (parts.size() == 3) {
    ASSIGN_OR_RETURN(*action.mutable_due_at(), ParseTimeText(parts[2]));
  }
  return action;
}

void AddClear(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::ClearReferralRequest, pb::ClearReferralResponse>(
      noun, context, "clear",
      "Clear the risk of what another person drafted; nothing leaves",
      "  comity referral clear ID --risk LOW --reflection-waived\n"
      "  comity referral clear ID --risk MEDIUM --assessed 2026-11-20 "
      "--reflection-until 2026-12-24",
      &Steps::Stub::ClearReferral);
  verb.app
      ->add_option_function<std::string>(
          "--risk",
          [request = verb.request](const std::string& risk) {
            request->set_risk(risk);
          },
          EnumCodes(*fed::RiskLevel_descriptor()))
      ->required();
  verb.Text("--assessed", "When, if not now; at most 30 days ago",
            Time([](auto& in) { return in.mutable_assessed_at(); }));
  verb.Text("--reflection-until", "When her time to recover and reflect ends",
            Time([](auto& in) { return in.mutable_reflection_ends_at(); }));
  verb.app->add_flag_callback(
      "--reflection-waived",
      [request = verb.request] { request->set_reflection_waived(true); },
      "She waived that time herself");
}

void AddInfo(CLI::App& noun, CommandContext& context) {
  auto ask = AddStep<pb::RequestInfoRequest, pb::RequestInfoResponse>(
      noun, context, "ask", "Ask the holder for groups, before you decide",
      "  comity referral ask ID --groups NEEDS,MEDICAL",
      &Steps::Stub::RequestInfo);
  auto groups = std::make_shared<std::vector<std::string>>();
  ask.app
      ->add_option("--groups", *groups,
                   "CASE_REF, STATUS, DEMOGRAPHIC, NEEDS, EXPLOITATION, "
                   "MEDICAL, MIGRATION")
      ->required()
      ->delimiter(',');
  ask.reads->push_back([groups, request = ask.request] {
    return ParseGroupNames(*groups, request->mutable_groups());
  });
  auto withheld = std::make_shared<std::vector<std::string>>();
  auto id = std::make_shared<std::string>();
  CLI::App* answer = AddVerb(
      noun, "answer", "Answer what the receiver asked, as far as policy lets",
      "  comity referral answer ID\n"
      "  comity referral answer ID --withhold MEDICAL",
      [id, withheld, &context]() -> absl::Status {
        pb::AnswerInfoRequest request;
        request.set_referral_id(*id);
        RETURN_IF_ERROR(ParseGroupNames(*withheld, request.mutable_withhold()));
        ASSIGN_OR_RETURN(const auto response,
                         (Take<pb::AnswerInfoResponse>(&Steps::Stub::AnswerInfo,
                                                       request, context)));
        if (context.json) return absl::OkStatus();
        printf("  told: %s; refused: %s\n", GroupNames(response.told()).c_str(),
               GroupNames(response.refused()).c_str());
        return absl::OkStatus();
      });
  answer->add_option("referral", *id, "The referral's id")->required();
  answer->add_option("--withhold", *withheld, "Groups not to tell")
      ->delimiter(',');
}

void AddProposal(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::ProposePlanRequest, pb::ProposePlanResponse>(
      noun, context, "propose", "Propose a plan, or a new version of it",
      "  comity referral plan propose ID --action Health:NG:2027-01-15 "
      "--action Legal:NE",
      &Steps::Stub::ProposePlan);
  auto actions = std::make_shared<std::vector<std::string>>();
  verb.app->add_option("--action", *actions, "SERVICE:WHO or SERVICE:WHO:DAY")
      ->required();
  verb.reads->push_back([actions, request = verb.request]() -> absl::Status {
    for (const std::string& text : *actions) {
      ASSIGN_OR_RETURN(*request->add_actions(), ActionOf(text));
    }
    return absl::OkStatus();
  });
}

void AddPlan(CLI::App& referral, CommandContext& context) {
  CLI::App* noun = referral.add_subcommand("plan", "Agree on a plan for her");
  noun->require_subcommand(1);
  AddProposal(*noun, context);
  const auto set_version = Version(
      [](auto& request, uint32_t version) { request.set_version(version); });
  AddStep<pb::AcceptPlanRequest, pb::AcceptPlanResponse>(
      *noun, context, "accept", "Accept the other side's plan",
      "  comity referral plan accept ID --version 1", &Steps::Stub::AcceptPlan)
      .Text("--version", "The version that you read", set_version)
      ->required();
  auto answer =
      AddStep<pb::RecordPlanAnswerRequest, pb::RecordPlanAnswerResponse>(
          *noun, context, "answer", "Record what the person says to the plan",
          "  comity referral plan answer ID --version 2 --agrees --follow-up\n"
          "  comity referral plan answer ID --version 1 --refuses",
          &Steps::Stub::RecordPlanAnswer);
  answer.Text("--version", "The version that she was asked about", set_version)
      ->required();
  auto agrees = std::make_shared<bool>(false);
  auto refuses = std::make_shared<bool>(false);
  answer.app->add_flag("--agrees", *agrees, "She agrees");
  answer.app->add_flag("--refuses", *refuses,
                       "She does not; no reason is asked");
  answer.reads->push_back([=, request = answer.request] {
    request->set_agrees(*agrees);
    return *agrees != *refuses
               ? absl::OkStatus()
               : ReasonError(ErrorReason::kFieldMissing,
                             "say what she answered: --agrees or --refuses");
  });
  answer.app->add_flag_callback(
      "--follow-up",
      [request = answer.request] { request->set_follow_up(true); },
      "She wants follow-up visits to be reported");
}

void AddGuardian(CLI::App& noun, CommandContext& context) {
  auto verb =
      AddStep<pb::ApproveAsGuardianRequest, pb::ApproveAsGuardianResponse>(
          noun, context, "approve", "As her guardian, approve a child's plan",
          "  comity referral approve ID --version 1\n"
          "  comity referral approve ID --version 1 --return",
          &Steps::Stub::ApproveAsGuardian);
  verb.Text("--version", "The version of the plan",
            Version([](auto& request, uint32_t version) {
              request.set_plan_version(version);
            }))
      ->required();
  verb.app->add_flag_callback(
      "--return", [request = verb.request] { request->set_for_return(true); },
      "The return under the plan");
}

void AddSchedule(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::ScheduleReturnRequest, pb::ScheduleReturnResponse>(
      noun, context, "schedule", "Announce the return, or its change",
      "  comity referral schedule ID --departs 2027-01-10T08:00:00Z --arrives "
      "2027-01-10T20:00:00Z --reconfirmed 2027-01-04 --assessed 2027-01-02 "
      "--mode ROAD --arrival SHELTER --escorted",
      &Steps::Stub::ScheduleReturn);
  const auto journey = [](auto& in) { return in.mutable_schedule(); };
  verb.Text("--departs", "Planned departure",
            Time([=](auto& in) { return journey(in)->mutable_departs_at(); }))
      ->required();
  verb.Text("--arrives", "Planned arrival",
            Time([=](auto& in) { return journey(in)->mutable_arrives_at(); }))
      ->required();
  verb.Text(
          "--reconfirmed",
          "When she confirmed her decision, at most 14 days before",
          Time([=](auto& in) { return journey(in)->mutable_reconfirmed_at(); }))
      ->required();
  verb.Text("--assessed",
            "When the risk of the return was assessed, at most 30 days before",
            Time([=](auto& in) {
              return journey(in)->mutable_risk_assessed_at();
            }))
      ->required();
  verb.Text("--risk", EnumCodes(*fed::RiskLevel_descriptor()),
            Code<fed::RiskLevel>(
                fed::RiskLevel_descriptor(),
                [=](auto& in, auto risk) { journey(in)->set_risk(risk); }));
  verb.Text("--mode", EnumCodes(*fed::TravelMode_descriptor()),
            Code<fed::TravelMode>(
                fed::TravelMode_descriptor(),
                [=](auto& in, auto mode) { journey(in)->set_mode(mode); }));
  verb.Text("--arrival", EnumCodes(*fed::PlaceKind_descriptor()),
            Code<fed::PlaceKind>(fed::PlaceKind_descriptor(),
                                 [=](auto& in, auto place) {
                                   journey(in)->set_arrival(place);
                                 }));
  verb.app->add_flag_callback(
      "--escorted",
      [=, request = verb.request] { journey(*request)->set_escorted(true); },
      "Somebody travels with her");
}

void AddArrival(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::ConfirmArrivalRequest, pb::ConfirmArrivalResponse>(
      noun, context, "arrived", "Confirm that she arrived",
      "  comity referral arrived ID --at 2027-01-10T19:30:00Z --place SHELTER\n"
      "  comity referral arrived ID --at 2027-01-10T19:30:00Z --concern",
      &Steps::Stub::ConfirmArrival);
  verb.Text("--at", "When", Time([](auto& in) {
              return in.mutable_handover()->mutable_arrived_at();
            }))
      ->required();
  verb.Text("--place", EnumCodes(*fed::PlaceKind_descriptor()),
            Code<fed::PlaceKind>(fed::PlaceKind_descriptor(),
                                 [](auto& in, auto place) {
                                   in.mutable_handover()->set_place(place);
                                 }));
  verb.app->add_flag_callback(
      "--concern",
      [request = verb.request] {
        request->mutable_handover()->set_concern(true);
      },
      "Her condition gives cause for concern");
  verb.app->add_flag_callback(
      "--deviated",
      [request = verb.request] {
        request->mutable_handover()->set_deviated(true);
      },
      "Something went otherwise than scheduled");
}

void AddAssistance(CLI::App& noun, CommandContext& context) {
  AddStep<pb::ConfirmDepartureRequest, pb::ConfirmDepartureResponse>(
      noun, context, "departed", "Confirm that she left",
      "  comity referral departed ID", &Steps::Stub::ConfirmDeparture);
  AddStep<pb::BeginAssistanceRequest, pb::BeginAssistanceResponse>(
      noun, context, "assist", "Say that your people assist her now",
      "  comity referral assist ID", &Steps::Stub::BeginAssistance);
  auto verb = AddStep<pb::ReportFollowUpRequest, pb::ReportFollowUpResponse>(
      noun, context, "follow-up", "Report how she is, if she opted in",
      "  comity referral follow-up ID --status WELL --in-her-words\n"
      "  comity referral follow-up ID --status NEEDS_MORE --needs Health,Legal",
      &Steps::Stub::ReportFollowUp);
  verb.Text("--status", EnumCodes(*fed::FollowUpStatus_descriptor()),
            Code<fed::FollowUpStatus>(fed::FollowUpStatus_descriptor(),
                                      [](auto& in, auto status) {
                                        in.mutable_report()->set_status(status);
                                      }))
      ->required();
  auto needs = std::make_shared<std::vector<std::string>>();
  verb.app->add_option("--needs", *needs, "HTCDS spl_Type codes")
      ->delimiter(',');
  verb.reads->push_back([needs, request = verb.request] {
    for (const std::string& need : *needs) {
      request->mutable_report()->add_needs(need);
    }
    return absl::OkStatus();
  });
  verb.app->add_flag_callback(
      "--in-her-words",
      [request = verb.request] {
        request->mutable_report()->set_in_her_words(true);
      },
      "She was asked herself");
}

absl::StatusOr<fed::FeedbackAnswer> AnswerOf(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.size() != 2) {
    return ReasonError(
        ErrorReason::kFieldInvalid,
        absl::StrCat("\"", text, "\" is no answer; write SAFE=YES"));
  }
  fed::FeedbackAnswer answer;
  ASSIGN_OR_RETURN(
      const int question,
      ParseEnumCode(*fed::FeedbackQuestion_descriptor(), parts[0]));
  answer.set_question(static_cast<fed::FeedbackQuestion>(question));
  ASSIGN_OR_RETURN(const int reply,
                   ParseEnumCode(*fed::FeedbackReply_descriptor(), parts[1]));
  answer.set_reply(static_cast<fed::FeedbackReply>(reply));
  return answer;
}

void AddFeedback(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::RecordFeedbackRequest, pb::RecordFeedbackResponse>(
      noun, context, "feedback",
      "Pass on what she says of how she was treated, if she wants to be asked",
      "  comity referral feedback ID --agreed 2027-02-01 --answer SAFE=YES "
      "--answer NEEDS_MET=PARTLY",
      &Steps::Stub::RecordFeedback);
  verb.Text("--agreed",
            "When she agreed to be asked, and that both sides read it",
            Time([](auto& in) {
              return in.mutable_feedback()->mutable_agreed_at();
            }))
      ->required();
  auto answers = std::make_shared<std::vector<std::string>>();
  verb.app
      ->add_option(
          "--answer", *answers,
          absl::StrCat("QUESTION=REPLY; ",
                       EnumCodes(*fed::FeedbackQuestion_descriptor()), " = ",
                       EnumCodes(*fed::FeedbackReply_descriptor())))
      ->required();
  verb.reads->push_back([answers, request = verb.request]() -> absl::Status {
    for (const std::string& text : *answers) {
      ASSIGN_OR_RETURN(*request->mutable_feedback()->add_answers(),
                       AnswerOf(text));
    }
    return absl::OkStatus();
  });
  verb.app->add_flag_callback(
      "--interpreter",
      [request = verb.request] {
        request->mutable_feedback()->set_interpreter(true);
      },
      "An interpreter helped");
}

void AddEnds(CLI::App& noun, CommandContext& context) {
  auto close = AddStep<pb::CloseReferralRequest, pb::CloseReferralResponse>(
      noun, context, "close", "Close the case with its outcome",
      "  comity referral close ID --outcome INCLUDED",
      &Steps::Stub::CloseReferral);
  close
      .Text("--outcome", EnumCodes(*fed::ClosureOutcome_descriptor()),
            [](const std::string& text, auto& request) {
              request.set_outcome(text);
              return absl::OkStatus();
            })
      ->required();
  auto cancel = AddStep<pb::CancelReferralRequest, pb::CancelReferralResponse>(
      noun, context, "cancel", "Take a referral back before she travels",
      "  comity referral cancel ID --reason PERSON_DECIDED",
      &Steps::Stub::CancelReferral);
  cancel
      .Text("--reason", EnumCodes(*fed::CancelReason_descriptor()),
            [](const std::string& text, auto& request) {
              request.set_reason(text);
              return absl::OkStatus();
            })
      ->required();
}

}  // namespace

void AddReferralStepCommands(CLI::App& referral, CommandContext& context) {
  AddClear(referral, context);
  AddInfo(referral, context);
  AddPlan(referral, context);
  AddGuardian(referral, context);
  AddRiskCommands(referral, context);
  AddSchedule(referral, context);
  AddArrival(referral, context);
  AddAssistance(referral, context);
  AddFeedback(referral, context);
  AddEnds(referral, context);
}

}  // namespace comity
