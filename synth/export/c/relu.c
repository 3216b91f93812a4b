static void relu(const int8_t *in, int8_t *out, int32_t count, int zero) {
  int32_t i = 0;
#ifdef SYNTH_X86
  for (; i + 16 <= count; i += 16)
    _mm_storeu_si128((__m128i *)(void *)(out + i), _mm_max_epi8(_mm_loadu_si128((const __m128i *)(const void *)(in + i)),
                                                                _mm_set1_epi8((char)zero)));
#endif
  for (; i < count; ++i) out[i] = (int8_t)(in[i] > zero ? in[i] : zero);
}
