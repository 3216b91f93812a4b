/* A convolution or dense layer. Weights of a depthwise one: [kernel * kernel][channels]. Of others, per group: blocks
   of 16 output channels (the last may have fewer), each [k / 4][channels][4], where k runs over kernel * kernel * input
   channels and is filled up with zeros to a multiple of 4; their biases hold the input's zero point. */
struct convolution {
  const int8_t *weight;
  const int32_t *bias, *multiplier;
  const int8_t *down; /* a factor is multiplier * 2^(-32 - down) */
  uint16_t in_height, in_width, in_channels;
  uint16_t out_height, out_width, out_channels;
  uint16_t groups;
  uint8_t kernel, stride, padding;
  int8_t in_zero, out_zero;
  uint8_t plain; /* every down lies in [0, 21] */
};

/* clamped(scaled(sum) + zero point) where the layer is plain and `twice` is 2 * zero point + 1. */
static inline int8_t requantised(int32_t sum, int32_t multiplier, int down, int32_t twice) {
  int32_t high = high_product(sum, multiplier);
  high += high >> 31; /* halves away from zero */
  high = (high >> down) + twice;
#ifdef SYNTH_ARM
  __asm__("ssat %0, #8, %1, asr #1" : "=r"(high) : "r"(high));
  return (int8_t)high;
#else
  return clamped(high >> 1);
#endif
}

/* The same of any layer. */
static int8_t requantised_any(const struct convolution *layer, int32_t sum, int channel) {
  const int32_t multiplier = layer->multiplier[channel];
  const int down = layer->down[channel];
  if (layer->plain) return requantised(sum, multiplier, down, 2 * layer->out_zero + 1);
  return clamped(scaled(sum, multiplier, -1 - down) + layer->out_zero);
}
