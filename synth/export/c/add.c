struct addition {
  struct factor first, second, sum;
  int8_t first_zero, second_zero, out_zero;
};

static void add(const struct addition *by, const int8_t *first, const int8_t *second, int8_t *out, int32_t count) {
  const struct rounding one = rounding_of(by->first), two = rounding_of(by->second), three = rounding_of(by->sum);
  const int32_t first_zero = by->first_zero, second_zero = by->second_zero, out_zero = by->out_zero;
  int32_t i = 0;
#if defined(SYNTH_X86) && defined(__AVX2__)
  if (one.shift <= 0 && two.shift <= 0 && three.shift <= 0)
    for (; i + 8 <= count; i += 8) {
      const __m256i a = _mm256_slli_epi32(centred8(first + i, first_zero), 20);
      const __m256i b = _mm256_slli_epi32(centred8(second + i, second_zero), 20);
      put8(out + i, times8(_mm256_add_epi32(times8(a, one), times8(b, two)), three), out_zero);
    }
#endif
  for (; i < count; ++i) {
    const int32_t a = times((first[i] - first_zero) * (1 << 20), one);
    const int32_t b = times((second[i] - second_zero) * (1 << 20), two);
    out[i] = clamped(times(a + b, three) + out_zero);
  }
}
