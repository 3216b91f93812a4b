static void slice(const int8_t *in, int in_channels, int8_t *out, int channels, int32_t positions) {
  int32_t i;
  for (i = 0; i < positions; ++i, in += in_channels, out += channels) memcpy(out, in, (size_t)channels);
}
