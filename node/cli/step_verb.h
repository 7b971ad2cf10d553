#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "node/base/error_reason.h"
#include "node/cli/command.h"
#include "node/cli/referral_output.h"
#include "node/wire/enum_code.h"

// Verbs that take one step of a referral each.
namespace comity::step_verb {

// Sends one step's request and shows the referral after it.
template <typename Response, typename Method, typename Request>
absl::StatusOr<Response> Take(Method method, Request& request,
                              CommandContext& context) {
  request.set_request_id(context.NewRequestId());
  ASSIGN_OR_RETURN(Response response,
                   (context.Call<operators::v1::ReferralStepService, Response>(
                       method, request)));
  if (!context.PrintedJson(response)) PrintReferral(response.referral());
  return response;
}

// A verb whose options fill the request of one step.
template <typename Request>
struct Verb {
  CLI::App* app;
  std::shared_ptr<Request> request;
  // Filled from texts before the request is sent.
  std::shared_ptr<std::vector<std::function<absl::Status()>>> reads;

  // An option whose text `read` puts into the request.
  template <typename Read>
  CLI::Option* Text(const std::string& name, const std::string& help,
                    Read read) {
    auto text = std::make_shared<std::string>();
    reads->push_back([text, read, request = request]() -> absl::Status {
      return text->empty() ? absl::OkStatus() : read(*text, *request);
    });
    return app->add_option(name, *text, help);
  }
};

template <typename Request, typename Response, typename Method>
Verb<Request> AddStep(CLI::App& noun, CommandContext& context,
                      const std::string& name, const std::string& help,
                      const std::string& examples, Method method) {
  Verb<Request> verb{
      nullptr, std::make_shared<Request>(),
      std::make_shared<std::vector<std::function<absl::Status()>>>()};
  verb.app =
      AddVerb(noun, name, help, examples,
              [method, request = verb.request, reads = verb.reads,
               &context]() -> absl::Status {
                for (const auto& read : *reads) RETURN_IF_ERROR(read());
                return Take<Response>(method, *request, context).status();
              });
  verb.Text("referral", "The referral's id",
            [](const auto& id, auto& in) {
              in.set_referral_id(id);
              return absl::OkStatus();
            })
      ->required();
  return verb;
}

// Reads a time into the field that `field` yields.
template <typename Field>
auto Time(Field field) {
  return [field](const std::string& text, auto& request) -> absl::Status {
    ASSIGN_OR_RETURN(*field(request), ParseTimeText(text));
    return absl::OkStatus();
  };
}

// Likewise a code of an enum.
template <typename Enum, typename Set>
auto Code(const google::protobuf::EnumDescriptor* type, Set set) {
  return [type, set](const std::string& text, auto& request) -> absl::Status {
    ASSIGN_OR_RETURN(const int value, ParseEnumCode(*type, text));
    set(request, static_cast<Enum>(value));
    return absl::OkStatus();
  };
}

// A number above zero.
template <typename Set>
auto Version(Set set) {
  return [set](const std::string& text, auto& request) -> absl::Status {
    uint32_t version = 0;
    if (!absl::SimpleAtoi(text, &version) || version == 0) {
      return ReasonError(ErrorReason::kFieldInvalid,
                         "the version is a number, 1 for the first plan");
    }
    set(request, version);
    return absl::OkStatus();
  };
}

}  // namespace comity::step_verb
