struct product {
  struct factor by;
  int8_t first_zero, second_zero, out_zero;
};

static void multiply_row(const struct product *product, const int8_t *first, const int8_t *second, int8_t *out,
                         int32_t count) {
  const struct rounding by = rounding_of(product->by);
  const int32_t first_zero = product->first_zero, second_zero = product->second_zero, out_zero = product->out_zero;
  int32_t i = 0;
#if defined(SYNTH_X86) && defined(__AVX2__)
  if (by.shift <= 0)
    for (; i + 8 <= count; i += 8)
      put8(out + i, times8(_mm256_mullo_epi32(centred8(first + i, first_zero), centred8(second + i, second_zero)), by),
           out_zero);
#endif
  for (; i < count; ++i)
    out[i] = clamped(times((first[i] - first_zero) * (second[i] - second_zero), by) + out_zero);
}

/* The second has as many values, or one for each of `channels`. */
static void multiply(const struct product *product, const int8_t *first, const int8_t *second, int8_t *out,
                     int32_t positions, int channels, int broadcast) {
  if (!broadcast) {
    multiply_row(product, first, second, out, positions * channels);
    return;
  }
  for (; positions > 0; --positions, first += channels, out += channels)
    multiply_row(product, first, second, out, channels);
}
