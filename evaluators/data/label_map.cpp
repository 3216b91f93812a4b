// PNG files whose values are labels: read as stored, never as colours.
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <fstream>

#include <png.h>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/instance_loading.h"
#include "search_space/errors.h"

namespace evaluators::detection {

using search_space::EnvironmentError;

namespace {

constexpr png_uint_32 largest_side = 16384;

struct Source {
  const std::vector<std::uint8_t>* bytes = nullptr;
  std::size_t position = 0;
  char message[128] = "";
};

void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->message, message, sizeof source->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep target, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes->size() - source->position) png_error(png, "the file ends early");
  std::memcpy(target, source->bytes->data() + source->position, count);
  source->position += count;
}

// Everything between setjmp and longjmp is plain data or owned by the caller, so that the jump skips no destructor.
bool decode(png_structp png, png_infop info, Source& source, LabelMap& map, std::vector<std::uint8_t>& bytes,
            std::vector<png_bytep>& rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, &source, read_bytes);
  png_set_user_limits(png, largest_side, largest_side);
  png_read_info(png, info);
  const int type = png_get_color_type(png, info);
  if (type != PNG_COLOR_TYPE_GRAY && type != PNG_COLOR_TYPE_PALETTE)
    png_error(png, "it is in colour; a map of instances is grey or has a palette");
  png_set_packing(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  map.height = static_cast<int>(png_get_image_height(png, info));
  map.width = static_cast<int>(png_get_image_width(png, info));
  const std::size_t stride = png_get_rowbytes(png, info), count = std::size_t(map.height) * map.width;
  bytes.resize(stride * map.height);
  rows.resize(map.height);
  for (int row = 0; row < map.height; ++row) rows[row] = bytes.data() + row * stride;
  png_read_image(png, rows.data());
  png_read_end(png, nullptr);
  map.labels.resize(count);
  const bool wide = png_get_bit_depth(png, info) == 16;
  for (std::size_t i = 0; i < count; ++i)
    map.labels[i] = wide ? static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]) : bytes[i];
  return true;
}

}  // namespace

LabelMap read_label_map(const std::string& path) {
  const std::vector<std::uint8_t> file = read_bytes_of(path);
  Source source{&file};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr) throw std::bad_alloc();
  LabelMap map;
  std::vector<std::uint8_t> bytes;
  std::vector<png_bytep> rows;
  const bool complete = decode(png, info, source, map, bytes, rows);
  png_destroy_read_struct(&png, &info, nullptr);
  if (!complete)
    throw EnvironmentError(search_space::printable(path) + ": no map of instances (PNG, " +
                           std::to_string(file.size()) + " bytes): " + source.message);
  return map;
}

std::vector<Instance> instances_of(const LabelMap& map) {
  // In the order of run lengths, every label's runs are appended as they come: one pass for any number of objects.
  struct Open {
    Mask mask;
    std::int64_t end = 0;
  };
  std::map<std::uint16_t, Open> open;
  const std::int64_t count = std::int64_t{map.height} * map.width;
  const auto label_at = [&](std::int64_t position) {
    return map.labels[position % map.height * map.width + position / map.height];
  };
  for (std::int64_t first = 0, last = 0; first < count; first = last) {
    const std::uint16_t label = label_at(first);
    for (last = first + 1; last < count && label_at(last) == label;) ++last;
    if (label == 0) continue;
    Open& one = open[label];
    one.mask.runs.push_back(static_cast<std::uint32_t>(first - one.end));
    one.mask.runs.push_back(static_cast<std::uint32_t>(last - first));
    one.end = last;
  }
  std::vector<Instance> instances;
  for (auto& [label, one] : open) {
    one.mask.height = map.height;
    one.mask.width = map.width;
    if (one.end < count) one.mask.runs.push_back(static_cast<std::uint32_t>(count - one.end));
    Instance& instance = instances.emplace_back();
    instance.box = mask_box(one.mask);
    instance.area = static_cast<double>(mask_area(one.mask));
    instance.mask = std::move(one.mask);
  }
  return instances;
}

}  // namespace evaluators::detection
