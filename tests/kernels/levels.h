// What the tests of the own kernels share: every level that the processor has, guarded buffers, error bounds.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "evaluators/processor.h"
#include "evaluators/simd.h"

namespace kernel_tests {

using evaluators::simd::Bf16;

constexpr double unit = 1.0 / (1 << 24);  // relative error of one rounding to float32

// Relative error of storing a T, beside that of float32 arithmetic.
template <typename T>
constexpr double stored = sizeof(T) == 2 ? 1.0 / 256 : 0.0;

// Runs `body` at every level that the processor has and says which it lacks.
template <typename Body>
void at_every_level(const char* what, Body body) {
  using evaluators::KernelLevel;
  const auto levels = evaluators::available_kernel_levels();
  for (const KernelLevel level : {KernelLevel::baseline, KernelLevel::avx2, KernelLevel::avx512}) {
    const bool here = std::find(levels.begin(), levels.end(), level) != levels.end();
    std::printf("%s: level %s %s\n", what, evaluators::name(level), here ? "tested" : "SKIPPED, not in this processor");
    if (!here) continue;
    INFO("level " << evaluators::name(level));
    const evaluators::ForcedKernelLevel forced(level);
    REQUIRE(evaluators::kernel_level() == level);
    body();
  }
}

// `size` values between two borders that nobody may write to.
template <typename T>
class Guarded {
 public:
  explicit Guarded(std::size_t size) : values_(size + 2 * border, canary) {}

  T* data() { return values_.data() + border; }
  double operator[](std::size_t i) const { return evaluators::simd::load(values_[border + i]); }
  bool intact() const {
    for (std::size_t i = 0; i < border; ++i)
      if (values_[i] != canary || values_[values_.size() - 1 - i] != canary) return false;
    return true;
  }

 private:
  static constexpr std::size_t border = 64;
  static constexpr T canary = 77;
  std::vector<T> values_;
};

template <typename T>
Guarded<T> drawn(std::size_t size, unsigned seed, float centre = 0.0f) {
  std::mt19937 random(seed);
  Guarded<T> result(size);
  for (std::size_t i = 0; i < size; ++i)
    evaluators::simd::store(centre + static_cast<float>(random() % 2001) / 1000.0f - 1.0f, result.data()[i]);
  return result;
}

// The worst of errors as a part of what is allowed: above 1 the kernel is wrong.
struct Worst {
  double part = 0;
  void see(double found, double expected, double allowed) {
    const double now = std::abs(found - expected) / (allowed + 1e-30);
    if (!(now <= part)) part = now;  // NaN counts as wrong
  }
};

}  // namespace kernel_tests
