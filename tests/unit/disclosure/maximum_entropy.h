#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace comity {

// Derives rows of the noise table from their definition, independently of the
// numbers in node/disclosure/noise_table.cc.
struct EntropyRow {
  std::vector<int> noise;
  std::vector<double> probability;
};

// The distribution proportional to exp(-a v - b v^2) on `noise`, and its first
// two moments about zero.
inline EntropyRow Exponential(const std::vector<int>& noise, double a,
                              double b) {
  EntropyRow row{noise, {}};
  for (const int v : noise) row.probability.push_back(-a * v - b * v * v);
  const double most =
      *std::max_element(row.probability.begin(), row.probability.end());
  double sum = 0;
  for (double& p : row.probability) sum += p = std::exp(p - most);
  for (double& p : row.probability) p /= sum;
  return row;
}

inline double Moment(const EntropyRow& row, int power) {
  double sum = 0;
  for (size_t i = 0; i < row.noise.size(); ++i) {
    sum += row.probability[i] * std::pow(row.noise[i], power);
  }
  return sum;
}

// Of all distributions on `noise` with mean 0 and variance `variance` the one
// of maximum entropy, by nested bisection.
inline EntropyRow MaximumEntropy(const std::vector<int>& noise,
                                 double variance) {
  EntropyRow row;
  double b_low = -20, b_high = 20;
  for (int i = 0; i < 200; ++i) {
    const double b = (b_low + b_high) / 2;
    double a_low = -200, a_high = 200;
    for (int j = 0; j < 200; ++j) {
      const double a = (a_low + a_high) / 2;
      row = Exponential(noise, a, b);
      (Moment(row, 1) > 0 ? a_low : a_high) = a;
    }
    (Moment(row, 2) > variance ? b_low : b_high) = b;
  }
  return row;
}

// The noise that a count may get: at most `largest` either way, never below
// zero, never to one of 1..blocked.
inline std::vector<int> NoiseOf(int count, int largest, int blocked) {
  std::vector<int> noise;
  for (int v = -largest; v <= largest; ++v) {
    const int target = count + v;
    if (target < 0 || (target >= 1 && target <= blocked)) continue;
    noise.push_back(v);
  }
  return noise;
}

// Cumulative bounds of 2^32 parts, by largest remainder.
inline std::vector<uint64_t> Quantised(const EntropyRow& row) {
  const double whole = 4294967296.0;
  std::vector<uint64_t> parts;
  std::vector<std::pair<double, size_t>> rest;
  for (size_t i = 0; i < row.probability.size(); ++i) {
    const double exact = row.probability[i] * whole;
    parts.push_back(static_cast<uint64_t>(exact));
    rest.emplace_back(-(exact - std::floor(exact)), i);
  }
  std::sort(rest.begin(), rest.end());
  uint64_t left = (uint64_t{1} << 32) -
                  std::accumulate(parts.begin(), parts.end(), uint64_t{0});
  for (size_t i = 0; i < left; ++i) ++parts[rest[i].second];
  std::partial_sum(parts.begin(), parts.end(), parts.begin());
  return parts;
}

}  // namespace comity
