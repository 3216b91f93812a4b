static void channel_shuffle(const int8_t *in, int8_t *out, int32_t positions, int channels, int groups) {
  int32_t i;
  int c, g;
  for (i = 0; i < positions; ++i, in += channels)
    for (c = 0; c < channels / groups; ++c)
      for (g = 0; g < groups; ++g) *out++ = in[g * (channels / groups) + c];
}
