/* A window of pooling. */
struct window {
  uint16_t in_height, in_width, channels, out_height, out_width;
  uint8_t kernel, stride, padding;
};

static int32_t greater(int32_t a, int32_t b) {
  return a > b ? a : b;
}

static int32_t less(int32_t a, int32_t b) {
  return a < b ? a : b;
}
