#include "node/cli/risk_commands.h"

#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "node/cli/step_verb.h"

namespace comity {
namespace {

namespace pb = operators::v1;
namespace fed = federation::v1;
using Steps = pb::ReferralStepService;
using step_verb::AddStep;
using step_verb::Code;
using step_verb::Time;

void AddAsk(CLI::App& noun, CommandContext& context) {
  AddStep<pb::AskRiskRequest, pb::AskRiskResponse>(
      noun, context, "ask",
      "Ask the receiver what risk there is where she would go",
      "  comity referral risk ask ID --place NG-KN", &Steps::Stub::AskRisk)
      .Text("--place", "Where: an ISO 3166-2 code, nothing finer",
            [](const std::string& place, auto& request) {
              request.mutable_question()->set_place(place);
              return absl::OkStatus();
            })
      ->required();
}

void AddAnswer(CLI::App& noun, CommandContext& context) {
  auto verb = AddStep<pb::AnswerRiskRequest, pb::AnswerRiskResponse>(
      noun, context, "answer", "Answer the holder about the risk there",
      "  comity referral risk answer ID --threat MEDIUM --family NOT_SAFE "
      "--until 2027-01-20",
      &Steps::Stub::AnswerRisk);
  verb.Text("--threat", EnumCodes(*fed::RiskLevel_descriptor()),
            Code<fed::RiskLevel>(fed::RiskLevel_descriptor(),
                                 [](auto& in, auto threat) {
                                   in.mutable_answer()->set_threat(threat);
                                 }))
      ->required();
  verb.Text("--family",
            "Whether her family may be contacted: " +
                EnumCodes(*fed::FamilyContact_descriptor()),
            Code<fed::FamilyContact>(fed::FamilyContact_descriptor(),
                                     [](auto& in, auto contact) {
                                       in.mutable_answer()->set_family_contact(
                                           contact);
                                     }))
      ->required();
  verb.Text("--until", "Until when this holds, at most 30 days ahead",
            Time([](auto& in) {
              return in.mutable_answer()->mutable_valid_until();
            }))
      ->required();
}

}  // namespace

void AddRiskCommands(CLI::App& referral, CommandContext& context) {
  CLI::App* noun = referral.add_subcommand(
      "risk", "What risk there is where she would go, before a return");
  noun->require_subcommand(1);
  AddAsk(*noun, context);
  AddAnswer(*noun, context);
}

}  // namespace comity
