static void table(const int8_t *values, const int8_t *in, int8_t *out, int32_t count) {
  int32_t i;
  for (i = 0; i < count; ++i) out[i] = values[in[i] + 128];
}
