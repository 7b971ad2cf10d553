#include "node/disclosure/two_sides.h"

#include <algorithm>
#include <set>

namespace comity {
namespace {

std::optional<uint64_t> FigureOf(const SideFigures& side,
                                 const std::vector<std::string>& codes) {
  const auto found = side.shown.find(codes);
  if (found != side.shown.end()) return found->second;
  if (side.others_are_zero) return 0;
  return std::nullopt;
}

SidesVerdict VerdictOf(const TwoSides& line, const SideFigures& sent,
                       const SideFigures& received) {
  if (!line.sent.has_value() || !line.received.has_value() ||
      !sent.largest_error.has_value() || !received.largest_error.has_value()) {
    return SidesVerdict::kUntold;
  }
  const uint64_t apart = std::max(*line.sent, *line.received) -
                         std::min(*line.sent, *line.received);
  const uint64_t most =
      uint64_t{*sent.largest_error} + uint64_t{*received.largest_error};
  if (apart > most) return SidesVerdict::kDiffers;
  return most == 0 ? SidesVerdict::kEqual : SidesVerdict::kWithinProtection;
}

}  // namespace

absl::string_view SidesWords(SidesVerdict verdict) {
  switch (verdict) {
    case SidesVerdict::kEqual:
      return "equal";
    case SidesVerdict::kWithinProtection:
      return "within what protection moves";
    case SidesVerdict::kDiffers:
      return "DIFFERS";
    case SidesVerdict::kUntold:
      return "hidden";
  }
  return "";
}

std::vector<TwoSides> CompareSides(const SideFigures& sent,
                                   const SideFigures& received) {
  std::set<std::vector<std::string>> all;
  for (const auto& [codes, figure] : sent.shown) all.insert(codes);
  for (const auto& [codes, figure] : received.shown) all.insert(codes);
  std::vector<TwoSides> lines;
  for (const auto& codes : all) {
    TwoSides line{codes, FigureOf(sent, codes), FigureOf(received, codes)};
    line.verdict = VerdictOf(line, sent, received);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace comity
