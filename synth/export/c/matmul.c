#if !defined(SYNTH_ARM) && !defined(SYNTH_X86)
#define PIXELS 1

/* All output channels of a group for up to PIXELS pixels: `quads` fours of inputs each. */
static void matmul(const struct convolution *layer, int group, const int8_t *const *in, int pixels, int quads,
                   int8_t *const *out) {
  const int channels = layer->out_channels / layer->groups;
  const int8_t *weight = layer->weight + (size_t)group * channels * quads * 4;
  int channel, block, i, k;
  (void)pixels;
  for (channel = 0; channel < channels; channel += block) {
    block = channels - channel < 16 ? channels - channel : 16;
    for (i = 0; i < block; ++i) {
      const int at = group * channels + channel + i;
      const int8_t *x = in[0], *w = weight + i * 4;
      int32_t sum = layer->bias[at];
      for (k = 0; k < quads; ++k, x += 4, w += block * 4)
        sum += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
      out[0][channel + i] = requantised_any(layer, sum, at);
    }
    weight += block * quads * 4;
  }
}
#endif
