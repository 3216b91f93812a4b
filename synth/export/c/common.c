#include <stddef.h>
#include <string.h>

/* The same answers at different speeds; SYNTH_PORTABLE forbids all but plain C. */
#if !defined(SYNTH_PORTABLE) && defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#define SYNTH_ARM
#elif !defined(SYNTH_PORTABLE) && defined(__SSE4_1__)
#include <immintrin.h>
#define SYNTH_X86
#endif

static inline int8_t clamped(int32_t value) {
#ifdef SYNTH_ARM
  return (int8_t)__ssat(value, 8);
#else
  return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
#endif
}

/* round(x * multiplier / 2^31), halves up. |x| < 2^30 */
static inline int32_t high_product(int32_t x, int32_t multiplier) {
#ifdef SYNTH_ARM
  int32_t high;
  __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(x * 2), "r"(multiplier));
  return high;
#else
  return (int32_t)(((int64_t)x * multiplier + (1 << 30)) >> 31);
#endif
}

/* x * multiplier * 2^(shift - 31), rounded twice as TensorFlow Lite does; |x| < 2^30, shift in [-31, 30]. */
static inline int32_t scaled(int32_t x, int32_t multiplier, int shift) {
  int64_t wide = x;
  int32_t high, rest;
  if (shift <= 0) {
    high = high_product(x, multiplier);
    if (shift == 0) return high;
    rest = (int32_t)((uint32_t)high & (((uint32_t)1 << -shift) - 1));
    return (high >> -shift) + (rest > (int32_t)((((uint32_t)1 << -shift) - 1) >> 1) + (high < 0));
  }
  wide *= (int64_t)1 << shift;
  wide = wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : wide;
  return (int32_t)((wide * multiplier + (1 << 30)) >> 31);
}
