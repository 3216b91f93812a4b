#ifdef SYNTH_ARM
#define PIXELS 2

static inline uint32_t load32(const int8_t *from) {
  uint32_t word;
  memcpy(&word, from, sizeof word);
  return word;
}

/* Bytes 0 and 2, and 1 and 3, as halves. */
static inline int16x2_t even(uint32_t word) {
  return __sxtb16((int8x4_t)word);
}

static inline int16x2_t odd(uint32_t word) {
  int16x2_t halves;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(word));
  return halves;
}

/* Two channels of two pixels: [channel][pixel]. */
struct pairs {
  const int8_t *x, *y, *w;
  int32_t quads, sums[4], step; /* quads: at least 1 */
};

/* Four inputs: r0 to r2 are x, y and w, r4 to r7 the sums, the rest is for passing values. */
#define QUAD(next)               \
  "ldr r8, [r0], #4\n\t"         \
  "ldr r10, [r2, #4]\n\t"        \
  "ldr r9, [r1], #4\n\t"         \
  "sxtb16 r12, r8\n\t"           \
  "sxtb16 r8, r8, ror #8\n\t"    \
  "sxtb16 r11, r10\n\t"          \
  "sxtb16 r10, r10, ror #8\n\t"  \
  "smlad r6, r11, r12, r6\n\t"   \
  "smlad r6, r10, r8, r6\n\t"    \
  "sxtb16 lr, r9\n\t"            \
  "sxtb16 r9, r9, ror #8\n\t"    \
  "smlad r7, r11, lr, r7\n\t"    \
  "smlad r7, r10, r9, r7\n\t"    \
  "ldr r10, [r2]" next "\n\t"    \
  "sxtb16 r11, r10\n\t"          \
  "sxtb16 r10, r10, ror #8\n\t"  \
  "smlad r4, r11, r12, r4\n\t"   \
  "smlad r4, r10, r8, r4\n\t"    \
  "smlad r5, r11, lr, r5\n\t"    \
  "smlad r5, r10, r9, r5\n\t"

#define PAIRS_BEGIN "push {r0, r4-r11, lr}\n\tldm r0, {r0-r7}\n\t"
#define PAIRS_END "ldr r8, [sp]\n\tadd r8, #16\n\tstm r8, {r4-r7}\n\tpop {r0, r4-r11, pc}"

/* Adds to run->sums. Compilers find no order of this that needs 14 registers only. In blocks of 16 channels: */
__attribute__((naked, noinline, used)) static void pairs16(__attribute__((unused)) struct pairs *run) {
  __asm__(PAIRS_BEGIN
          "lsrs r3, r3, #1\n\t"
          "bcc.w 1f\n\t" QUAD(", #64")
          "1: cmp r3, #0\n\t"
          "beq.w 3f\n"
          "2:\n\t" QUAD(", #64") QUAD(", #64")
          "subs r3, #1\n\t"
          "bne.w 2b\n"
          "3:\n\t" PAIRS_END);
}

/* In blocks of any size, `step` bytes for a quad: */
__attribute__((naked, noinline, used)) static void pairs(__attribute__((unused)) struct pairs *run) {
  __asm__(PAIRS_BEGIN
          "2:\n\t" QUAD("")
          "ldr lr, [sp]\n\t"
          "ldr lr, [lr, #32]\n\t"
          "add r2, lr\n\t"
          "subs r3, #1\n\t"
          "bne.w 2b\n\t" PAIRS_END);
}

/* One channel for one pixel. */
static int32_t single(const int8_t *x, const int8_t *w, int step, int quads, int32_t sum) {
  for (; quads > 0; --quads, x += 4, w += step) {
    const uint32_t xs = load32(x), ws = load32(w);
    sum = __smlad(odd(ws), odd(xs), __smlad(even(ws), even(xs), sum));
  }
  return sum;
}

/* All output channels of a group for up to PIXELS pixels: `quads` fours of inputs each. */
static void matmul(const struct convolution *layer, int group, const int8_t *const *in, int pixels, int quads,
                   int8_t *const *out) {
  const int channels = layer->out_channels / layer->groups;
  const int32_t twice = 2 * layer->out_zero + 1;
  const int8_t *weight = layer->weight + (size_t)group * channels * quads * 4, *down = layer->down + group * channels;
  const int32_t *bias = layer->bias + group * channels, *multiplier = layer->multiplier + group * channels;
  int8_t *to = out[0];
  const ptrdiff_t next = out[pixels - 1] - to;
  struct pairs run;
  int channel, block, i, p;
  run.x = in[0], run.y = in[pixels - 1], run.quads = quads;
  for (channel = 0; channel < channels; channel += block, weight += block * quads * 4) {
    block = channels - channel < 16 ? channels - channel : 16;
    run.step = block * 4;
    for (i = 0; layer->plain && i + 1 < block; i += 2, bias += 2, multiplier += 2, down += 2, to += 2) {
      run.sums[0] = run.sums[1] = bias[0];
      run.sums[2] = run.sums[3] = bias[1];
      run.w = weight + i * 4;
      if (block == 16)
        pairs16(&run);
      else
        pairs(&run);
      to[next] = requantised(run.sums[1], multiplier[0], down[0], twice);
      to[0] = requantised(run.sums[0], multiplier[0], down[0], twice);
      to[next + 1] = requantised(run.sums[3], multiplier[1], down[1], twice);
      to[1] = requantised(run.sums[2], multiplier[1], down[1], twice);
    }
    for (; i < block; ++i, ++bias, ++multiplier, ++down, ++to)
      for (p = 0; p < pixels; ++p)
        to[p * next] = requantised_any(layer, single(in[p], weight + i * 4, block * 4, quads, *bias),
                                       group * channels + channel + i);
  }
}
#endif
