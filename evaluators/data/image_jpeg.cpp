// JPEG, through libjpeg.
#include <algorithm>
#include <csetjmp>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include "evaluators/data/exif.h"
#include "evaluators/data/image_formats.h"

namespace evaluators {

namespace {

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

// In place, four bytes a pixel to three. Adobe's files store inverted inks: 255 is none.
void cmyk_to_rgb(ImageBytes& pixels, bool inverted) {
  const std::size_t count = pixels.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    int light[4];
    for (std::size_t c = 0; c < 4; ++c) light[c] = inverted ? pixels[4 * i + c] : 255 - pixels[4 * i + c];
    for (std::size_t c = 0; c < 3; ++c) pixels[3 * i + c] = static_cast<std::uint8_t>(light[c] * light[3] / 255);
  }
  pixels.resize(3 * count);
}

bool admitted(const jpeg_decompress_struct& jpeg, JpegReport& report) {
  const std::string problem = size_problem(jpeg.image_width, jpeg.image_height);
  std::snprintf(report.message, sizeof report.message, "%s", problem.c_str());
  return problem.empty();
}

// Everything between setjmp and longjmp is plain data or owned by the caller, so that the jump skips no destructor.
bool decode_jpeg(const ImageBytes& bytes, int least, jpeg_decompress_struct& jpeg, JpegReport& errors,
                 DecodedImage& image) {
  if (setjmp(errors.escape) != 0) return false;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);  // EXIF
  jpeg_read_header(&jpeg, TRUE);
  if (!admitted(jpeg, errors)) return false;
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

}  // namespace

DecodedImage read_jpeg(const std::string& path, const ImageBytes& bytes, int least) {
  jpeg_decompress_struct jpeg{};
  JpegReport errors{};
  errors.orientation = 1;
  jpeg.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
  DecodedImage image;
  const bool decoded = decode_jpeg(bytes, least, jpeg, errors, image);
  const bool four_inks = jpeg.out_color_space == JCS_CMYK, inverted = jpeg.saw_Adobe_marker == TRUE;
  const std::size_t left = jpeg.src != nullptr ? std::min(jpeg.src->bytes_in_buffer, bytes.size()) : bytes.size();
  jpeg_destroy_decompress(&jpeg);
  if (!decoded)
    fail_to_read(path, "corrupt JPEG near byte " + std::to_string(bytes.size() - left) + " of " +
                           std::to_string(bytes.size()) + ": " + errors.message);
  if (four_inks) cmyk_to_rgb(image.pixels, inverted);
  set_upright(image, errors.orientation);
  return image;
}

}  // namespace evaluators
