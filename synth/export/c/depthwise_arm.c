#ifdef SYNTH_ARM
static inline int16x2_t halves(const int16_t *from) {
  int16x2_t pair;
  memcpy(&pair, from, sizeof pair);
  return pair;
}

/* Row y of one channel, without its zero point. What lies left and right of the image stays as it is. */
__attribute__((noinline)) static void unpack_row(const struct convolution *layer, const int8_t *in, int y, int16_t *row) {
  const int step = layer->in_channels, zero = layer->in_zero;
  int x = layer->in_width;
  row += layer->padding;
  if (y < 0 || y >= layer->in_height) {
    memset(row, 0, (size_t)x * sizeof *row);
    return;
  }
  for (in += (size_t)y * x * step; x >= 4; x -= 4, row += 4) {
    row[0] = (int16_t)(*in - zero), in += step;
    row[1] = (int16_t)(*in - zero), in += step;
    row[2] = (int16_t)(*in - zero), in += step;
    row[3] = (int16_t)(*in - zero), in += step;
  }
  for (; x > 0; --x, in += step) *row++ = (int16_t)(*in - zero);
}

/* One channel of a plain layer with a 3x3 window: three taps of a row are a pair and one. */
struct taps {
  int16x2_t pair[3], last01, last2;
  int32_t bias, multiplier, twice;
  int down, stride, width, step;
};

__attribute__((noinline)) static void row3x3(const struct taps *by, const int16_t *const *rows, int8_t *out) {
  const int step = by->step, down = by->down, stride = by->stride;
  const int32_t bias = by->bias, multiplier = by->multiplier, twice = by->twice;
  const int16_t *a = rows[0], *b = rows[1], *c = rows[2];
  const int16x2_t w0 = by->pair[0], w1 = by->pair[1], w2 = by->pair[2], last01 = by->last01, last2 = by->last2;
  int x = by->width;
  if (stride == 1)
    for (; x >= 2; x -= 2) {
      int32_t first, second;
      int16x2_t right = halves(a + 2);
      first = __smlad(halves(a), w0, bias);
      second = __smlad(halves(a + 1), w0, bias);
      first = __smlabb(right, last01, first);
      second = __smlatb(right, last01, second);
      a += 2;
      right = halves(b + 2);
      first = __smlad(halves(b), w1, first);
      second = __smlad(halves(b + 1), w1, second);
      first = __smlabt(right, last01, first);
      second = __smlatt(right, last01, second);
      b += 2;
      right = halves(c + 2);
      first = __smlad(halves(c), w2, first);
      second = __smlad(halves(c + 1), w2, second);
      first = __smlabb(right, last2, first);
      second = __smlatb(right, last2, second);
      c += 2;
      *out = requantised(first, multiplier, down, twice), out += step;
      *out = requantised(second, multiplier, down, twice), out += step;
    }
  for (; x > 0; --x, a += stride, b += stride, c += stride, out += step) {
    int32_t sum = __smlad(halves(a), w0, bias);
    sum = __smlabb(a[2], last01, __smlad(halves(b), w1, sum));
    sum = __smlabt(b[2], last01, __smlad(halves(c), w2, sum));
    sum = __smlabb(c[2], last2, sum);
    *out = requantised(sum, multiplier, down, twice);
  }
}

/* One output row of any channel. */
__attribute__((noinline)) static void row_any(const struct convolution *layer, int channel, const int16_t *const *rows, int8_t *out) {
  const int kernel = layer->kernel, step = layer->in_channels;
  int x, dy, dx;
  for (x = 0; x < layer->out_width; ++x, out += step) {
    const int8_t *w = layer->weight + channel;
    int32_t sum = layer->bias[channel];
    for (dy = 0; dy < kernel; ++dy)
      for (dx = 0; dx < kernel; ++dx, w += step) sum += rows[dy][x * layer->stride + dx] * *w;
    *out = requantised_any(layer, sum, channel);
  }
}

static int16x2_t packed(int8_t low, int8_t high) {
  return (int16x2_t)((uint16_t)low | ((uint32_t)(uint16_t)high << 16));
}

static struct taps taps_of(const struct convolution *layer, int channel) {
  const int step = layer->in_channels;
  const int8_t *w = layer->weight + channel;
  struct taps by;
  by.pair[0] = packed(w[0], w[step]);
  by.pair[1] = packed(w[3 * step], w[4 * step]);
  by.pair[2] = packed(w[6 * step], w[7 * step]);
  by.last01 = packed(w[2 * step], w[5 * step]);
  by.last2 = packed(w[8 * step], 0);
  by.bias = layer->bias[channel];
  by.multiplier = layer->multiplier[channel];
  by.twice = 2 * layer->out_zero + 1;
  by.down = layer->down[channel];
  by.stride = layer->stride;
  by.width = layer->out_width;
  by.step = step;
  return by;
}

/* Channel by channel, with the rows under the window unpacked in `scratch`: kernel rows of halves. */
static void depthwise(const struct convolution *layer, const int8_t *in, int8_t *out, int8_t *scratch) {
  const int kernel = layer->kernel, channels = layer->in_channels, padding = layer->padding;
  const int length = (layer->in_width + 2 * padding + layer->stride + 1) / 2 * 2;
  const int fast = layer->plain && kernel == 3;
  int16_t *const base = (int16_t *)(void *)scratch;
  int channel, y, dy;
  memset(scratch, 0, (size_t)(kernel * length) * sizeof *base);
  for (channel = 0; channel < channels; ++channel) {
    const int16_t *rows[MOST_KERNEL];
    struct taps by;
    int known = -padding, slot = 0; /* the first row not yet unpacked, and where it belongs */
    if (fast) by = taps_of(layer, channel);
    for (y = 0; y < layer->out_height; ++y) {
      const int top = y * layer->stride - padding;
      for (; known < top + kernel; ++known) {
        int16_t *const row = base + slot * length;
        unpack_row(layer, in + channel, known, row);
        for (dy = 0; dy + 1 < kernel; ++dy) rows[dy] = rows[dy + 1];
        rows[kernel - 1] = row;
        slot = slot + 1 < kernel ? slot + 1 : 0;
      }
      if (fast)
        row3x3(&by, rows, out + (size_t)y * by.width * channels + channel);
      else
        row_any(layer, channel, rows, out + (size_t)y * layer->out_width * channels + channel);
    }
  }
}
#endif
