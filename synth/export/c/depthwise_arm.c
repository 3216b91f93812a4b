#ifdef SYNTH_ARM
static inline int16x2_t halves(const int16_t *from) {
  int16x2_t pair;
  memcpy(&pair, from, sizeof pair);
  return pair;
}

/* Row y of one channel without its zero point, between `padding` zeros, into `row` of `length`. */
static void unpack_row(const struct convolution *layer, const int8_t *in, int y, int16_t *row, int length) {
  const int width = layer->in_width, channels = layer->in_channels, zero = layer->in_zero;
  const int16_t *const end = row + length;
  int x;
  if (y < 0 || y >= layer->in_height) {
    memset(row, 0, (size_t)length * sizeof *row);
    return;
  }
  in += (size_t)y * width * channels;
  for (x = 0; x < layer->padding; ++x) *row++ = 0;
  for (x = width; x >= 4; x -= 4, in += 4 * channels, row += 4) {
    row[0] = (int16_t)(in[0] - zero);
    row[1] = (int16_t)(in[channels] - zero);
    row[2] = (int16_t)(in[2 * channels] - zero);
    row[3] = (int16_t)(in[3 * channels] - zero);
  }
  for (; x > 0; --x, in += channels) *row++ = (int16_t)(*in - zero);
  while (row != end) *row++ = 0;
}

struct channel {
  int32_t bias, multiplier, twice;
  int down, plain, stride, width, channels;
};

/* One output row of a 3x3 window: three taps are a pair and one. */
static void row3x3(const struct channel *by, const int16_t *const *rows, const int8_t *weight, int8_t *out) {
  const int step = by->channels, plain = by->plain, down = by->down, stride = by->stride;
  const int32_t bias = by->bias, multiplier = by->multiplier, twice = by->twice;
  const int16_t *a = rows[0], *b = rows[1], *c = rows[2];
  int16x2_t w[3];
  int32_t v[3];
  int x, i;
  for (i = 0; i < 3; ++i, weight += 3 * step) {
    w[i] = (int16x2_t)((uint16_t)weight[0] | ((uint32_t)weight[step] << 16));
    v[i] = weight[2 * step];
  }
  x = by->width;
  if (stride == 1)
    for (; x >= 2; x -= 2, a += 2, b += 2, c += 2, out += 2 * step) {
      int32_t first = bias, second = bias;
#define ROW(row, i)                                     \
  do {                                                  \
    const int16x2_t right = halves(row + 2);            \
    first = __smlad(halves(row), w[i], first);          \
    second = __smlad(halves(row + 1), w[i], second);    \
    first = __smlabb(right, v[i], first);               \
    second = __smlatb(right, v[i], second);             \
  } while (0)
      ROW(a, 0);
      ROW(b, 1);
      ROW(c, 2);
#undef ROW
      out[0] = requantised(first, multiplier, down, twice, plain);
      out[step] = requantised(second, multiplier, down, twice, plain);
    }
  for (; x > 0; --x, a += stride, b += stride, c += stride, out += step) {
    int32_t sum = __smlad(halves(a), w[0], bias + a[2] * v[0]);
    sum = __smlad(halves(b), w[1], sum + b[2] * v[1]);
    sum = __smlad(halves(c), w[2], sum + c[2] * v[2]);
    *out = requantised(sum, multiplier, down, twice, plain);
  }
}

/* One output row of any window. */
static void row_any(const struct channel *by, const int16_t *const *rows, int kernel, const int8_t *weight,
                    int8_t *out) {
  int x, dy, dx;
  for (x = 0; x < by->width; ++x, out += by->channels) {
    const int8_t *w = weight;
    int32_t sum = by->bias;
    for (dy = 0; dy < kernel; ++dy)
      for (dx = 0; dx < kernel; ++dx, w += by->channels) sum += rows[dy][x * by->stride + dx] * *w;
    *out = requantised(sum, by->multiplier, by->down, by->twice, by->plain);
  }
}

/* Channel by channel, with the rows under the window unpacked in `scratch`: kernel rows of halves. */
static void depthwise(const struct convolution *layer, const int8_t *in, int8_t *out, int8_t *scratch) {
  const int kernel = layer->kernel, channels = layer->in_channels;
  const int length = (layer->in_width + 2 * layer->padding + layer->stride + 1) / 2 * 2;
  const int16_t *rows[MOST_KERNEL];
  int channel, y, dy, known;
  for (channel = 0; channel < channels; ++channel) {
    const struct channel by = {layer->bias[channel], layer->multiplier[channel], 2 * layer->out_zero + 1,
                               layer->down[channel], layer->plain,              layer->stride,
                               layer->out_width,     channels};
    known = -layer->padding; /* the first row not yet unpacked */
    for (y = 0; y < layer->out_height; ++y) {
      const int top = y * layer->stride - layer->padding;
      for (; known < top + kernel; ++known)
        unpack_row(layer, in + channel, known,
                   (int16_t *)(void *)scratch + (known + layer->padding) % kernel * length, length);
      for (dy = 0; dy < kernel; ++dy)
        rows[dy] = (const int16_t *)(const void *)scratch + (top + dy + layer->padding) % kernel * length;
      if (kernel == 3)
        row3x3(&by, rows, layer->weight + channel, out + (size_t)y * layer->out_width * channels + channel);
      else
        row_any(&by, rows, kernel, layer->weight + channel, out + (size_t)y * layer->out_width * channels + channel);
    }
  }
}
#endif
