#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "node/crypto/hash.h"
#include "node/disclosure/noise_protection.h"
#include "node/disclosure/stated_error.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/disclosure/grid_of.h"

namespace comity {
namespace {

constexpr size_t kMostCodes = 3;
constexpr uint32_t kDelta = 9;
constexpr char kBySex[] =
    "discrete-gaussian/v1 epsilon=1/2 delta=1e-9 rho=1/336 sigma2=336 "
    "sensitivity=2 error95=36";

const SecretBytes& Secret() {
  static const auto* secret = new SecretBytes(std::string(32, 's'));
  return *secret;
}

std::optional<NoiseTerms> TermsOf(const std::vector<std::string>& dimensions,
                                  uint32_t epsilon, uint32_t delta) {
  return NoiseTerms::Of(*TableQuestion::Create("2018", dimensions, {}), epsilon,
                        kMostCodes, delta);
}

TEST(GaussianTermsTest, TheMethodSaysAllThatTheNoiseIs) {
  const auto terms = TermsOf({"sex"}, 500, kDelta);
  ASSERT_TRUE(terms.has_value());
  EXPECT_EQ(terms->Text(), kBySex);
  EXPECT_EQ(MethodFamily(terms->Text()), kDiscreteGaussianMethod);
  const auto parsed = NoiseTerms::Parse(kBySex);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->IsGaussian());
  EXPECT_EQ(parsed->Text(), kBySex);
  EXPECT_EQ(parsed->epsilon_thousandths, 500u);
  EXPECT_EQ(parsed->delta_exponent, kDelta);
  EXPECT_EQ(parsed->Width().a, 336u);
  EXPECT_EQ(parsed->RhoText(), "1/336");
}

TEST(GaussianTermsTest, TheErrorIsStatedAsThatOfTheLaplaceIs) {
  const auto error = ErrorOf(kBySex);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->largest, StatedError::kUnbounded);
  EXPECT_NEAR(error->variance, 336, 1e-6);
  EXPECT_EQ(error->within_95, 36.0);
}

// No two texts for one noise, and none that says more protection than there is.
TEST(GaussianTermsTest, NothingElseIsReadAsTerms) {
  for (const char* text :
       {"discrete-gaussian/v1",
        "discrete-gaussian/v1 epsilon=1/2 sensitivity=2 error95=36",
        "discrete-gaussian/v2 epsilon=1/2 delta=1e-9 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/2 delta=1e-9 rho=1/335 sigma2=335 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/2 delta=1e-12 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/2 delta=1e-5 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/2 delta=1e-09 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/2 delta=9 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=1/1000 delta=1e-12 rho=0 sigma2=336 "
        "sensitivity=2 error95=36",
        "discrete-gaussian/v1 epsilon=11 delta=1e-9 rho=1/2 sigma2=1 "
        "sensitivity=1 error95=2",
        "discrete-laplace/v1 epsilon=1/2 delta=1e-9 rho=1/336 sigma2=336 "
        "sensitivity=2 error95=36"}) {
    EXPECT_FALSE(NoiseTerms::Parse(text).has_value()) << text;
  }
}

TEST(GaussianTermsTest, SoLittleEpsilonThatAllIsNoiseHasNone) {
  EXPECT_FALSE(TermsOf({"sex"}, 1, 12).has_value());
  EXPECT_TRUE(TermsOf({"exploitation", "industries", "recruitment"}, 100, 12)
                  .has_value());
}

// What it is there for: where a person is in many cells the noise is narrower
// than that of the Laplace for the same epsilon, where she is in few it is not.
TEST(GaussianTermsTest, TablesOfManyCellsAPersonHaveNarrowerNoise) {
  const std::vector<std::string> wide = {"exploitation", "industries",
                                         "recruitment"};
  ASSERT_EQ(TermsOf(wide, 500, kDelta)->sensitivity, 64u);
  EXPECT_LT(TermsOf(wide, 500, kDelta)->Variance(),
            TermsOf(wide, 500, 0)->Variance() / 2);
  EXPECT_GT(TermsOf({"sex"}, 500, kDelta)->Variance(),
            TermsOf({"sex"}, 500, 0)->Variance());
}

ExactTable Cells(const std::vector<uint64_t>& persons) {
  ExactTable table{GridOf({persons.size() - 1}), {}};
  for (const uint64_t count : persons) table.cells.push_back({count, 0});
  return table;
}

TEST(GaussianTermsTest, Law8TheSameQuestionHasTheSameNoise) {
  const NoiseTerms terms = *TermsOf({"sex"}, 500, kDelta);
  const auto noisy = [&](const std::string& question) {
    return ProtectByNoise(Cells({300, 300, 600}), 11, terms, Secret(),
                          Sha256(question));
  };
  const ProtectedCells first = noisy("a");
  EXPECT_EQ(noisy("a"), first);
  EXPECT_NE(noisy("b"), first);
}

TEST(GaussianTermsTest, FiguresLieWithinTheStatedErrorAsOftenAsStated) {
  const NoiseTerms terms = *TermsOf({"sex"}, 500, kDelta);
  constexpr int kTables = 4000;
  int within = 0;
  for (int i = 0; i < kTables; ++i) {
    const auto cells = ProtectByNoise(Cells({1000}), 1, terms, Secret(),
                                      Sha256(absl::StrCat("gauss", i)));
    const auto off = static_cast<int64_t>(*cells[0]) - 1000;
    within += std::abs(off) <= terms.error95 ? 1 : 0;
  }
  EXPECT_GE(within, kTables * 0.94);
  EXPECT_LE(within, kTables * 0.965);
}

// Membership inference (privacy.md section 6, attack 12) against the promise
// with a delta: over all outcomes together, what is likelier with one person
// more than exp(epsilon) allows has hardly any probability. Noise of a quarter
// of the variance is seen to break it.
TEST(GaussianTermsTest, OnePersonChangesNoTableByMoreThanEpsilonAndDelta) {
  const NoiseTerms terms = *TermsOf({"sex"}, 1000, 6);
  const auto beyond = [&](double variance) {
    // One cell and its total, each one person off: the exact distribution.
    constexpr int kFar = 200;
    const auto weight = [&](int x) {
      return std::exp(-x * x / (2 * variance));
    };
    double all = 0;
    for (int x = -kFar; x <= kFar; ++x) all += weight(x);
    double delta = 0;
    for (int x = -kFar; x <= kFar; ++x) {
      for (int y = -kFar; y <= kFar; ++y) {
        const double without = weight(x) * weight(y) / (all * all);
        const double with = weight(x - 1) * weight(y - 1) / (all * all);
        delta += std::max(0.0, with - std::exp(1.0) * without);
      }
    }
    return delta;
  };
  EXPECT_LE(beyond(static_cast<double>(terms.Width().a)), 1e-6);
  EXPECT_GT(beyond(static_cast<double>(terms.Width().a) / 4), 1e-6);
}

}  // namespace
}  // namespace comity
