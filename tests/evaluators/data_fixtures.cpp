// Writers of small IDX, gzip, JPEG and PNG files.
#include "data_fixtures.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

namespace data_fixtures {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const Bytes& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

Bytes gzip(const Bytes& bytes) {
  Bytes result(bytes.size() + 1024);
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

namespace {

void append_number(Bytes& bytes, int number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

void on_png_written(png_structp png, png_bytep data, png_size_t count) {
  auto& bytes = *static_cast<Bytes*>(png_get_io_ptr(png));
  bytes.insert(bytes.end(), data, data + count);
}

}  // namespace

Bytes idx_images(int count, int side) {
  Bytes bytes;
  for (int number : {0x803, count, side, side}) append_number(bytes, number);
  for (int i = 0; i < count; ++i)
    for (int p = 0; p < side * side; ++p) bytes.push_back(static_cast<std::uint8_t>((i + p) % 251));
  return bytes;
}

Bytes idx_labels(int count, int classes) {
  Bytes bytes;
  for (int number : {0x801, count}) append_number(bytes, number);
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(i % classes));
  return bytes;
}

void write_idx(const std::string& directory, int train, int test, int classes, int side) {
  write_file(directory + "/train-images-idx3-ubyte", idx_images(train, side));
  write_file(directory + "/train-labels-idx1-ubyte", idx_labels(train, classes));
  write_file(directory + "/t10k-images-idx3-ubyte.gz", gzip(idx_images(test, side)));
  write_file(directory + "/t10k-labels-idx1-ubyte.gz", gzip(idx_labels(test, classes)));
}

Bytes jpeg(const Bytes& pixels, int height, int width, int channels, bool adobe) {
  jpeg_compress_struct writer{};
  jpeg_error_mgr errors{};
  writer.err = jpeg_std_error(&errors);
  jpeg_create_compress(&writer);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&writer, &memory, &size);
  writer.image_width = static_cast<JDIMENSION>(width);
  writer.image_height = static_cast<JDIMENSION>(height);
  writer.input_components = channels;
  writer.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&writer);
  if (!adobe) writer.write_Adobe_marker = FALSE;
  jpeg_set_quality(&writer, 95, TRUE);
  jpeg_start_compress(&writer, TRUE);
  while (writer.next_scanline < writer.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels.data() + std::size_t(writer.next_scanline) * width * channels);
    jpeg_write_scanlines(&writer, &row, 1);
  }
  jpeg_finish_compress(&writer);
  jpeg_destroy_compress(&writer);
  Bytes result(memory, memory + size);
  std::free(memory);
  return result;
}

Bytes png(const Bytes& samples, int height, int width, int colour_type, int bit_depth, const Bytes& palette) {
  png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(writer);
  Bytes result;
  png_set_write_fn(writer, &result, on_png_written, nullptr);
  png_set_IHDR(writer, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bit_depth, colour_type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> colours;
  for (std::size_t i = 0; i + 2 < palette.size(); i += 3)
    colours.push_back({palette[i], palette[i + 1], palette[i + 2]});
  if (!colours.empty()) png_set_PLTE(writer, info, colours.data(), static_cast<int>(colours.size()));
  png_write_info(writer, info);
  const std::size_t stride = samples.size() / height;
  for (int y = 0; y < height; ++y) png_write_row(writer, samples.data() + y * stride);
  png_write_end(writer, info);
  png_destroy_write_struct(&writer, &info);
  return result;
}

evaluators::DataSet load(const std::string& spec, std::uint64_t seed) {
  return evaluators::load_data(evaluators::parse_data_spec(spec), seed);
}

}  // namespace data_fixtures
