#include "node/daemon/node.h"

#include <atomic>

#include "comity/federation/v1/federation_service.grpc.pb.h"
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
#include "node/base/error_reason.h"
#include "node/base/log.h"
#include "node/base/status_macros.h"
#include "node/crypto/hash.h"
#include "node/daemon/flood_watch.h"
#include "node/daemon/handshake_tally.h"
#include "node/daemon/listener.h"
#include "node/daemon/node_files.h"
#include "node/daemon/own_anchors.h"
#include "node/daemon/own_trust_watch.h"
#include "node/daemon/trust_watch.h"
#include "node/delivery/courier_service.h"
#include "node/identity/node_layout.h"
#include "node/identity/own_certificate.h"
#include "node/identity/private_file.h"
#include "node/peer/grpc_peers.h"
#include "node/service/admin_desk.h"
#include "node/service/agreement_watch.h"
#include "node/service/anchoring.h"
#include "node/service/attachment_desk.h"
#include "node/service/bundle_desk.h"
#include "node/service/case_desk.h"
#include "node/service/consent_desk.h"
#include "node/service/dossier_desk.h"
#include "node/service/federation_service.h"
#include "node/service/housekeeping.h"
#include "node/service/import_sessions.h"
#include "node/service/mail_intake.h"
#include "node/service/notifier.h"
#include "node/service/outbox_departures.h"
#include "node/service/oversight_desk.h"
#include "node/service/policy_desk.h"
#include "node/service/policy_loading.h"
#include "node/service/referral_desk.h"
#include "node/service/referral_step_desk.h"
#include "node/service/restored_node.h"
#include "node/service/retention_desk.h"
#include "node/service/subject_desk.h"
#include "node/service/table_desk.h"
#include "node/service/trust_intake.h"
#include "node/wire/card_file.h"

namespace comity {
namespace {

constexpr std::chrono::seconds kDrain{5};

// Ends when nothing is queued any more.
struct WriterAtRest {
  CommitWriter& writer;
  ~WriterAtRest() { writer.AwaitNone(); }
};

class RunningNode : public Node {
 public:
  RunningNode(NodeFiles files, std::unique_ptr<Store> store, const Clock& clock,
              RandomSource& random)
      : files_(std::move(files)),
        clock_(clock),
        store_(std::move(store)),
        signer_(LogKeysOf(files_.keys, files_.card)),
        writer_(*store_, signer_, clock),
        rejected_(files_.card.code, writer_, clock, random),
        open_calls_(clock, absl::Milliseconds(files_.config.max_deadline_ms)),
        certificate_(files_.card.code, files_.card.Anchors(), files_.key_files),
        revoked_(files_.layout.RevokedOperators()),
        national_(files_.card.code, files_.card.Anchors(), &revoked_,
                  &own_revoked_),
        peers_(FederationTls(), partners_, clock),
        context_{files_.card.code,
                 files_.config,
                 *store_,
                 writer_,
                 signer_,
                 policy_,
                 partners_,
                 national_,
                 peers_,
                 checkpoints_,
                 clock,
                 random,
                 rejected_,
                 open_calls_,
                 connections_,
                 files_.card_text,
                 files_.layout.Data(),
                 [this] { return certificate_.expires(); },
                 HkdfSha256(files_.store_key, "comity/officer/v1", 32),
                 files_.bundle_key.Clone()},
        intake_gate_(context_),
        intake_(context_, intake_gate_),
        couriers_({files_.card.code, *store_, writer_, partners_, peers_,
                   checkpoints_, clock, random, departures_,
                   files_.config.outbound_only, TakingTrustNews(),
                   TellingMissedWithdrawals(context_)},
                  {}, MailCollecting()),
        trust_(context_, certificate_, revoked_, own_trust_, own_revoked_,
               peers_, federation_, operators_, [this] { PartnersChanged(); }),
        floods_(context_, machine_clock_, [this] { PartnersChanged(); }) {}

  ~RunningNode() override {
    // New calls are refused first, then what runs may finish.
    if (federation_ != nullptr) federation_->Stop(kDrain);
    if (operators_ != nullptr) operators_->Stop(kDrain);
    open_calls_.AwaitNone();
    notifier_.reset();
    CountFailedHandshakes(absl::InfiniteFuture());
    const absl::Status counted = rejected_.WriteAll();
    if (!counted.ok()) {
      Log(LogLevel::kError, "rejected_calls_not_written",
          {LogField::Public("why", counted.message())});
    }
    // What was queued and not waited for refers to parts that go before the
    // writer does.
    writer_.AwaitNone();
  }

