#include "comity/operators/v1/dossier_service.grpc.pb.h"
#include "node/audit/dossier_comparison.h"
#include "node/audit/dossier_verifier.h"
#include "tests/support/border.h"

namespace comity {
namespace {

namespace ops = operators::v1;

// Both sides export one referral to somebody who has nothing but their cards.
class DossierExportTest : public BorderTest {
 protected:
  absl::StatusOr<DossierFile> Export(TestParticipant& node,
                                     const std::string& id,
                                     bool with_openings = false) {
    ops::ExportDossierRequest request;
    request.set_referral_id(id);
    request.set_with_openings(with_openings);
    ASSIGN_OR_RETURN(const auto response,
                     (As<ops::DossierService, ops::ExportDossierResponse>(
                         Coordinator(node, "coord"),
                         &ops::DossierService::Stub::ExportDossier, request)));
    text_ = response.file();
    return ParseDossierFile(text_);
  }
  DossierVerdict Verify(const DossierFile& file) const {
    return VerifyDossier(file, {{ne_.code(), ne_.card().log_key},
                                {ng_.code(), ng_.card().log_key}});
  }
  // A referral that Nigeria accepted; both sides know.
  std::string Accepted() {
    const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
    const std::string id = draft.referral_id();
    EXPECT_OK(Send("coord", draft));
    EXPECT_TRUE(Await([&] { return Show(ng_, id).ok(); }));
    ops::AcceptReferralRequest accept;
    accept.set_referral_id(id);
    EXPECT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
        Coordinator(ng_, "coord"), &ops::ReferralService::Stub::AcceptReferral,
        accept)));
    for (TestParticipant* each : {&ne_, &ng_}) {
      EXPECT_TRUE(Await([&] {
        const auto shown = Show(*each, id);
        return shown->referral().state() == "ACCEPTED" &&
               shown->referral().undelivered_events() == 0;
      }));
    }
    return id;
  }

  std::string text_;
};

TEST_F(DossierExportTest, BothSidesExportsHoldAndLeadToTheSameState) {
  Open({});
  const std::string id = Accepted();
  for (TestParticipant* each : {&ne_, &ng_}) {
    ASSERT_OK_AND_ASSIGN(const DossierFile file, Export(*each, id));
    const DossierVerdict verdict = Verify(file);
    for (const DossierFinding& finding : verdict.findings) {
      ADD_FAILURE() << finding.event << ": " << finding.what;
    }
    EXPECT_EQ(verdict.status.state, ReferralState::kAccepted);
    EXPECT_EQ(verdict.ordered.size(), 2u);
    EXPECT_EQ(verdict.unanswered, 0u);
    EXPECT_EQ(text_.find("\nopening "), std::string::npos);
  }
}

// Nigeria accepts while Niger is away: until that arrives, it stands in one
// ledger alone, and the comparison says so.
TEST_F(DossierExportTest, WhatTheTwoLedgersDifferInIsListedUntilItArrives) {
  Open({});
  const ops::Referral draft = MakeCase("C1", {v1::RECORD_GROUP_STATUS});
  const std::string id = draft.referral_id();
  ASSERT_OK(Send("coord", draft));
  ASSERT_TRUE(Await([&] {
    const auto shown = Show(ne_, id);
    return Show(ng_, id).ok() && shown.ok() &&
           shown->referral().undelivered_events() == 0;
  }));
  ASSERT_OK_AND_ASSIGN(const DossierFile before, Export(ne_, id));
  ne_.Stop();
  ops::AcceptReferralRequest accept;
  accept.set_referral_id(id);
  ASSERT_OK((As<ops::ReferralService, ops::AcceptReferralResponse>(
      Coordinator(ng_, "coord"), &ops::ReferralService::Stub::AcceptReferral,
      accept)));
  ASSERT_OK_AND_ASSIGN(const DossierFile there, Export(ng_, id));
  ASSERT_OK_AND_ASSIGN(const std::vector<DossierDifference> differences,
                       CompareDossiers(before, there));
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_EQ(differences[0].gap, DossierGap::kOnlySecond);
  EXPECT_EQ(differences[0].kind, ReferralEventKind::kAccepted);
  EXPECT_EQ(differences[0].author, ng_.code());
  ASSERT_OK(ne_.Start(clock_));
  EXPECT_TRUE(Await([&] {
    const auto ours = Export(ne_, id);
    const auto theirs = Export(ng_, id);
    return ours.ok() && theirs.ok() && ours->entries.size() == 2 &&
           CompareDossiers(*ours, *theirs)->empty();
  }));
}

TEST_F(DossierExportTest, OpeningsAreExportedWhenAskedFor) {
  Open({});
  const std::string id = Accepted();
  ASSERT_OK_AND_ASSIGN(const DossierFile file, Export(ne_, id, true));
  EXPECT_FALSE(file.entries[0].event.openings.empty());
  EXPECT_TRUE(Verify(file).Holds());
}

TEST_F(DossierExportTest, AReceiverThatMustNotPassThePacketOnExportsItsEvents) {
  Open({{"duties { redact { field: DEMOGRAPHIC how: AGE_BAND_5 } }",
         "duties { no_onward_transfer: true }"}});
  const std::string id = Accepted();
  EXPECT_THAT(Export(ng_, id, true), FailsWith(ErrorReason::kNoGrant));
  ASSERT_OK_AND_ASSIGN(const DossierFile file, Export(ng_, id));
  EXPECT_TRUE(Verify(file).Holds());
}

TEST_F(DossierExportTest, ADraftHasNothingToExport) {
  Open({});
  const std::string id =
      MakeCase("C1", {v1::RECORD_GROUP_STATUS}).referral_id();
  EXPECT_THAT(Export(ne_, id), FailsWith(ErrorReason::kReferralStateConflict));
}

}  // namespace
}  // namespace comity
