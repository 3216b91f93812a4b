#ifdef SYNTH_X86
static inline int load4(const int8_t *from) {
  int word;
  memcpy(&word, from, sizeof word);
  return word;
}

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define PIXELS 8

/* 16 channels, rounded twice and saturated as `requantised` does. */
static inline void put16(__m512i sum, __m512i multiplier, __m512i down, __m512i twice, __mmask16 channels,
                         int8_t *out) {
  const __m512i half = _mm512_set1_epi64(1 << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(sum, multiplier), half);
  const __m512i odd = _mm512_add_epi64(
      _mm512_mul_epi32(_mm512_srli_epi64(sum, 32), _mm512_srli_epi64(multiplier, 32)), half);
  __m512i high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
  high = _mm512_add_epi32(high, _mm512_srai_epi32(high, 31));
  high = _mm512_add_epi32(_mm512_srav_epi32(high, down), twice);
  _mm512_mask_cvtsepi32_storeu_epi8(out, channels, _mm512_srai_epi32(high, 1));
}

static inline int32_t total(const int8_t *x, int bytes) {
  __m512i sum = _mm512_setzero_si512();
  for (; bytes > 0; bytes -= 64, x += 64) {
    const __mmask64 some = bytes >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << bytes) - 1;
    sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), _mm512_maskz_loadu_epi8(some, x));
  }
  return _mm512_reduce_add_epi32(sum);
}

/* All output channels of a group for up to PIXELS pixels: `quads` fours of inputs each. The instruction multiplies
   unsigned by signed bytes: weights are raised by 128, and 128 times the sum of the inputs is taken off again. */
static void matmul(const struct convolution *layer, int group, const int8_t *const *in, int pixels, int quads,
                   int8_t *const *out) {
  const int channels = layer->out_channels / layer->groups, first = group * channels;
  const int8_t *weight = layer->weight + (size_t)first * quads * 4, *x[PIXELS];
  const __m512i raise = _mm512_set1_epi8(-128), twice = _mm512_set1_epi32(2 * layer->out_zero + 1);
  int32_t extra[PIXELS];
  int channel, block, p, k, i;
  for (p = 0; p < PIXELS; ++p) {
    x[p] = in[p < pixels ? p : 0];
    extra[p] = p < pixels ? 128 * total(x[p], quads * 4) : 0;
  }
  for (channel = 0; channel < channels; channel += block, weight += block * quads * 4) {
    block = channels - channel < 16 ? channels - channel : 16;
    {
      const __mmask16 some = (__mmask16)((1 << block) - 1);
      const int at = first + channel;
      const __m512i bias = _mm512_maskz_loadu_epi32(some, layer->bias + at);
      const __m512i multiplier = _mm512_maskz_loadu_epi32(some, layer->multiplier + at);
      const __m512i down = _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(some, layer->down + at));
      const int8_t *w = weight;
      __m512i sums[PIXELS], s0, s1, s2, s3, s4, s5, s6, s7;
      s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = bias;
      for (k = 0; k < quads * 4; k += 4, w += block * 4) {
        const __m512i ws = _mm512_xor_si512(_mm512_maskz_loadu_epi32(some, w), raise);
        s0 = _mm512_dpbusd_epi32(s0, ws, _mm512_set1_epi32(load4(x[0] + k)));
        s1 = _mm512_dpbusd_epi32(s1, ws, _mm512_set1_epi32(load4(x[1] + k)));
        s2 = _mm512_dpbusd_epi32(s2, ws, _mm512_set1_epi32(load4(x[2] + k)));
        s3 = _mm512_dpbusd_epi32(s3, ws, _mm512_set1_epi32(load4(x[3] + k)));
        s4 = _mm512_dpbusd_epi32(s4, ws, _mm512_set1_epi32(load4(x[4] + k)));
        s5 = _mm512_dpbusd_epi32(s5, ws, _mm512_set1_epi32(load4(x[5] + k)));
        s6 = _mm512_dpbusd_epi32(s6, ws, _mm512_set1_epi32(load4(x[6] + k)));
        s7 = _mm512_dpbusd_epi32(s7, ws, _mm512_set1_epi32(load4(x[7] + k)));
      }
      sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3, sums[4] = s4, sums[5] = s5, sums[6] = s6, sums[7] = s7;
      for (p = 0; p < pixels; ++p) {
        const __m512i sum = _mm512_sub_epi32(sums[p], _mm512_set1_epi32(extra[p]));
        int32_t each[16];
        if (layer->plain) {
          put16(sum, multiplier, down, twice, some, out[p] + channel);
          continue;
        }
        _mm512_storeu_si512(each, sum);
        for (i = 0; i < block; ++i) out[p][channel + i] = requantised_any(layer, each[i], at + i);
      }
    }
  }
}