  absl::Status Start() {
    const NodeLayout& layout = files_.layout;
    RETURN_IF_ERROR(MakePrivateDirectory(layout.Run()));
    RETURN_IF_ERROR(certificate_.Load());
    // Of before; each was noted when it came.
    RETURN_IF_ERROR(revoked_.TakeNew().status());
    RETURN_IF_ERROR(anchoring_.Start());
    RETURN_IF_ERROR(LoadPartners(context_));
    RETURN_IF_ERROR(LoadPolicies(context_));
    RETURN_IF_ERROR(own_trust_.Refresh().status());
    RETURN_IF_ERROR(TakeUpRestored(context_));
    RETURN_IF_ERROR(DiscardStaleImports(context_));
    RETURN_IF_ERROR(own_anchors_.Renew());
    notifier_ = std::make_unique<Notifier>(context_);
    RETURN_IF_ERROR(StartListeners());
    couriers_.Wake();
    Log(LogLevel::kInfo, "serving",
        {LogField::Public("participant", files_.card.code.text()),
         LogField::Public("federation", files_.config.outbound_only
                                            ? "outbound only"
                                            : files_.config.federation_address),
         LogField::Public("operators", files_.config.operator_address)});
    return absl::OkStatus();
  }

  void Tick() override {
    const bool healthy = writer_.healthy();
    if (federation_ != nullptr) federation_->SetServing(healthy);
    operators_->SetServing(healthy);
    // Nobody calls a node that does not serve: it finds out by itself when its
    // log can be written again.
    if (!healthy && !probing_.exchange(true)) {
      writer_.Submit(
          [](CommitScope& scope) {
            return scope.store().PutMeta("write-probe",
                                         absl::FormatTime(scope.now()));
          },
          [this](const auto&) { probing_ = false; });
    }
    open_calls_.TellExpired();
    CountFailedHandshakes(clock_.Now());
    rejected_.WriteIfDue();
    floods_.Tick();
    trust_.Tick();
    if (own_anchors_.RenewIfBehind()) couriers_.Wake();
    housekeeper_.Tick();
    anchoring_.Tick();
    agreements_.Tick();
  }

 private:
  TlsFiles FederationTls() const {
    return {certificate_.path(), certificate_.path(),
            files_.layout.RunPartners()};
  }

  TrustIntake TakingTrustNews() {
    return [this](const ParticipantCode& partner, const TrustNews& news) {
      TakeTrustNews(context_, partner, news);
    };
  }

  std::optional<Collecting> MailCollecting() {
    if (!files_.config.outbound_only) return std::nullopt;
    return Collecting{
        [this](const ParticipantCode& partner, std::vector<Message> events) {
          return TakeMail(intake_, partner, std::move(events),
                          Carriage::kOnline);
        },
        absl::Seconds(files_.config.collect_seconds)};
  }

  absl::Status StartListeners() {
    if (!files_.config.outbound_only) {
      RETURN_IF_ERROR(StartFederation());
    }
    return StartOperators();
  }

  absl::Status StartFederation() {
    const auto judge_node = [this](const Certificate& leaf,
                                   const std::vector<Certificate>& presented) {
      const auto caller = partners_.Get()->IdentifyNode(
          leaf, presented, ChainPurpose::kClient, clock_.Now());
      if (caller.ok()) floods_.LetIn(caller->participant);
      return Counted(CallOrigin::kFederation, caller);
    };
    ASSIGN_OR_RETURN(
        federation_,
        Listener::Start(files_.config.federation_address,
                        TlsServerSide(FederationTls(), judge_node),
                        FederationServices(), FederationLimits(files_.config),
                        machine_clock_,
                        floods_.HooksFor(CallOrigin::kFederation)));
    return absl::OkStatus();
  }

  absl::Status StartOperators() {
    const auto judge_operator = [this](
                                    const Certificate& leaf,
                                    const std::vector<Certificate>& presented) {
      return Counted(CallOrigin::kOperators,
                     national_.IdentifyOperator(leaf, presented, clock_.Now()));
    };
    ASSIGN_OR_RETURN(
        operators_,
        Listener::Start(files_.config.operator_address,
                        TlsServerSide({certificate_.path(), certificate_.path(),
                                       files_.layout.RunNational()},
                                      judge_operator),
                        OperatorServices(), OperatorLimits(files_.config),
                        machine_clock_,
                        floods_.HooksFor(CallOrigin::kOperators)));
    return absl::OkStatus();
  }

  std::vector<ServedService> FederationServices() {
    std::vector<ServedService> services;
    const auto called = [this](const ParticipantCode& partner) {
      couriers_.PartnerCalled(partner);
    };
    services.push_back({federation::v1::FederationService::service_full_name(),
                        MakeFederationService(context_, called)});
    return services;
  }

