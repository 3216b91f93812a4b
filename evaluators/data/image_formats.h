// One reader per format of image files; internal to evaluators/data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluators/data/image_codec.h"

namespace evaluators {

using ImageBytes = std::vector<std::uint8_t>;

// The whole content of a file that begins as the format does. EnvironmentError naming `path` if it is damaged, or
// larger than require_size allows.
DecodedImage read_jpeg(const std::string& path, const ImageBytes& bytes, int least);
DecodedImage read_png(const std::string& path, const ImageBytes& bytes);
DecodedImage read_webp(const std::string& path, const ImageBytes& bytes);
DecodedImage read_bmp(const std::string& path, const ImageBytes& bytes);
DecodedImage read_gif(const std::string& path, const ImageBytes& bytes);  // the first picture

// Lays height x width x 4 bytes (red, green, blue, opacity) over white.
void lay_over_white(const std::uint8_t* pixels, DecodedImage& image);

// Empty if an image may be so large, else what is wrong: 1 to 16384 a side, and at most 2^27 pixels, since what a
// damaged head announces must not take all memory.
std::string size_problem(std::uint64_t width, std::uint64_t height);

[[noreturn]] void fail_to_read(const std::string& path, const std::string& what);

}  // namespace evaluators
