/* A convolution or dense layer. Weights of a depthwise one: [kernel * kernel][channels]. Of others, per group: blocks
   of 16 output channels (the last may have fewer), each [k / 4][channels][4], where k runs over kernel * kernel * input
   channels and is filled up with zeros to a multiple of 4; their biases hold the input's zero point. */
struct convolution {
  const int8_t *weight;
  const int32_t *bias, *multiplier;
  const int8_t *shift;
  uint16_t in_height, in_width, in_channels;
  uint16_t out_height, out_width, out_channels;
  uint16_t groups;
  uint8_t kernel, stride, padding;
  int8_t in_zero, out_zero;
  uint8_t plain; /* all shifts lie in [-22, -1] */
};

static inline int8_t requantised(const struct convolution *layer, int32_t sum, int channel) {
  const int shift = layer->shift[channel];
  int32_t high;
  if (!layer->plain) return clamped(scaled(sum, layer->multiplier[channel], shift) + layer->out_zero);
  high = high_product(sum, layer->multiplier[channel]);
  high += high >> 31; /* halves away from zero */
  return clamped((high + (1 + 2 * layer->out_zero) * (1 << (-shift - 1))) >> -shift);
}
