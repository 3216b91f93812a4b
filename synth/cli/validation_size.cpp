// What a validation split of a size can show.
#include "synth/cli/validation_size.h"

#include <fmt/format.h>

#include <cmath>

namespace synth::cli {

std::string why_unreachable(const engine::Objective& objective, int images) {
  const auto required = objective.requirements().accuracy;
  const double highest = engine::wilson_lower_bound(1, images, objective.confidence());
  if (!required || *required <= highest) return {};
  std::string enough;  // the bound of n faultless images is n / (n + z^2), which gives z^2 here
  if (*required < 1 && highest > 0) {
    const double squared = images * (1 / highest - 1);
    enough = fmt::format(" ({} validation images would do)", std::ceil(squared * *required / (1 - *required)));
  }
  return fmt::format(
      "accuracy>={:g}% cannot be shown: of a network without a single error on the {} validation images it is known "
      "only that its accuracy is at least {:.2f} % (confidence {:g}); require less, use more images{}, or lower "
      "--confidence",
      *required * 100, images, highest * 100, objective.confidence(), enough);
}

namespace {

// The least accuracy measured on `images` images whose lower bound is `required`.
double to_be_measured(double required, int images, double confidence) {
  double low = required, high = 1;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    (engine::wilson_lower_bound(middle, images, confidence) < required ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::string why_hard(const engine::Objective& objective, int images) {
  constexpr double noticeable = 0.3;  // of what may be missing
  const auto required = objective.requirements().accuracy;
  if (!required || *required <= 0 || *required >= 1) return {};
  const double confidence = objective.confidence(), measured = to_be_measured(*required, images, confidence);
  if (measured - *required < noticeable * (1 - *required)) return {};
  int enough = images;
  while (enough < 10'000'000 &&
         to_be_measured(*required, enough, confidence) - *required >= noticeable * (1 - *required) / 2)
    enough += enough / 4 + 1;
  return fmt::format(
      "with {} validation images accuracy>={:g}% holds (confidence {:g}) only where {:.1f} % are measured; with {} it "
      "would from {:.1f} % on: use more images, or lower --confidence",
      images, *required * 100, confidence, measured * 100, enough, to_be_measured(*required, enough, confidence) * 100);
}

}  // namespace synth::cli
