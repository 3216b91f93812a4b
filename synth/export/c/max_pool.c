static void max_pool(const struct window *pool, const int8_t *in, int8_t *out) {
  int y, x, c, v, u;
  for (y = 0; y < pool->out_height; ++y)
    for (x = 0; x < pool->out_width; ++x, out += pool->channels) {
      const int top = y * pool->stride - pool->padding, left = x * pool->stride - pool->padding;
      memset(out, -128, pool->channels);
      for (v = greater(top, 0); v < less(top + pool->kernel, pool->in_height); ++v)
        for (u = greater(left, 0); u < less(left + pool->kernel, pool->in_width); ++u) {
          const int8_t *from = in + ((size_t)v * pool->in_width + u) * pool->channels;
          for (c = 0; c < pool->channels; ++c)
            if (from[c] > out[c]) out[c] = from[c];
        }
    }
}
