#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "node/base/secret_bytes.h"
#include "node/disclosure/concentrated_privacy.h"
#include "node/disclosure/discrete_laplace.h"
#include "node/disclosure/protected_table.h"
#include "node/domain/table_question.h"

namespace comity {

// Differential privacy (Dwork, McSherry, Nissim and Smith 2006) of counts of
// persons: to each cell of a table, margins too, noise of its own is added,
// wide enough that whoever reads the whole table can hardly tell whether one
// person's record was counted: no table becomes more likely by it than by a
// factor of exp(epsilon), but for a probability of delta where the noise is
// Gaussian. What several tables tell adds up, epsilon and delta each, which
// budgets count (node/policy/budgets.h).

// Versions of the methods, and how the methods of such tables begin.
inline constexpr const char* kDiscreteLaplaceMethod = "discrete-laplace/v1";
inline constexpr const char* kDiscreteGaussianMethod = "discrete-gaussian/v1";

// What is told with every such table. Written out it is the table's method:
// "discrete-laplace/v1 epsilon=1/2 sensitivity=2 error95=12", or
// "discrete-gaussian/v1 epsilon=1/2 delta=1e-9 rho=1/336 sigma2=336
// sensitivity=2 error95=36" in one line, where rho and sigma2 follow from the
// others (concentrated_privacy.h).
struct NoiseTerms {
  uint32_t epsilon_thousandths = 0;
  uint32_t sensitivity = 0;     // in how many cells one person may count
  uint32_t error95 = 0;         // no figure is further off in 95 of 100 cases
  uint32_t delta_exponent = 0;  // delta is 1 / 10^this; 0: Laplace, no delta

  // `most_codes`: under how many codes of a column one person counts at most.
  // nullopt unless the table is of persons and all its dimensions have closed
  // code lists: which countries are listed would tell who is there. Nor where
  // so little epsilon leaves nothing but noise.
  static std::optional<NoiseTerms> Of(const TableQuestion& question,
                                      uint32_t epsilon_thousandths,
                                      size_t most_codes,
                                      uint32_t delta_exponent = 0);
  // nullopt for the text of any other method.
  static std::optional<NoiseTerms> Parse(absl::string_view method);

  bool IsGaussian() const { return delta_exponent != 0; }
  std::string Text() const;
  LaplaceScale Scale() const;
  // Of terms of a Gaussian.
  GaussWidth Width() const;
  // "1/336".
  std::string RhoText() const;

  double Variance() const;
  int64_t Draw(SeededBits& bits) const;
};

// What a method's text begins with: the method without its terms.
absl::string_view MethodFamily(absl::string_view method);

// Adds noise, and hides each cell whose figure is then under `k`. Only figures
// are looked at, never the count itself: a hidden cell tells no more than its
// figure would. Noise follows from `secret` (32 bytes) and `answer_key`, which
// is another one for each question, revision and method, so that the same
// question has the same answer for ever.
ProtectedCells ProtectByNoise(const ExactTable& exact, uint64_t k,
                              const NoiseTerms& terms,
                              const SecretBytes& secret,
                              absl::string_view answer_key);

}  // namespace comity
