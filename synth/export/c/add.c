struct addition {
  struct factor first, second, sum; /* the terms' are below 1 */
  int8_t first_zero, second_zero, out_zero;
};

static void add(const struct addition *by, const int8_t *first, const int8_t *second, int8_t *out, int32_t count) {
  int32_t i;
  for (i = 0; i < count; ++i) {
    const int32_t a = (first[i] - by->first_zero) * (1 << 20), b = (second[i] - by->second_zero) * (1 << 20);
    const int32_t sum = scaled(a, by->first.multiplier, by->first.shift) +
                        scaled(b, by->second.multiplier, by->second.shift);
    out[i] = clamped(scaled(sum, by->sum.multiplier, by->sum.shift) + by->out_zero);
  }
}
