/* The inputs under the window of output (y, x), one after the other, filled up to a multiple of 4. */
static void gather(const struct convolution *layer, const int8_t *in, int group, int y, int x, int8_t *patch) {
  const int channels = layer->in_channels / layer->groups, kernel = layer->kernel;
  const int top = y * layer->stride - layer->padding, left = x * layer->stride - layer->padding;
  int8_t *to = patch;
  int dy, dx;
  for (dy = 0; dy < kernel; ++dy)
    for (dx = 0; dx < kernel; ++dx, to += channels) {
      const int from_y = top + dy, from_x = left + dx;
      if (from_y < 0 || from_y >= layer->in_height || from_x < 0 || from_x >= layer->in_width)
        memset(to, layer->in_zero, (size_t)channels);
      else
        memcpy(to, in + ((size_t)from_y * layer->in_width + from_x) * layer->in_channels + group * channels,
               (size_t)channels);
    }
  while ((to - patch) % 4 != 0) *to++ = 0;
}

/* `patches`: room for PIXELS patches, unless the kernel is 1, without padding, on a multiple of 4 channels. */
static void conv2d(const struct convolution *layer, const int8_t *in, int8_t *out, int8_t *patches) {
  const int channels = layer->in_channels / layer->groups, quads = (layer->kernel * layer->kernel * channels + 3) / 4;
  const int direct = layer->kernel == 1 && layer->padding == 0 && channels % 4 == 0;
  const int width = layer->out_width, positions = layer->out_height * width;
  int group, at, i;
  for (group = 0; group < layer->groups; ++group)
    for (at = 0; at < positions; at += PIXELS) {
      const int pixels = positions - at < PIXELS ? positions - at : PIXELS;
      const int8_t *from[PIXELS];
      int8_t *to[PIXELS];
      for (i = 0; i < pixels; ++i) {
        const int y = (at + i) / width, x = (at + i) % width;
        to[i] = out + (size_t)(at + i) * layer->out_channels + group * (layer->out_channels / layer->groups);
        if (direct) {
          from[i] = in + ((size_t)y * layer->stride * layer->in_width + x * layer->stride) * layer->in_channels +
                    group * channels;
        } else {
          gather(layer, in, group, y, x, patches + i * quads * 4);
          from[i] = patches + i * quads * 4;
        }
      }
      matmul(layer, group, from, pixels, quads, to);
    }
}
