static void upsample_nearest(const int8_t *in, int in_height, int in_width, int8_t *out, int height, int width,
                             int channels) {
  int y, x;
  for (y = 0; y < height; ++y)
    for (x = 0; x < width; ++x, out += channels)
      memcpy(out, in + ((size_t)(y * in_height / height) * in_width + x * in_width / width) * channels,
             (size_t)channels);
}