#else
#define PIXELS 2

/* Four channels for two pixels: sums[pixel][channel]. */
#ifdef __AVX2__
static inline void four(const int8_t *x, const int8_t *y, const int8_t *w, int step, int quads, int32_t (*sums)[16]) {
  __m256i a = _mm256_setzero_si256(), b = a;
  __m128i halves;
  for (; quads > 0; --quads, x += 4, y += 4, w += step) {
    const __m256i ws = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)w));
    a = _mm256_add_epi32(
        a, _mm256_madd_epi16(ws, _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(load4(x))))));
    b = _mm256_add_epi32(
        b, _mm256_madd_epi16(ws, _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(load4(y))))));
  }
  halves = _mm_hadd_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  _mm_storeu_si128((__m128i *)(void *)sums[0], halves);
  halves = _mm_hadd_epi32(_mm256_castsi256_si128(b), _mm256_extracti128_si256(b, 1));
  _mm_storeu_si128((__m128i *)(void *)sums[1], halves);
}

/* 16 channels of a block of 16, likewise. */
static inline void sixteen(const int8_t *x, const int8_t *y, const int8_t *w, int quads, int32_t (*sums)[16]) {
  __m256i a0 = _mm256_setzero_si256(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (; quads > 0; --quads, x += 4, y += 4, w += 64) {
    const __m128i *const from = (const __m128i *)(const void *)w;
    const __m256i xs = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(load4(x))));
    const __m256i ys = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(load4(y))));
    __m256i ws = _mm256_cvtepi8_epi16(_mm_loadu_si128(from));
    a0 = _mm256_add_epi32(a0, _mm256_madd_epi16(ws, xs));
    b0 = _mm256_add_epi32(b0, _mm256_madd_epi16(ws, ys));
    ws = _mm256_cvtepi8_epi16(_mm_loadu_si128(from + 1));
    a1 = _mm256_add_epi32(a1, _mm256_madd_epi16(ws, xs));
    b1 = _mm256_add_epi32(b1, _mm256_madd_epi16(ws, ys));
    ws = _mm256_cvtepi8_epi16(_mm_loadu_si128(from + 2));
    a2 = _mm256_add_epi32(a2, _mm256_madd_epi16(ws, xs));
    b2 = _mm256_add_epi32(b2, _mm256_madd_epi16(ws, ys));
    ws = _mm256_cvtepi8_epi16(_mm_loadu_si128(from + 3));
    a3 = _mm256_add_epi32(a3, _mm256_madd_epi16(ws, xs));
    b3 = _mm256_add_epi32(b3, _mm256_madd_epi16(ws, ys));
  }
#define JOIN(first, second, to)                                          \
  _mm256_storeu_si256((__m256i *)(void *)(to),                           \
                      _mm256_permute4x64_epi64(_mm256_hadd_epi32(first, second), 0xd8))
  JOIN(a0, a1, sums[0]);
  JOIN(a2, a3, sums[0] + 8);
  JOIN(b0, b1, sums[1]);
  JOIN(b2, b3, sums[1] + 8);
#undef JOIN
}

