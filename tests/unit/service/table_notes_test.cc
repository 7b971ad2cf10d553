#include "node/service/table_notes.h"

#include "absl/strings/str_join.h"
#include "tests/support/status_matchers.h"

namespace comity {
namespace {

std::string NotesOn(const std::string& method) {
  operators::v1::RequestTableResponse response;
  response.add_members()->mutable_table()->set_method(method);
  AddReadingNotes(response);
  return absl::StrJoin(response.notes(), "\n");
}

// Text, JSON and the report show the notes.
TEST(TableNotesTest, DifferentialPrivacyStatesMechanismEpsilonAndError) {
  const std::string notes =
      NotesOn("discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12");
  EXPECT_THAT(notes,
              testing::HasSubstr("Differential privacy (discrete-laplace/v1): "
                                 "epsilon 1/2 for the whole table"));
  EXPECT_THAT(notes,
              testing::HasSubstr("within 12 of the count in 95 of 100 cases"));
}

TEST(TableNotesTest, GaussianNoiseStatesSigmaRhoAndDelta) {
  const std::string notes = NotesOn(
      "discrete-gaussian/v1 epsilon=1/2 delta=1e-9 rho=32/10739 sigma2=10739 "
      "sensitivity=64 error95=203");
  EXPECT_THAT(
      notes, testing::HasSubstr("Differential privacy (discrete-gaussian/v1): "
                                "epsilon 1/2 and delta 1 in 10^9 for the whole "
                                "table, in which one person counts in 64"));
  EXPECT_THAT(notes, testing::HasSubstr("sigma 103.629: rho 32/10739, and so"));
  EXPECT_THAT(notes, testing::HasSubstr("Bun and Steinke 2016"));
  EXPECT_THAT(notes,
              testing::HasSubstr("within 203 of the count in 95 of 100 cases"));
}

TEST(TableNotesTest, WhatCannotBeReadIsSaidToBeUnknown) {
  EXPECT_THAT(NotesOn("discrete-gaussian/v1 epsilon=1/2 delta=1e-9 rho=1/9 "
                      "sigma2=9 sensitivity=2 error95=5"),
              testing::HasSubstr("is not known here"));
  EXPECT_THAT(NotesOn("discrete-laplace/v9 epsilon=1/2"),
              testing::HasSubstr("is not known here"));
  EXPECT_THAT(NotesOn("suppression/v1"), testing::HasSubstr("are exact"));
  EXPECT_THAT(NotesOn("cell-key/v1"),
              testing::HasSubstr("lies at most 8 from the count"));
}

}  // namespace
}  // namespace comity
