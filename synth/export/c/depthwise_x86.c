#ifdef SYNTH_X86
/* One channel of one output. */
static int8_t depthwise_single(const struct convolution *layer, const int8_t *const *taps, const int8_t *outside,
                               int channel) {
  const int count = layer->kernel * layer->kernel;
  int32_t sum = layer->bias[channel];
  int t;
  for (t = 0; t < count; ++t)
    if (taps[t] != outside)
      sum += layer->weight[t * layer->in_channels + channel] * (taps[t][channel] - layer->in_zero);
  return requantised_any(layer, sum, channel);
}

#define MOST_TAPS (MOST_KERNEL * MOST_KERNEL + 1)

#ifdef __AVX2__
static inline __m256i widened(const int8_t *from) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

/* Weights of 16 channels as pairs of taps: those of channels 0 to 3 and 8 to 11, then of the others. */
static void pair_weights(const struct convolution *layer, int channel, __m256i *pairs) {
  const int count = layer->kernel * layer->kernel, step = layer->in_channels;
  const int8_t *w = layer->weight + channel;
  int t;
  for (t = 0; t < count; t += 2, w += 2 * step, pairs += 2) {
    const __m256i a = widened(w), b = t + 1 < count ? widened(w + step) : _mm256_setzero_si256();
    pairs[0] = _mm256_unpacklo_epi16(a, b);
    pairs[1] = _mm256_unpackhi_epi16(a, b);
  }
}

/* 16 channels of one output; `outside` stands for 16 zero points wherever it is among the taps. */
static inline void depthwise16(const struct convolution *layer, const int8_t *const *taps, const int8_t *outside,
                               const __m256i *pairs, int channel, int32_t *sums) {
  const int count = (layer->kernel * layer->kernel + 1) / 2 * 2;
  const __m256i zero = _mm256_set1_epi16(layer->in_zero);
  __m256i low = _mm256_setzero_si256(), high = low;
  int t;
  for (t = 0; t < count; t += 2, pairs += 2) {
    const __m256i a = _mm256_sub_epi16(widened(taps[t] + (taps[t] == outside ? 0 : channel)), zero);
    const __m256i b = _mm256_sub_epi16(widened(taps[t + 1] + (taps[t + 1] == outside ? 0 : channel)), zero);
    low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pairs[0]));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pairs[1]));
  }
  _mm256_storeu_si256((__m256i *)(void *)sums, _mm256_permute2x128_si256(low, high, 0x20));
  _mm256_storeu_si256((__m256i *)(void *)(sums + 8), _mm256_permute2x128_si256(low, high, 0x31));
}

/* As `put16` of layers that sum over many inputs. */
static inline __m256i depthwise_rounded8(const struct convolution *layer, const int32_t *sums, int channel) {
  const __m256i half = _mm256_set1_epi64x(1 << 30);
  const __m256i sum = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(const void *)sums),
                                       _mm256_loadu_si256((const __m256i *)(const void *)(layer->bias + channel)));
  const __m256i by = _mm256_loadu_si256((const __m256i *)(const void *)(layer->multiplier + channel));
  const __m128i down = _mm_loadl_epi64((const __m128i *)(const void *)(layer->down + channel));
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(sum, by), half);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(sum, 32), _mm256_srli_epi64(by, 32)), half);
  __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  high = _mm256_add_epi32(high, _mm256_srai_epi32(high, 31));
  high = _mm256_srav_epi32(high, _mm256_cvtepi8_epi32(down));
  return _mm256_srai_epi32(_mm256_add_epi32(high, _mm256_set1_epi32(2 * layer->out_zero + 1)), 1);
}

static inline void depthwise_put16(const struct convolution *layer, const int32_t *sums, int channel, int8_t *out) {
  const __m256i low = depthwise_rounded8(layer, sums, channel), high = depthwise_rounded8(layer, sums + 8, channel + 8);
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
  _mm_storeu_si128((__m128i *)(void *)out,
                   _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
#endif

/* Where the taps of output (y, x) lie; `outside` for those beyond the image. */
static void find_taps(const struct convolution *layer, const int8_t *in, int y, int x, const int8_t *outside,
                      const int8_t **taps) {
  const int top = y * layer->stride - layer->padding, left = x * layer->stride - layer->padding;
  int dy, dx;
  for (dy = 0; dy < layer->kernel; ++dy)
    for (dx = 0; dx < layer->kernel; ++dx) {
      const int v = top + dy, u = left + dx;
      const int inside = v >= 0 && v < layer->in_height && u >= 0 && u < layer->in_width;
      *taps++ = inside ? in + ((size_t)v * layer->in_width + u) * layer->in_channels : outside;
    }
  *taps = outside;
}

/* `scratch` serves other processors. */
static void depthwise(const struct convolution *layer, const int8_t *in, int8_t *out, int8_t *scratch) {
  const int channels = layer->in_channels;
  const int8_t *taps[MOST_TAPS];
  int8_t outside[16];
  int channel = 0, y, x;
  (void)scratch;
  memset(outside, layer->in_zero, sizeof outside);
#ifdef __AVX2__
  for (; layer->plain && channel + 16 <= channels; channel += 16) {
    __m256i pairs[MOST_TAPS + 1];
    int8_t *to = out + channel;
    pair_weights(layer, channel, pairs);
    for (y = 0; y < layer->out_height; ++y)
      for (x = 0; x < layer->out_width; ++x, to += channels) {
        int32_t sums[16];
        find_taps(layer, in, y, x, outside, taps);
        depthwise16(layer, taps, outside, pairs, channel, sums);
        depthwise_put16(layer, sums, channel, to);
      }
  }
#endif
  for (y = 0; channel < channels && y < layer->out_height; ++y)
    for (x = 0; x < layer->out_width; ++x) {
      int8_t *const to = out + ((size_t)y * layer->out_width + x) * channels;
      int c;
      find_taps(layer, in, y, x, outside, taps);
      for (c = channel; c < channels; ++c) to[c] = depthwise_single(layer, taps, outside, c);
    }
}
#endif
