// COCO's JSON of images, categories and annotations.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "evaluators/data/image_codec.h"
#include "evaluators/data/instance_loading.h"
#include "search_space/errors.h"
#include "search_space/json_reader.h"

namespace evaluators::detection {

using nlohmann::json;
using search_space::EnvironmentError;
using search_space::printable;

namespace {

// One element of a list of the document, for messages: "FILE: annotations[17] (id 4): ...".
struct Entry {
  const std::string& file;
  const char* list;
  std::size_t index;
  const json& value;

  [[noreturn]] void fail(const std::string& what) const {
    const auto id = value.is_object() ? value.find("id") : value.end();
    const bool named = value.is_object() && id != value.end() && id->is_number_integer();
    throw EnvironmentError(printable(file) + ": " + list + "[" + std::to_string(index) + "]" +
                           (named ? " (id " + id->dump() + ")" : "") + ": " + what);
  }
  const json& at(const char* key) const {
    if (!value.is_object()) fail("found " + std::string(value.type_name()) + ", an object is expected");
    const auto found = value.find(key);
    if (found == value.end()) fail(std::string("'") + key + "' is missing");
    return *found;
  }
  std::int64_t integer(const char* key) const {
    const json& found = at(key);
    if (!found.is_number_integer() || (found.is_number_unsigned() && found.get<std::uint64_t>() > INT64_MAX))
      fail(std::string("'") + key + "' is " + shown(found) + "; a whole number is expected");
    return found.get<std::int64_t>();
  }
  std::string text(const char* key) const {
    const json& found = at(key);
    if (!found.is_string()) fail(std::string("'") + key + "' is " + shown(found) + "; a text is expected");
    return found.get<std::string>();
  }
  int side_or_0(const char* key) const {
    if (!value.contains(key)) return 0;
    const std::int64_t side = integer(key);
    if (side < 1 || side > 16384)
      fail(std::string("'") + key + "' is " + std::to_string(side) + "; allowed: 1 to 16384");
    return static_cast<int>(side);
  }
  static std::string shown(const json& value) {
    const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
  }
};

const json& list_of(const json& document, const char* key, const std::string& file) {
  const auto found = document.is_object() ? document.find(key) : document.end();
  if (!document.is_object() || found == document.end() || !found->is_array())
    throw EnvironmentError(printable(file) + ": '" + key +
                           "' is missing or no list; COCO's annotations of objects have "
                           "'images', 'annotations' and 'categories'");
  return *found;
}

std::vector<double> numbers(const json& list, const Entry& entry, const std::string& what) {
  if (!list.is_array()) entry.fail(what + " is " + Entry::shown(list) + "; a list of numbers is expected");
  std::vector<double> values;
  for (const json& value : list) {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      entry.fail(what + " holds " + Entry::shown(value) + "; finite numbers are expected");
    values.push_back(value.get<double>());
  }
  return values;
}

// Polygons; fewer than three corners draw nothing.
Mask mask_of_polygons(const json& polygons, const Entry& entry, int height, int width) {
  std::vector<Mask> masks = {
      Mask{height, width, {static_cast<std::uint32_t>(height) * static_cast<std::uint32_t>(width)}}};
  for (std::size_t i = 0; i < polygons.size(); ++i) {
    const std::string what = "segmentation[" + std::to_string(i) + "]";
    const std::vector<double> corners = numbers(polygons[i], entry, what);
    if (corners.size() % 2 != 0)
      entry.fail(what + " has " + std::to_string(corners.size()) + " numbers; x and y in turn are expected");
    if (corners.size() >= 6) masks = {joined({masks[0], rasterised(corners, height, width)})};
  }
  return masks[0];
}

Mask mask_of_runs(const json& runs, const Entry& entry, int height, int width) {
  const auto size = runs.find("size"), counts = runs.find("counts");
  if (size == runs.end() || counts == runs.end()) entry.fail("segmentation: 'size' or 'counts' is missing");
  if (*size != json::array({height, width}))
    entry.fail("segmentation: 'size' is " + Entry::shown(*size) + ", but the image is [" + std::to_string(height) +
               "," + std::to_string(width) + "] (height, width)");
  try {
    if (counts->is_string()) return decompressed(counts->get<std::string>(), height, width);
    std::vector<std::int64_t> lengths;
    if (counts->is_array())
      for (const json& count : *counts) {
        if (!count.is_number_integer()) entry.fail("segmentation: 'counts' holds " + Entry::shown(count));
        lengths.push_back(count.get<std::int64_t>());
      }
    else
      entry.fail("segmentation: 'counts' is " + Entry::shown(*counts) + "; a list or a text is expected");
    return mask_of_counts(lengths, height, width);
  } catch (const search_space::InputError& error) {
    entry.fail(std::string("segmentation: ") + error.what());
  }
}

}  // namespace

struct CocoDocument::Content {
  std::string file;
  json document;
  std::vector<CocoImage> images;
  std::map<std::int64_t, std::string> categories;
  std::map<std::int64_t, int> category_index;

