#ifdef SYNTH_ARM
#define PIXELS 2

static inline uint32_t load32(const int8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}

/* Bytes 0 and 2, and 1 and 3, as halves. */
static inline int16x2_t even(uint32_t word) {
  return __sxtb16((int8x4_t)word);
}

static inline int16x2_t odd(uint32_t word) {
  int16x2_t halves;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(word));
  return halves;
}

/* One step of four inputs for two pixels and two channels. */
#define STEP(offset)                                                         \
  do {                                                                       \
    const uint32_t xs = load32(x), ys = load32(x + apart);                   \
    const uint32_t first = load32(w + (offset)), second = load32(w + (offset) + 4); \
    const int16x2_t x0 = even(xs), x1 = odd(xs), y0 = even(ys), y1 = odd(ys); \
    int16x2_t w0 = even(first), w1 = odd(first);                             \
    x += 4;                                                                  \
    sums[0] = __smlad(w0, x0, sums[0]);                                      \
    sums[1] = __smlad(w0, y0, sums[1]);                                      \
    sums[0] = __smlad(w1, x1, sums[0]);                                      \
    sums[1] = __smlad(w1, y1, sums[1]);                                      \
    w0 = even(second), w1 = odd(second);                                     \
    sums[2] = __smlad(w0, x0, sums[2]);                                      \
    sums[3] = __smlad(w0, y0, sums[3]);                                      \
    sums[2] = __smlad(w1, x1, sums[2]);                                      \
    sums[3] = __smlad(w1, y1, sums[3]);                                      \
  } while (0)

/* Two channels of a block of 16 for two pixels that lie `apart`. */
static inline void pairs16(const int8_t *x, ptrdiff_t apart, const int8_t *w, int quads, int32_t sums[4]) {
  const int8_t *const end = x + (quads & ~1) * 4;
  while (x != end) {
    STEP(0);
    STEP(64);
    w += 128;
  }
  if (quads & 1) STEP(0);
}

/* The same of a block of any size. */
static inline void pairs(const int8_t *x, ptrdiff_t apart, const int8_t *w, int step, int quads, int32_t sums[4]) {
  const int8_t *const end = x + quads * 4;
  while (x != end) {
    STEP(0);
    w += step;
  }
}

/* One channel for one pixel. */
static int32_t single(const int8_t *x, const int8_t *w, int step, int quads, int32_t sum) {
  for (; quads > 0; --quads, x += 4, w += step) {
    const uint32_t xs = load32(x), ws = load32(w);
    sum = __smlad(odd(ws), odd(xs), __smlad(even(ws), even(xs), sum));
  }
  return sum;
}

/* All output channels of a group for up to PIXELS pixels: `quads` fours of inputs each. */
static void matmul(const struct convolution *layer, int group, const int8_t *const *in, int pixels, int quads,
                   int8_t *const *out) {
  const int channels = layer->out_channels / layer->groups;
  const int32_t twice = 2 * layer->out_zero + 1;
  const int8_t *weight = layer->weight + (size_t)group * channels * quads * 4, *down = layer->down + group * channels;
  const int32_t *bias = layer->bias + group * channels, *multiplier = layer->multiplier + group * channels;
  const int8_t *const x = in[0];
  int8_t *to = out[0];
  const ptrdiff_t apart = in[pixels - 1] - x, next = out[pixels - 1] - to;
  int channel, block, i, p;
  for (channel = 0; channel < channels; channel += block, weight += block * quads * 4) {
    block = channels - channel < 16 ? channels - channel : 16;
    for (i = 0; layer->plain && i + 1 < block; i += 2, bias += 2, multiplier += 2, down += 2, to += 2) {
      int32_t sums[4];
      sums[0] = sums[1] = bias[0];
      sums[2] = sums[3] = bias[1];
      if (block == 16)
        pairs16(x, apart, weight + i * 4, quads, sums);
      else
        pairs(x, apart, weight + i * 4, block * 4, quads, sums);
      to[next] = requantised(sums[1], multiplier[0], down[0], twice);
      to[0] = requantised(sums[0], multiplier[0], down[0], twice);
      to[next + 1] = requantised(sums[3], multiplier[1], down[1], twice);
      to[1] = requantised(sums[2], multiplier[1], down[1], twice);
    }
    for (; i < block; ++i, ++bias, ++multiplier, ++down, ++to)
      for (p = 0; p < pixels; ++p)
        to[p * next] = requantised_any(layer, single(in[p], weight + i * 4, block * 4, quads, *bias),
                                       group * channels + channel + i);
  }
}
#endif
