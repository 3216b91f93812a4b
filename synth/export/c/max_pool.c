static void max_pool(const struct window *pool, const int8_t *in, int8_t *out) {
  int y, x, c, v, u;
  for (y = 0; y < pool->out_height; ++y)
    for (x = 0; x < pool->out_width; ++x, out += pool->channels) {
      const int top = y * pool->stride - pool->padding, left = x * pool->stride - pool->padding;
      memset(out, -128, pool->channels);
      for (v = greater(top, 0); v < less(top + pool->kernel, pool->in_height); ++v)
        for (u = greater(left, 0); u < less(left + pool->kernel, pool->in_width); ++u) {
          const int8_t *from = in + ((size_t)v * pool->in_width + u) * pool->channels;
          c = 0;
#ifdef SYNTH_X86
          for (; c + 16 <= pool->channels; c += 16)
            _mm_storeu_si128((__m128i *)(void *)(out + c),
                             _mm_max_epi8(_mm_loadu_si128((const __m128i *)(const void *)(out + c)),
                                          _mm_loadu_si128((const __m128i *)(const void *)(from + c))));
#endif
          for (; c < pool->channels; ++c)
            if (from[c] > out[c]) out[c] = from[c];
        }
    }
}
