static void global_avg_pool(struct factor by, const int8_t *in, int8_t *out, int positions, int channels, int in_zero,
                            int out_zero) {
  int c, i;
  for (c = 0; c < channels; ++c) {
    int32_t sum = -positions * in_zero;
    for (i = 0; i < positions; ++i) sum += in[(size_t)i * channels + c];
    out[c] = clamped(scaled(sum, by.multiplier, by.shift) + out_zero);
  }
}