  Entry annotation(std::size_t index) const { return {file, "annotations", index, document["annotations"][index]}; }
  void read_categories();
  void read_images();
  void read_annotations();
};

void CocoDocument::Content::read_categories() {
  const json& list = list_of(document, "categories", file);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry{file, "categories", i, list[i]};
    if (!categories.emplace(entry.integer("id"), printable(entry.text("name"))).second)
      entry.fail("another category has this id");
  }
  if (categories.empty()) throw EnvironmentError(printable(file) + ": 'categories' is empty");
  for (const auto& [id, name] : categories) category_index.emplace(id, static_cast<int>(category_index.size()));
}

void CocoDocument::Content::read_images() {
  const json& list = list_of(document, "images", file);
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry{file, "images", i, list[i]};
    CocoImage image{
        entry.integer("id"), entry.text("file_name"), entry.side_or_0("height"), entry.side_or_0("width"), {}};
    const std::filesystem::path path = image.file;
    if (image.file.empty() || path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end())
      entry.fail("'file_name' is '" + printable(image.file) + "'; a path within the folder of images is expected");
    if (!ids.insert(image.id).second) entry.fail("another image has this id");
    images.push_back(std::move(image));
  }
}

void CocoDocument::Content::read_annotations() {
  const json& list = list_of(document, "annotations", file);
  std::map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < images.size(); ++i) places[images[i].id] = i;
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry = annotation(i);
    if (!ids.insert(entry.integer("id")).second) entry.fail("another annotation has this id");
    const auto image = places.find(entry.integer("image_id"));
    if (image == places.end())
      entry.fail("'image_id' is " + std::to_string(entry.integer("image_id")) + ": no such image");
    if (!categories.contains(entry.integer("category_id")))
      entry.fail("'category_id' is " + std::to_string(entry.integer("category_id")) + ": no such category");
    images[image->second].annotations.push_back(i);
  }
}

CocoDocument::CocoDocument(const std::filesystem::path& path) : content_(std::make_unique<Content>()) {
  content_->file = path.string();
  const auto bytes = read_bytes_of(path.string());
  try {
    content_->document =
        search_space::parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
  } catch (const search_space::InputError& error) {
    throw EnvironmentError(error.what());
  }
  content_->read_categories();
  content_->read_images();
  content_->read_annotations();
}

CocoDocument::~CocoDocument() = default;
CocoDocument::CocoDocument(CocoDocument&&) noexcept = default;

const std::vector<CocoImage>& CocoDocument::images() const {
  return content_->images;
}

const std::map<std::int64_t, std::string>& CocoDocument::categories() const {
  return content_->categories;
}

std::vector<Instance> CocoDocument::instances(const CocoImage& image, int height, int width, Tally& tally) const {
  std::vector<Instance> instances;
  for (const std::size_t index : image.annotations) {
    const Entry entry = content_->annotation(index);
    const std::vector<double> box = numbers(entry.at("bbox"), entry, "'bbox'");
    if (box.size() != 4)
      entry.fail("'bbox' has " + std::to_string(box.size()) + " numbers; x, y, width, height are expected");
    const auto segmentation = entry.value.find("segmentation");
    if (segmentation == entry.value.end() || segmentation->empty()) {
      tally.add("annotations left out: without a mask");
      continue;
    }
    Instance one;
    one.category = content_->category_index.at(entry.integer("category_id"));
    one.crowd = entry.value.contains("iscrowd") && entry.integer("iscrowd") != 0;
    one.box = {std::clamp(box[0], 0.0, double(width)), std::clamp(box[1], 0.0, double(height)),
               std::clamp(box[0] + box[2], 0.0, double(width)), std::clamp(box[1] + box[3], 0.0, double(height))};
    if (segmentation->is_array())
      one.mask = mask_of_polygons(*segmentation, entry, height, width);
    else if (segmentation->is_object())
      one.mask = mask_of_runs(*segmentation, entry, height, width);
    else
      entry.fail("'segmentation' is " + Entry::shown(*segmentation) + "; polygons or run lengths are expected");
    if (!(one.box.x2 > one.box.x1 && one.box.y2 > one.box.y1)) {
      tally.add("annotations left out: their box is empty or outside the image");
    } else if (mask_area(one.mask) == 0) {
      tally.add("annotations left out: their mask is empty or outside the image");
    } else {
      constexpr double rounding = 1;
      const bool outside = box[0] < -rounding || box[1] < -rounding || box[0] + box[2] > width + rounding ||
                           box[1] + box[3] > height + rounding;
      if (outside) tally.add("boxes cut to the image");
      const auto area = entry.value.find("area");
      if (area != entry.value.end() && !area->is_number())
        entry.fail("'area' is " + Entry::shown(*area) + "; a number is expected");
      one.area = area == entry.value.end() ? static_cast<double>(mask_area(one.mask)) : area->get<double>();
      instances.push_back(std::move(one));
    }
  }
  return instances;
}

}  // namespace evaluators::detection
