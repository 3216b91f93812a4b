// TensorFlow Lite's fixed-point arithmetic: a positive real is multiplier * 2^(shift - 31) (docs/integer_semantics.md).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace evaluators {

struct FixedPoint {
  std::int32_t multiplier = 0;  // 0, or in [2^30, 2^31); of a mean from 2^29
  int shift = 0;                // in [-31, 30]
  bool operator==(const FixedPoint&) const = default;
};

// The nearest to `real` >= 0; what is below 2^-32 becomes 0, what is 2^30 or more the largest.
inline FixedPoint fixed_point(double real) {
  if (!(real > 0)) return {};
  int shift = 0;
  auto mantissa = static_cast<std::int64_t>(std::round(std::frexp(real, &shift) * (std::int64_t{1} << 31)));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  if (shift > 30) return {std::numeric_limits<std::int32_t>::max(), 30};
  return {static_cast<std::int32_t>(mantissa), shift};
}

// round(a * b / 2^31), ties away from zero; b >= 0.
inline std::int32_t doubling_high_product(std::int32_t a, std::int32_t b) {
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

// round(x / 2^exponent), ties away from zero; exponent in [0, 31].
inline std::int32_t rounding_shift(std::int32_t x, int exponent) {
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

// x times the real, rounded twice. x * 2^shift saturates.
inline std::int32_t multiply(std::int32_t x, FixedPoint by) {
  const std::int64_t shifted = std::int64_t{x} * (std::int64_t{1} << std::max(by.shift, 0));
  const auto saturated = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      shifted, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
  return rounding_shift(doubling_high_product(saturated, by.multiplier), std::max(-by.shift, 0));
}

}  // namespace evaluators
