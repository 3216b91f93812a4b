// JPEG through libjpeg, PNG through libpng's simplified interface.
#include "evaluators/data/image_codec.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <jerror.h>
#include <jpeglib.h>
#include <png.h>

#include "evaluators/data/exif.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::EnvironmentError;

namespace {

constexpr int largest_side = 16384;

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw EnvironmentError(search_space::printable(path) + ": " + what);
}

void require_size(const std::string& path, std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0 || width > largest_side || height > largest_side)
    fail(path, "the image is " + std::to_string(width) + "x" + std::to_string(height) + "; allowed: 1 to " +
                   std::to_string(largest_side) + " a side");
}

// What decoding reports beside the pixels.
struct JpegReport {
  jpeg_error_mgr manager;  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
  int orientation;  // EXIF's
};

void on_error(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<JpegReport*>(jpeg->err);
  (*jpeg->err->format_message)(jpeg, errors->message);
  std::longjmp(errors->escape, 1);
}

// libjpeg only warns where image data are missing or damaged, and fills in grey: for training data that is an error.
// Other warnings (bytes between segments, odd markers) leave the image intact.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      on_error(jpeg);
      break;
    default:
      break;
  }
}

void choose_output(jpeg_decompress_struct& jpeg, int least) {
  jpeg.out_color_space = jpeg.num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg.scale_num = 1;
  jpeg.scale_denom = 1;
  const unsigned shorter = std::min(jpeg.image_width, jpeg.image_height);
  while (least > 0 && jpeg.scale_denom < 8 && shorter / (2 * jpeg.scale_denom) >= static_cast<unsigned>(least))
    jpeg.scale_denom *= 2;
}

// In place, four bytes a pixel to three. Adobe's files, the only ones in use, store inverted inks.
void cmyk_to_rgb(Bytes& pixels) {
  const std::size_t count = pixels.size() / 4;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      pixels[3 * i + c] = static_cast<std::uint8_t>(pixels[4 * i + c] * pixels[4 * i + 3] / 255);
  pixels.resize(3 * count);
}

// Everything between setjmp and longjmp is plain data or owned by the caller, so that the jump skips no destructor.
bool decode_jpeg(const Bytes& bytes, int least, jpeg_decompress_struct& jpeg, JpegReport& errors, DecodedImage& image) {
  if (setjmp(errors.escape) != 0) return false;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);  // EXIF
  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.image_width > largest_side || jpeg.image_height > largest_side) {
    std::snprintf(errors.message, sizeof errors.message, "the image is %ux%u; allowed: 1 to %d a side",
                  jpeg.image_width, jpeg.image_height, largest_side);
    return false;
  }
  choose_output(jpeg, least);
  jpeg_start_decompress(&jpeg);
  image.width = static_cast<int>(jpeg.output_width);
  image.height = static_cast<int>(jpeg.output_height);
  const std::size_t stride = std::size_t{jpeg.output_width} * jpeg.output_components;
  image.pixels.resize(stride * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = image.pixels.data() + jpeg.output_scanline * stride;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  // Finishing frees the markers.
  for (auto marker = jpeg.marker_list; marker != nullptr && errors.orientation == 1; marker = marker->next)
    errors.orientation = exif_orientation(marker->data, marker->data_length);
  jpeg_finish_decompress(&jpeg);
  return true;
}

DecodedImage read_jpeg(const std::string& path, const Bytes& bytes, int least) {
  jpeg_decompress_struct jpeg{};
  JpegReport errors{};
  errors.orientation = 1;
  jpeg.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
  DecodedImage image;
  const bool decoded = decode_jpeg(bytes, least, jpeg, errors, image);
  const bool four_inks = jpeg.out_color_space == JCS_CMYK;
  const std::size_t left = jpeg.src != nullptr ? std::min(jpeg.src->bytes_in_buffer, bytes.size()) : bytes.size();
  jpeg_destroy_decompress(&jpeg);
  if (!decoded)
    fail(path, "corrupt JPEG near byte " + std::to_string(bytes.size() - left) + " of " + std::to_string(bytes.size()) +
                   ": " + errors.message);
  if (four_inks) cmyk_to_rgb(image.pixels);
  set_upright(image, errors.orientation);
  return image;
}

DecodedImage read_png(const std::string& path, const Bytes& bytes) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0)
    fail(path, std::string("corrupt PNG: ") + png.message);
  if (png.width > largest_side || png.height > largest_side) {
    png_image_free(&png);
    require_size(path, png.width, png.height);
  }
  png.format = PNG_FORMAT_RGB;             // palettes and grey expanded, 16 bits reduced
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16-bit files without a gamma chunk are not linear light
  DecodedImage image;
  image.width = static_cast<int>(png.width);
  image.height = static_cast<int>(png.height);
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  const png_color white = {255, 255, 255};
  const bool complete = png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr) != 0;
  const std::string message = png.message;
  png_image_free(&png);
  if (!complete) fail(path, "corrupt PNG (" + std::to_string(bytes.size()) + " bytes): " + message);
  return image;
}

}  // namespace

Bytes read_bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail(path, "cannot be opened for reading");
  Bytes bytes(static_cast<std::size_t>(std::max<std::streamoff>(0, file.tellg())));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (static_cast<std::size_t>(file.gcount()) != bytes.size())
    fail(path, "byte " + std::to_string(file.gcount()) + ": reading failed; expected " + std::to_string(bytes.size()) +
                   " bytes");
  return bytes;
}

DecodedImage read_image(const std::string& path, int least) {
  return decode_image(path, read_bytes_of(path), least);
}

DecodedImage decode_image(const std::string& path, const Bytes& bytes, int least) {
  constexpr std::uint8_t png_start[] = {0x89, 'P', 'N', 'G'};
  constexpr std::uint8_t jpeg_start[] = {0xff, 0xd8};
  if (bytes.size() >= 4 && std::memcmp(bytes.data(), png_start, 4) == 0) return read_png(path, bytes);
  if (bytes.size() >= 2 && std::memcmp(bytes.data(), jpeg_start, 2) == 0) return read_jpeg(path, bytes, least);
  fail(path,
       "neither a JPEG nor a PNG file: it starts with neither signature (" + std::to_string(bytes.size()) + " bytes)");
}

}  // namespace evaluators
