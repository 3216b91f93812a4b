static void concat(struct factor by, const int8_t *in, int channels, int in_zero, int8_t *out, int out_channels,
                   int out_zero, int32_t positions) {
  int32_t i;
  int c;
  for (i = 0; i < positions; ++i, out += out_channels)
    for (c = 0; c < channels; ++c) out[c] = clamped(scaled(*in++ - in_zero, by.multiplier, by.shift) + out_zero);
}
