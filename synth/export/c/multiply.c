struct product {
  struct factor by;
  int8_t first_zero, second_zero, out_zero;
};

/* The second has as many values, or one for each of `channels`. */
static void multiply(const struct product *product, const int8_t *first, const int8_t *second, int8_t *out,
                     int32_t positions, int channels, int broadcast) {
  int32_t i;
  int c;
  for (i = 0; i < positions; ++i)
    for (c = 0; c < channels; ++c) {
      const int32_t a = *first++ - product->first_zero;
      const int32_t b = second[broadcast ? c : (int32_t)(i * channels + c)] - product->second_zero;
      *out++ = clamped(scaled(a * b, product->by.multiplier, product->by.shift) + product->out_zero);
    }
}
