// One kernel body, compiled for several instruction sets and chosen when the program runs: nothing is built for the
// machine that compiles.
#pragma once

#include <cstdint>
#include <cstring>

#include "evaluators/processor.h"

#if defined(__GNUC__)
#define SYNTH_INLINE inline __attribute__((always_inline))
#else
#define SYNTH_INLINE inline
#endif

namespace evaluators::simd {

// bfloat16 as stored: the upper half of a float32. Rounded to nearest, ties to even.
using Bf16 = std::uint16_t;

SYNTH_INLINE float load(float value) {
  return value;
}
SYNTH_INLINE float load(Bf16 value) {
  const std::uint32_t bits = std::uint32_t{value} << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
SYNTH_INLINE void store(float value, float& to) {
  to = value;
}
SYNTH_INLINE void store(float value, Bf16& to) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  to = static_cast<Bf16>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

#if defined(__GNUC__) && defined(__x86_64__)

template <typename Body, typename... Arguments>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,prefer-vector-width=512"))) void run_avx512(
    Arguments... arguments) {
  Body::run(arguments...);
}

template <typename Body, typename... Arguments>
__attribute__((target("avx2,fma"))) void run_avx2(Arguments... arguments) {
  Body::run(arguments...);
}

template <typename Body, typename... Arguments>
void run(Arguments... arguments) {
  const KernelLevel level = kernel_level();
  if (level == KernelLevel::avx512) return run_avx512<Body>(arguments...);
  if (level == KernelLevel::avx2) return run_avx2<Body>(arguments...);
  Body::run(arguments...);
}

#else

template <typename Body, typename... Arguments>
void run(Arguments... arguments) {
  Body::run(arguments...);
}

#endif

}  // namespace evaluators::simd