/* Eight channels, rounded twice and saturated as `requantised` does. */
static inline __m256i rounded8(const int32_t *sums, const int32_t *bias, const int32_t *multiplier, const int8_t *down,
                               __m256i twice) {
  const __m256i half = _mm256_set1_epi64x(1 << 30);
  const __m256i sum = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(const void *)sums),
                                       _mm256_loadu_si256((const __m256i *)(const void *)bias));
  const __m256i by = _mm256_loadu_si256((const __m256i *)(const void *)multiplier);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(sum, by), half);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(sum, 32), _mm256_srli_epi64(by, 32)), half);
  __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  high = _mm256_add_epi32(high, _mm256_srai_epi32(high, 31));
  high = _mm256_srav_epi32(high, _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)down)));
  return _mm256_srai_epi32(_mm256_add_epi32(high, twice), 1);
}

static inline void put16(const struct convolution *layer, const int32_t *sums, int channel, int8_t *out) {
  const __m256i twice = _mm256_set1_epi32(2 * layer->out_zero + 1);
  const __m256i low = rounded8(sums, layer->bias + channel, layer->multiplier + channel, layer->down + channel, twice);
  const __m256i high = rounded8(sums + 8, layer->bias + channel + 8, layer->multiplier + channel + 8,
                                layer->down + channel + 8, twice);
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
  _mm_storeu_si128((__m128i *)(void *)out,
                   _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
#else
static inline void four(const int8_t *x, const int8_t *y, const int8_t *w, int step, int quads, int32_t (*sums)[16]) {
  __m128i a = _mm_setzero_si128(), b = a, c = a, d = a;
  for (; quads > 0; --quads, x += 4, y += 4, w += step) {
    const __m128i ws = _mm_loadu_si128((const __m128i *)(const void *)w);
    const __m128i low = _mm_cvtepi8_epi16(ws), high = _mm_cvtepi8_epi16(_mm_srli_si128(ws, 8));
    const __m128i xs = _mm_cvtepi8_epi16(_mm_set1_epi32(load4(x))), ys = _mm_cvtepi8_epi16(_mm_set1_epi32(load4(y)));
    a = _mm_add_epi32(a, _mm_madd_epi16(low, xs));
    b = _mm_add_epi32(b, _mm_madd_epi16(high, xs));
    c = _mm_add_epi32(c, _mm_madd_epi16(low, ys));
    d = _mm_add_epi32(d, _mm_madd_epi16(high, ys));
  }
  _mm_storeu_si128((__m128i *)(void *)sums[0], _mm_hadd_epi32(a, b));
  _mm_storeu_si128((__m128i *)(void *)sums[1], _mm_hadd_epi32(c, d));
}
#endif

/* All output channels of a group for up to PIXELS pixels: `quads` fours of inputs each. */
static void matmul(const struct convolution *layer, int group, const int8_t *const *in, int pixels, int quads,
                   int8_t *const *out) {
  const int channels = layer->out_channels / layer->groups, first = group * channels;
  const int8_t *weight = layer->weight + (size_t)first * quads * 4, *const x = in[0], *const y = in[pixels - 1];
  int channel, block, i, k, p;
  for (channel = 0; channel < channels; channel += block, weight += block * quads * 4) {
    int32_t sums[2][16];
    const int at = first + channel;
    block = channels - channel < 16 ? channels - channel : 16;
#ifdef __AVX2__
    if (block == 16) {
      sixteen(x, y, weight, quads, sums);
      for (p = 0; p < pixels && layer->plain; ++p) put16(layer, sums[p], at, out[p] + channel);
      if (layer->plain) continue;
      i = 16;
    } else
#endif
      for (i = 0; i + 4 <= block; i += 4) {
        int32_t some[2][16];
        four(x, y, weight + i * 4, block * 4, quads, some);
        memcpy(sums[0] + i, some[0], 16);
        memcpy(sums[1] + i, some[1], 16);
      }
    for (; i < block; ++i) {
      const int8_t *w = weight + i * 4;
      sums[0][i] = sums[1][i] = 0;
      for (k = 0; k < quads * 4; k += 4, w += block * 4)
        for (p = 0; p < 4; ++p) sums[0][i] += w[p] * x[k + p], sums[1][i] += w[p] * y[k + p];
    }
    for (p = 0; p < pixels; ++p)
      for (i = 0; i < block; ++i)
        out[p][channel + i] = requantised_any(layer, sums[p][i] + layer->bias[at + i], at + i);
  }
}
#endif
#endif
