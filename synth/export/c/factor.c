/* multiplier * 2^(shift - 31) */
struct factor {
  int32_t multiplier;
  int8_t shift;
};
