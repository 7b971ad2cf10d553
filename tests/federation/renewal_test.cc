#include <fstream>

#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "tests/support/border.h"
#include "tests/support/call_load.h"
#include "tests/support/load_border.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;

// The certificates of nodes that serve are renewed.
class RenewalTest : public LoadBorderTest {
 protected:
  void SetUp() override {
    Open({});
    tls_ = TlsFilesOf(ng_, ne_.card());
  }

  // Shakes hands with Niger's node over a connection of its own, as Nigeria's;
  // `presented` gets the fingerprint of the certificate that it shows.
  absl::Status HandshakeAnew(std::string* presented) {
    return HandshakeAt(tls_, ne_.card().endpoints[0], presented);
  }
  static std::string FingerprintIn(const std::string& path) {
    return Certificate::ListFromPem(*ReadPublicFile(path))
        ->front()
        .Fingerprint();
  }

  SystemRandom random_;
  TlsFiles tls_;
};

TEST_F(RenewalTest, NoCallFailsWhileTheCertificateOfARunningNodeIsRenewed) {
  AllowMuch(ne_);
  std::string newest;
  HandmadePartner partner(ng_, ne_, clock_);
  // Over one open connection, over new ones, of operators, and to the partner.
  CallLoad open([&] {
    return partner.peer()
        .Handshake({1, clock_.Now()}, absl::Seconds(5))
        .status();
  });
  CallLoad anew([&] {
    std::string presented;
    return HandshakeAnew(&presented);
  });
  CallLoad outwards([&] { return Probe(ne_); });
  for (int i = 0; i < 3; ++i) {
    const int before = anew.calls();
    Renew(ne_, clock_.Now());
    const std::string renewed =
        FingerprintIn(NodeLayout{ne_.directory()}.TlsCertificate());
    EXPECT_TRUE(Await(
        [&] { return HandshakeAnew(&newest).ok() && newest == renewed; }));
    EXPECT_TRUE(Await([&] { return anew.calls() > before + 5; }));
  }
  EXPECT_OK(open.Stop());
  EXPECT_OK(anew.Stop());
  EXPECT_OK(outwards.Stop());
  EXPECT_GT(open.calls(), 100);
  EXPECT_GT(outwards.calls(), 5);
}

TEST_F(RenewalTest, CallsGoOnAfterTheEndOfTheCertificateBefore) {
  for (TestParticipant* each : {&ne_, &ng_}) AllowMuch(*each);
  ASSERT_TRUE(Await([&] { return Probe(ne_).ok() && Probe(ng_).ok(); }));
  const absl::Time end = clock_.Now() + absl::Hours(24 * 90);
  const absl::Time later = clock_.Now() + absl::Minutes(4);
  const TlsFiles from_ne = TlsFilesOf(ne_, ng_.card());
  for (TestParticipant* each : {&ne_, &ng_}) {
    Renew(*each, later);
    ASSERT_OK(RenewOperator(each->directory(), "admin-1", later, random_));
    std::string presented;
    const std::string renewed =
        FingerprintIn(NodeLayout{each->directory()}.TlsCertificate());
    ASSERT_TRUE(Await([&] {
      return HandshakeAt(each == &ne_ ? tls_ : from_ne,
                         each->card().endpoints[0], &presented)
                 .ok() &&
             presented == renewed;
    }));
  }
  clock_.Advance(end + absl::Minutes(2) - clock_.Now());
  EXPECT_OK(Probe(ne_));
  EXPECT_OK(Probe(ng_));
}

TEST_F(RenewalTest, WithoutRenewalTheEndIsTheEnd) {
  ASSERT_TRUE(Await([&] { return Probe(ne_).ok(); }));
  ASSERT_OK(RenewOperator(ne_.directory(), "admin-1",
                          clock_.Now() + absl::Minutes(4), random_));
  clock_.Advance(absl::Hours(24 * 90) + absl::Minutes(2));
  EXPECT_FALSE(Probe(ne_).ok());
}

TEST_F(RenewalTest, WhatDoesNotFitStaysOutAndTheOneBeforeServesOn) {
  const NodeLayout layout{ne_.directory()};
  const std::string before = FingerprintIn(layout.TlsCertificate());
  const SecretBytes key = *ReadPrivateFile(layout.TlsKey());
  ASSERT_OK(RenewNode(ne_.directory(), clock_.Now(), random_));
  // The key of the one before, beside the renewed certificate.
  ASSERT_OK(WritePrivateFile(layout.TlsKey(), key.Expose()));
  for (int i = 0; i < 3; ++i) ne_.Tick();
  std::string presented;
  ASSERT_OK(HandshakeAnew(&presented));
  EXPECT_EQ(presented, before);
  // Another country's certificate, with its key.
  const NodeLayout other{ng_.directory()};
  ASSERT_OK(WritePrivateFile(layout.TlsKey(),
                             ReadPrivateFile(other.TlsKey())->Expose()));
  ASSERT_OK(WritePublicFile(layout.TlsCertificate(),
                            *ReadPublicFile(other.TlsCertificate())));
  for (int i = 0; i < 3; ++i) ne_.Tick();
  ASSERT_OK(HandshakeAnew(&presented));
  EXPECT_EQ(presented, before);
  // A node does not start with it either, and says what to do.
  ne_.Stop();
  const absl::Status started = ne_.Start(clock_);
  EXPECT_THAT(started, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_NE(started.message().find("comity node renew"), std::string::npos);
  ASSERT_OK(RenewNode(ne_.directory(), clock_.Now(), random_));
  EXPECT_OK(ne_.Start(clock_));
}

TEST_F(RenewalTest, ARenewedCertificateIsAnEntryOfTheOwnLogAndInTheStatus) {
  CommandContext& auditor = ne_.As("ORG", Role::kAuditor, "audit");
  const auto entries = [&] {
    ops::ListLogEntriesRequest request;
    request.set_page_size(500);
    const auto response = As<Admin, ops::ListLogEntriesResponse>(
        auditor, &Admin::Stub::ListLogEntries, request);
    int found = 0;
    for (const ops::LogEntry& entry : response->entries()) {
      if (entry.kind() != "TRUST_CHANGE") continue;
      EXPECT_NE(entry.detail().find("TLS certificate renewed"),
                std::string::npos)
          << entry.detail();
      ++found;
    }
    return found;
  };
  const int before = entries();
  Renew(ne_, clock_.Now());
  EXPECT_TRUE(Await([&] { return entries() == before + 1; }));
}

TEST_F(RenewalTest, NothingOutlivesTheIssuingAuthority) {
  const absl::Time end = ne_.card().issuing.not_after();
  EXPECT_EQ(*RenewNode(ne_.directory(), end - absl::Hours(24), random_), end);
  EXPECT_THAT(RenewNode(ne_.directory(), end, random_),
              FailsWith(ErrorReason::kCertificateExpired));
  EXPECT_THAT(RenewOperator(ne_.directory(), "nobody", clock_.Now(), random_),
              FailsWith(ErrorReason::kNotFound));
}

}  // namespace
}  // namespace comity
