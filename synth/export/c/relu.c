static void relu(const int8_t *in, int8_t *out, int32_t count, int zero) {
  int32_t i;
  for (i = 0; i < count; ++i) out[i] = (int8_t)(in[i] > zero ? in[i] : zero);
}
