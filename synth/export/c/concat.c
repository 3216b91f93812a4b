static void concat(struct factor factor, const int8_t *in, int channels, int in_zero, int8_t *out, int out_channels,
                   int out_zero, int32_t positions) {
  const struct rounding by = rounding_of(factor);
  for (; positions > 0; --positions, in += channels, out += out_channels) {
    int c = 0;
#if defined(SYNTH_X86) && defined(__AVX2__)
    if (by.shift <= 0)
      for (; c + 8 <= channels; c += 8) put8(out + c, times8(centred8(in + c, in_zero), by), out_zero);
#endif
    for (; c < channels; ++c) out[c] = clamped(times(in[c] - in_zero, by) + out_zero);
  }
}