  std::vector<ServedService> OperatorServices() {
    namespace ops = operators::v1;
    const auto wake = [this] { couriers_.Wake(); };
    std::vector<ServedService> services;
    services.push_back(
        {ops::CaseService::service_full_name(), MakeCaseService(gate_, wake)});
    services.push_back({ops::ConsentService::service_full_name(),
                        MakeConsentService(gate_, wake)});
    services.push_back({ops::ReferralService::service_full_name(),
                        MakeReferralService(gate_, wake)});
    services.push_back({ops::ReferralStepService::service_full_name(),
                        MakeReferralStepService(gate_, wake)});
    services.push_back(
        {ops::DossierService::service_full_name(), MakeDossierService(gate_)});
    services.push_back({ops::BundleService::service_full_name(),
                        MakeBundleService(gate_, context_, wake)});
    services.push_back({ops::AttachmentService::service_full_name(),
                        MakeAttachmentService(gate_, wake)});
    services.push_back({ops::SubjectService::service_full_name(),
                        MakeSubjectService(gate_, wake)});
    services.push_back({ops::RetentionService::service_full_name(),
                        MakeRetentionService(gate_, wake)});
    services.push_back(
        {ops::TableService::service_full_name(), MakeTableService(gate_)});
    services.push_back(
        {ops::PolicyService::service_full_name(), MakePolicyService(gate_)});
    services.push_back(
        {ops::AdminService::service_full_name(),
         MakeAdminService(gate_, [this] { PartnersChanged(); })});
    services.push_back({ops::OversightService::service_full_name(),
                        MakeOversightService(gate_)});
    return services;
  }

  HandshakeTally& TallyOf(CallOrigin origin) {
    return origin == CallOrigin::kFederation ? partner_handshakes_
                                             : operator_handshakes_;
  }

  void CountFailedHandshakes(absl::Time now) {
    const auto count = [&](CallOrigin origin, Listener* listener) {
      if (listener == nullptr) return;
      rejected_.Count(origin, ErrorReason::kCertificateUnknown,
                      TallyOf(origin).TakeFailed(listener->accepted(), now));
      rejected_.Count(origin, ErrorReason::kOverloaded,
                      listener->TakeTurnedAway());
    };
    count(CallOrigin::kFederation, federation_.get());
    count(CallOrigin::kOperators, operators_.get());
  }

  // A handshake that ends here never becomes a call.
  absl::Status Counted(CallOrigin origin,
                       const absl::StatusOr<Caller>& caller) {
    TallyOf(origin).Judged();
    if (!caller.ok()) rejected_.Count(origin, ReasonOf(caller.status()));
    return caller.status();
  }

  void PartnersChanged() {
    // What fails is logged there, and tried again with the next tick.
    own_anchors_.Renew().IgnoreError();
    trust_.CutWhoMayNotCall();
    couriers_.Wake();
  }

  // In this order: what is below is destroyed first.
  NodeFiles files_;
  const Clock& clock_;
  std::unique_ptr<Store> store_;
  LogSigner signer_;
  CommitWriter writer_;
  RejectedCalls rejected_;
  OpenCalls open_calls_;
  OwnCertificate certificate_;
  CallerConnections connections_;
  RevokedOperators revoked_;
  RevokedCertificatesHolder own_revoked_;
  NationalTrust national_;
  PolicyHolder policy_;
  PartnerTableHolder partners_;
  CheckpointCache checkpoints_;
  GrpcPeers peers_;
  NodeContext context_;
  OwnTrustWatch own_trust_{context_, own_revoked_, signer_, files_.key_files};
  OwnAnchors own_anchors_{context_, files_.layout, national_, certificate_};
  const OutboxDepartures departures_{context_};
  FederationGate intake_gate_;
  EventIntake intake_;
  // What couriers queued until they ended refers to what stands above.
  const WriterAtRest at_rest_{writer_};
  CourierService couriers_;
  TrustWatch trust_;
  OperatorGate gate_{context_};
  Housekeeper housekeeper_{context_, [this] { couriers_.Wake(); }};
  Anchoring anchoring_{context_, [this] { couriers_.Wake(); }};
  AgreementWatch agreements_{context_};
  // What happens on sockets happens in the machine's time.
  const SystemClock machine_clock_;
  FloodWatch floods_;
  std::unique_ptr<Notifier> notifier_;
  std::atomic<bool> probing_ = false;
  HandshakeTally partner_handshakes_;
  HandshakeTally operator_handshakes_;
  std::unique_ptr<Listener> federation_;
  std::unique_ptr<Listener> operators_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> StartNode(const std::string& directory,
                                                const Clock& clock,
                                                RandomSource& random,
                                                const StoreOpener& open_store) {
  ASSIGN_OR_RETURN(NodeFiles files, ReadNodeFiles(directory));
  RETURN_IF_ERROR(MakePrivateDirectory(files.layout.Data()));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Store> store,
      open_store(files.layout.StoreFile(), files.store_key, random));
  auto node = std::make_unique<RunningNode>(std::move(files), std::move(store),
                                            clock, random);
  RETURN_IF_ERROR(node->Start());
  return node;
}

}  // namespace comity
