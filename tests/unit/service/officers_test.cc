#include "node/service/officers.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

const SecretBytes kKey(std::string(32, 'k'));
const ParticipantCode kNiger = *ParticipantCode::Create("NE");
const ParticipantCode kTogo = *ParticipantCode::Create("TG");

TEST(OfficersTest, APseudonymIsStableForOnePartnerAndAnotherForEachOther) {
  const std::string amina = OfficerPseudonym(kKey, kNiger, "NAPTIP/amina.b");
  EXPECT_EQ(amina.size(), 16u);
  EXPECT_EQ(amina, OfficerPseudonym(kKey, kNiger, "NAPTIP/amina.b"));
  EXPECT_NE(amina, OfficerPseudonym(kKey, kTogo, "NAPTIP/amina.b"));
  EXPECT_NE(amina, OfficerPseudonym(kKey, kNiger, "NAPTIP/bola.a"));
  EXPECT_NE(amina, OfficerPseudonym(SecretBytes(std::string(32, 'l')), kNiger,
                                    "NAPTIP/amina.b"));
}

TEST(OfficersTest, APseudonymHasSixteenBytesOrNone) {
  EXPECT_OK(CheckOfficer(""));
  EXPECT_OK(CheckOfficer(std::string(16, 'o')));
  EXPECT_THAT(CheckOfficer("amina.b"), FailsWith(ErrorReason::kFieldInvalid));
}

}  // namespace
}  // namespace comity
