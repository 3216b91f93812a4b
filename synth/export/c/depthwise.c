#if !defined(SYNTH_ARM) && !defined(SYNTH_X86)
/* `scratch` serves other processors. */
static void depthwise(const struct convolution *layer, const int8_t *in, int8_t *out, int8_t *scratch) {
  const int channels = layer->in_channels, kernel = layer->kernel;
  int y, x, channel, dy, dx;
  (void)scratch;
  for (y = 0; y < layer->out_height; ++y)
    for (x = 0; x < layer->out_width; ++x) {
      const int top = y * layer->stride - layer->padding, left = x * layer->stride - layer->padding;
      for (channel = 0; channel < channels; ++channel) {
        int32_t sum = layer->bias[channel];
        for (dy = 0; dy < kernel; ++dy) {
          if (top + dy < 0 || top + dy >= layer->in_height) continue;
          for (dx = 0; dx < kernel; ++dx)
            if (left + dx >= 0 && left + dx < layer->in_width)
              sum += layer->weight[(dy * kernel + dx) * channels + channel] *
                     (in[((size_t)(top + dy) * layer->in_width + left + dx) * channels + channel] - layer->in_zero);
        }
        *out++ = requantised_any(layer, sum, channel);
      }
    }
}
#endif
