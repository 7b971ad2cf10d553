#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "comity/operators/v1/case_service.grpc.pb.h"
#include "comity/operators/v1/referral_service.grpc.pb.h"
#include "node/base/clock.h"
#include "node/wire/config_file.h"
#include "tests/benchmark/report.h"
#include "tests/benchmark/ticking.h"
#include "tests/support/test_participant.h"

namespace comity {

inline constexpr int kMoreThanAnyLoad = 1000000;  // calls a second

// A partner that is to be measured may call as often as it can, and its
// exchanges of checkpoints have a place beside 64 questions.
void Widen(NodeConfig& config);

// The ready bilateral agreement between Niger and `partner`, without its limits
// of releases a day.
std::string UnlimitedAgreement(const std::string& partner = "NG");

// Two participants under the machine's clock that trust each other under the
// ready bilateral agreement, without its limits of releases a day: Niger's real
// node (NE), and Nigeria's files (NG), with a real node where it is asked for.
// Both nodes do what the time asks for twice a second, as comityd does. Ends
// the program where something does not work.
class BorderPair {
 public:
  // Whether Nigeria's node runs; Niger's always does. And what each of them
  // lets a partner call.
  explicit BorderPair(bool with_nigeria,
                      int calls_per_second = kMoreThanAnyLoad);

  // Ends what runs here; another process may serve the files then.
  void Close();

  TestParticipant& ne() { return ne_; }
  TestParticipant& ng() { return ng_; }
  const Clock& clock() const { return clock_; }
  // The store of Niger's node, to look on without a call.
  const Store& ne_store() const { return *ne_store_; }
  // The agreement's text, the same at both.
  const std::string& agreement() const { return agreement_; }

  // A coordinator of "ORG".
  static CommandContext& Coordinator(TestParticipant& node,
                                     const std::string& name) {
    return node.As("ORG", Role::kCoordinator, name);
  }
  // Calls as one of a node's people, under a request id of its own.
  template <typename Service, typename Response, typename Method,
            typename Request>
  static absl::StatusOr<Response> As(CommandContext& person, Method method,
                                     Request request) {
    request.set_request_id(person.NewRequestId());
    return person.Call<Service, Response>(method, request,
                                          std::chrono::seconds(30));
  }

  // A screened case of Niger's with consent to tell Nigeria of it, and the
  // draft of a referral that a second coordinator cleared.
  operators::v1::Referral MakeReferral(const std::string& reference);

 private:
  void Start();

  const SystemClock clock_;
  const bool with_nigeria_;
  const std::string agreement_;
  TestParticipant ne_{"NE", clock_.Now()};
  TestParticipant ng_{"NG", clock_.Now()};
  const Store* ne_store_ = nullptr;
  std::optional<Ticking> ticking_;
};

}  // namespace comity
