#include "tests/support/operator_call.h"

#include <grpcpp/generic/generic_stub.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "comity/operators/v1/attachment_service.grpc.pb.h"
#include "comity/operators/v1/bundle_service.grpc.pb.h"
#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/consent_service.grpc.pb.h"
#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "comity/operators/v1/oversight_service.grpc.pb.h"
#include "comity/operators/v1/policy_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "comity/operators/v1/referral_step_service.grpc.pb.h"
#include "comity/operators/v1/retention_service.grpc.pb.h"
#include "comity/operators/v1/subject_service.grpc.pb.h"
#include "comity/operators/v1/table_service.grpc.pb.h"
#include "google/protobuf/text_format.h"
#include "node/base/status_macros.h"
#include "node/peer/grpc_status.h"

namespace comity {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::TextFormat;

constexpr char kPackage[] = "comity.operators.v1.";

const google::protobuf::MethodDescriptor* Method(const std::string& name) {
  const size_t slash = name.find('/');
  return DescriptorPool::generated_pool()
      ->FindServiceByName(kPackage + name.substr(0, slash))
      ->FindMethodByName(name.substr(slash + 1));
}

}  // namespace

absl::StatusOr<std::string> CallByName(CommandContext& who,
                                       const std::string& name,
                                       const std::string& text,
                                       const std::string& request_id) {
  const auto* type = Method(name)->input_type();
  const std::unique_ptr<Message> request(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!TextFormat::ParseFromString(text, request.get())) {
    return absl::InvalidArgumentError(text);
  }
  if (const auto* field = type->FindFieldByName("request_id")) {
    request->GetReflection()->SetString(request.get(), field, request_id);
  }
  ASSIGN_OR_RETURN(const auto channel, who.Connect());
  const grpc::Slice bytes(request->SerializeAsString());
  const grpc::ByteBuffer buffer(&bytes, 1);
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(10));
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, absl::StrCat("/", kPackage, name),
                                    buffer, &queue);
  call->StartCall();
  grpc::ByteBuffer received;
  grpc::Status status;
  call->Finish(&received, &status, &status);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  RETURN_IF_ERROR(FromGrpc(status));
  grpc::Slice whole;
  if (!received.DumpToSingleSlice(&whole).ok()) return std::string();
  return std::string(reinterpret_cast<const char*>(whole.begin()),
                     whole.size());
}

std::vector<std::string> OperatorMethodsWith(const std::string& field) {
  std::vector<std::string> names;
  for (const char* service :
       {"AdminService", "AttachmentService", "BundleService", "CaseService",
        "ConsentService", "DossierService", "OversightService", "PolicyService",
        "ReferralService", "ReferralStepService", "RetentionService",
        "SubjectService", "TableService"}) {
    const auto* type = DescriptorPool::generated_pool()->FindServiceByName(
        absl::StrCat(kPackage, service));
    for (int i = 0; i < type->method_count(); ++i) {
      if (type->method(i)->input_type()->FindFieldByName(field)) {
        names.push_back(absl::StrCat(service, "/", type->method(i)->name()));
      }
    }
  }
  return names;
}

}  // namespace comity
