// Decoding of JPEG, PNG, WebP, BMP and GIF (its first picture) to 8-bit RGB; internal to evaluators/data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evaluators {

// height x width x 3 bytes. Grey images are expanded to three equal channels; transparent parts are laid over white;
// photographs stand upright as their EXIF orientation says.
struct DecodedImage {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;
};

// EnvironmentError naming the file if it is missing, truncated, corrupt or of another format. The format is read from
// the content, not from the name. If `least` > 0 a JPEG may come out reduced to 1/2, 1/4 or 1/8, its shorter side still
// >= least.
DecodedImage read_image(const std::string& path, int least);
// The same for a file's content; `path` is for messages.
DecodedImage decode_image(const std::string& path, const std::vector<std::uint8_t>& bytes, int least);

// A file's content. EnvironmentError naming it if it cannot be read.
std::vector<std::uint8_t> read_bytes_of(const std::string& path);

}  // namespace evaluators
