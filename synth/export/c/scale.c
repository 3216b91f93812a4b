static void scale(struct factor factor, const int8_t *weight, const int8_t *in, int8_t *out, int32_t positions,
                  int channels, int in_zero, int out_zero) {
  const struct rounding by = rounding_of(factor);
  for (; positions > 0; --positions, in += channels, out += channels) {
    int c = 0;
#if defined(SYNTH_X86) && defined(__AVX2__)
    if (by.shift <= 0)
      for (; c + 8 <= channels; c += 8)
        put8(out + c, times8(_mm256_mullo_epi32(centred8(in + c, in_zero), centred8(weight + c, 0)), by), out_zero);
#endif
    for (; c < channels; ++c) out[c] = clamped(times((in[c] - in_zero) * weight[c], by) + out_zero);
  }
}
