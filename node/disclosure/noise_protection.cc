#include "node/disclosure/noise_protection.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "node/crypto/hash.h"
#include "node/domain/table_columns.h"
#include "node/domain/thousandths.h"

namespace comity {
namespace {

constexpr uint32_t kThousand = 1000;
// Beyond what any table of ours has; keeps the sampler's numbers small.
constexpr uint32_t kMostSensitivity = 1U << 16;

// A number without sign or leading zeros, which is not zero.
bool ReadNumber(absl::string_view text, uint32_t& number) {
  return absl::SimpleAtoi(text, &number) && number > 0 &&
         absl::StrCat(number) == text;
}

// Back from ThousandthsText (domain/thousandths.h).
bool ReadThousandths(absl::string_view text, uint32_t& thousandths) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  uint32_t above = 0;
  uint32_t below = 1;
  if (parts.size() > 2 || !ReadNumber(parts[0], above) ||
      (parts.size() == 2 && !ReadNumber(parts[1], below)) ||
      kThousand % below != 0 || above > kMostSensitivity) {
    return false;
  }
  thousandths = above * (kThousand / below);
  return ThousandthsText(thousandths) == text;
}

// "1/336" for 2 of 672.
std::string FractionText(uint64_t above, uint64_t below) {
  const uint64_t divisor = std::gcd(above, below);
  return absl::StrCat(above / divisor, "/", below / divisor);
}

std::optional<GaussWidth> WidthOf(const NoiseTerms& terms) {
  return WidthFor(terms.sensitivity,
                  LargestRho(terms.epsilon_thousandths, terms.delta_exponent));
}

bool CanBeDrawn(const NoiseTerms& terms) {
  if (!terms.IsGaussian()) return true;
  return terms.epsilon_thousandths <= kMostConcentratedEpsilon &&
         WidthOf(terms).has_value();
}

// "delta=1e-9"; terms of the Laplace have none.
bool ReadDelta(absl::string_view text, NoiseTerms& terms) {
  return absl::ConsumePrefix(&text, "delta=1e-") &&
         ReadNumber(text, terms.delta_exponent) &&
         terms.delta_exponent >= kSmallestDeltaExponent &&
         terms.delta_exponent <= kLargestDeltaExponent;
}

// What the terms of both methods begin and end with.
bool ReadCommon(absl::string_view epsilon, absl::string_view sensitivity,
                absl::string_view error, NoiseTerms& terms) {
  return absl::ConsumePrefix(&epsilon, "epsilon=") &&
         absl::ConsumePrefix(&sensitivity, "sensitivity=") &&
         absl::ConsumePrefix(&error, "error95=") &&
         ReadThousandths(epsilon, terms.epsilon_thousandths) &&
         ReadNumber(sensitivity, terms.sensitivity) &&
         terms.sensitivity <= kMostSensitivity &&
         absl::SimpleAtoi(error, &terms.error95);
}

std::string CellBytes(size_t cell) {
  const auto number = static_cast<uint32_t>(cell);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(number >> shift & 0xff));
  }
  return bytes;
}

}  // namespace

std::optional<NoiseTerms> NoiseTerms::Of(const TableQuestion& question,
                                         uint32_t epsilon_thousandths,
                                         size_t most_codes,
                                         uint32_t delta_exponent) {
  if (question.measure() != Measure::kPersons || epsilon_thousandths == 0) {
    return std::nullopt;
  }
  NoiseTerms terms{epsilon_thousandths, 1, 0, delta_exponent};
  for (const std::string& name : question.dimensions()) {
    const TableColumn& column = *FindTableColumn(name);
    if (column.IsOpen()) return std::nullopt;
    const size_t codes =
        column.several ? std::min(most_codes, column.codes.size()) : 1;
    // One of the codes, or the total.
    terms.sensitivity *= static_cast<uint32_t>(codes) + 1;
  }
  if (!CanBeDrawn(terms)) return std::nullopt;
  terms.error95 =
      terms.IsGaussian() ? terms.Width().Within95() : terms.Scale().Within95();
  return terms;
}

std::optional<NoiseTerms> NoiseTerms::Parse(absl::string_view method) {
  const std::vector<absl::string_view> words = absl::StrSplit(method, ' ');
  const bool gaussian =
      words.size() == 7 && words[0] == kDiscreteGaussianMethod;
  if (!gaussian && (words.size() != 4 || words[0] != kDiscreteLaplaceMethod)) {
    return std::nullopt;
  }
  NoiseTerms terms;
  if (!ReadCommon(words[1], words[words.size() - 2], words.back(), terms) ||
      (gaussian && !ReadDelta(words[2], terms)) || !CanBeDrawn(terms) ||
      terms.Text() != method) {
    return std::nullopt;
  }
  return terms;
}

std::string NoiseTerms::Text() const {
  const std::string epsilon =
      absl::StrCat(" epsilon=", ThousandthsText(epsilon_thousandths));
  const std::string rest =
      absl::StrCat(" sensitivity=", sensitivity, " error95=", error95);
  if (!IsGaussian()) return absl::StrCat(kDiscreteLaplaceMethod, epsilon, rest);
  return absl::StrCat(kDiscreteGaussianMethod, epsilon, " delta=1e-",
                      delta_exponent, " rho=", RhoText(), " sigma2=", Width().a,
                      rest);
}

LaplaceScale NoiseTerms::Scale() const {
  const uint32_t above = sensitivity * kThousand;
  const uint32_t divisor = std::gcd(above, epsilon_thousandths);
  return {above / divisor, epsilon_thousandths / divisor};
}

GaussWidth NoiseTerms::Width() const { return *WidthOf(*this); }

std::string NoiseTerms::RhoText() const {
  return FractionText(sensitivity, 2 * Width().a);
}

double NoiseTerms::Variance() const {
  return IsGaussian() ? Width().Variance() : Scale().Variance();
}

int64_t NoiseTerms::Draw(SeededBits& bits) const {
  return IsGaussian() ? DrawGaussian(bits, Width())
                      : DrawLaplace(bits, Scale());
}

absl::string_view MethodFamily(absl::string_view method) {
  return method.substr(0, method.find(' '));
}

ProtectedCells ProtectByNoise(const ExactTable& exact, uint64_t k,
                              const NoiseTerms& terms,
                              const SecretBytes& secret,
                              absl::string_view answer_key) {
  ProtectedCells cells(exact.grid.size());
  for (size_t cell = 0; cell < cells.size(); ++cell) {
    SeededBits bits(SecretBytes(
        HmacSha256(secret.Expose(),
                   absl::StrCat("comity-dp-v1", answer_key, CellBytes(cell)))));
    const int64_t figure =
        static_cast<int64_t>(exact.cells[cell].persons) + terms.Draw(bits);
    if (figure < static_cast<int64_t>(k)) continue;
    cells[cell] = static_cast<uint64_t>(figure);
  }
  return cells;
}

}  // namespace comity
