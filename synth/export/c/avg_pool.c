static void avg_pool(const struct window *pool, const int8_t *in, int8_t *out) {
  int y, x, c, v, u;
  for (y = 0; y < pool->out_height; ++y)
    for (x = 0; x < pool->out_width; ++x) {
      const int top = greater(y * pool->stride - pool->padding, 0);
      const int left = greater(x * pool->stride - pool->padding, 0);
      const int bottom = less(y * pool->stride - pool->padding + pool->kernel, pool->in_height);
      const int right = less(x * pool->stride - pool->padding + pool->kernel, pool->in_width);
      const int32_t count = (bottom - top) * (right - left);
      for (c = 0; c < pool->channels; ++c) {
        int32_t sum = 0;
        for (v = top; v < bottom; ++v)
          for (u = left; u < right; ++u) sum += in[((size_t)v * pool->in_width + u) * pool->channels + c];
        *out++ = clamped((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
      }
    }
}
