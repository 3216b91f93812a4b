static void scale(struct factor by, const int8_t *weight, const int8_t *in, int8_t *out, int32_t positions,
                  int channels, int in_zero, int out_zero) {
  int32_t i;
  int c;
  for (i = 0; i < positions; ++i)
    for (c = 0; c < channels; ++c)
      *out++ = clamped(scaled((*in++ - in_zero) * weight[c], by.multiplier, by.shift) + out_zero);
}
