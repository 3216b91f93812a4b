/* A factor, ready for many values. */
struct rounding {
  int32_t multiplier, nudge, sign;
  int shift, down;
};

static inline struct rounding rounding_of(struct factor by) {
  struct rounding ready;
  ready.multiplier = by.multiplier;
  ready.shift = by.shift;
  ready.down = by.shift < 0 ? -by.shift : 0;
  ready.nudge = by.shift < 0 ? (int32_t)((uint32_t)1 << (-by.shift - 1)) : 0;
  ready.sign = by.shift < 0 ? -1 : 0;
  return ready;
}

/* As `scaled`. */
static inline int32_t times(int32_t x, struct rounding by) {
  int32_t high;
  if (by.shift > 0) return scaled(x, by.multiplier, by.shift);
  high = high_product(x, by.multiplier);
  return (high + ((high >> 31) & by.sign) + by.nudge) >> by.down;
}

#if defined(SYNTH_X86) && defined(__AVX2__)
/* As `times` where the shift is not above 0. */
static inline __m256i times8(__m256i x, struct rounding by) {
  const __m256i half = _mm256_set1_epi64x(1 << 30), multiplier = _mm256_set1_epi32(by.multiplier);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), half);
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), multiplier), half);
  __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  high = _mm256_add_epi32(high, _mm256_and_si256(_mm256_srai_epi32(high, 31), _mm256_set1_epi32(by.sign)));
  return _mm256_sra_epi32(_mm256_add_epi32(high, _mm256_set1_epi32(by.nudge)), _mm_cvtsi32_si128(by.down));
}

static inline __m256i centred8(const int8_t *from, int zero) {
  return _mm256_sub_epi32(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from)),
                          _mm256_set1_epi32(zero));
}

static inline void put8(int8_t *out, __m256i value, int zero) {
  const __m256i moved = _mm256_add_epi32(value, _mm256_set1_epi32(zero));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(moved), _mm256_extracti128_si256(moved, 1));
  _mm_storel_epi64((__m128i *)(void *)out, _mm_packs_epi16(words, words));
}
#endif
