// Images as strips of small PNGs, so that a page of a thousand of them stays a page.
#include "synth/report/data_sheet.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "evaluators/data/png_writer.h"
#include "synth/report/test_errors.h"

namespace synth::report {
namespace {

using evaluators::DataSet;
using evaluators::ImageSet;
using nlohmann::ordered_json;

constexpr int side = 64;  // pixels
constexpr int most_classes = 200;
constexpr std::size_t most_members = 8, images_of_pair = 6;

std::string base64(const std::string& bytes) {
  static constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : letters[group >> (18 - 6 * k) & 63];
  }
  return text;
}

std::string strip(const ImageSet& images, const std::vector<int>& indices) {
  return indices.empty() ? std::string()
                         : "data:image/png;base64," + base64(evaluators::png_strip(images, indices, side));
}

std::vector<int> counts(const ImageSet& images, int classes) {
  std::vector<int> found(static_cast<std::size_t>(classes));
  for (const int label : images.labels) ++found.at(static_cast<std::size_t>(label));
  return found;
}

int shown(int classes) {
  return classes <= 20 ? 8 : classes <= 60 ? 4 : 1;
}

// The first training images of each class: they stand in seeded random order.
ordered_json examples(const DataSet& data) {
  const int classes = std::min(data.classes(), most_classes);
  std::vector<std::vector<int>> chosen(static_cast<std::size_t>(classes));
  for (int i = 0; i < data.train.size(); ++i) {
    const int label = data.train.labels[static_cast<std::size_t>(i)];
    if (label >= classes) continue;
    auto& of_class = chosen[static_cast<std::size_t>(label)];
    if (static_cast<int>(of_class.size()) < shown(data.classes())) of_class.push_back(i);
  }
  ordered_json strips = ordered_json::array();
  for (const auto& of_class : chosen) strips.push_back(strip(data.train, of_class));
  return strips;
}

ordered_json confused(const DataSet& data, const RunView& view) {
  ordered_json members = ordered_json::object();
  for (const auto& member : view.family) {
    if (members.size() >= most_members) break;
    const auto errors = recorded_test_errors(member.result);
    if (!errors) continue;
    ordered_json strips = ordered_json::array();
    for (ConfusedPair& pair : errors->worst_pairs(shown_pairs, images_of_pair)) {
      std::erase_if(pair.images, [&](int image) { return image >= data.test.size(); });
      strips.push_back(strip(data.test, pair.images));
    }
    members[member.name] = std::move(strips);
  }
  return members;
}

}  // namespace

ordered_json data_sheet(const DataSet& data, const RunView& view) {
  ordered_json splits = ordered_json::object();
  const std::array<std::pair<const char*, const ImageSet*>, 4> all = {
      {{"train", &data.train}, {"validation", &data.validation}, {"probe", &data.probe}, {"test", &data.test}}};
  for (const auto& [name, images] : all) splits[name] = counts(*images, data.classes());
  return {{"classes", data.class_names}, {"input", {data.train.channels, data.train.height, data.train.width}},
          {"splits", std::move(splits)}, {"shown", shown(data.classes())},
          {"examples", examples(data)},  {"confused", confused(data, view)},
          {"notes", data.notes}};
}

}  // namespace synth::report
