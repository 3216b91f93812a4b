// Errors on the test split as they are recorded, and as confusion matrices.
#include "synth/report/test_errors.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace synth::report {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_cells = 2000;

// Cells of a confusion matrix off its diagonal, most frequent first.
ordered_json cells_of(const TestErrors& errors, int WrongImage::*seen) {
  std::map<std::pair<int, int>, int> found;
  for (const WrongImage& wrong : errors.wrong) {
    if (wrong.*seen != wrong.label) ++found[{wrong.label, wrong.*seen}];
  }
  std::vector<std::pair<std::pair<int, int>, int>> cells(found.begin(), found.end());
  std::stable_sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (cells.size() > most_cells) cells.resize(most_cells);
  ordered_json json = ordered_json::array();
  for (const auto& [pair, count] : cells) json.push_back({pair.first, pair.second, count});
  return json;
}

}  // namespace

std::vector<ConfusedPair> TestErrors::worst_pairs(std::size_t most, std::size_t images) const {
  std::map<std::pair<int, int>, ConfusedPair> found;
  const auto pair = [&](int label, int seen) -> ConfusedPair& {
    ConfusedPair& entry = found[{label, seen}];
    entry.label = label;
    entry.seen = seen;
    return entry;
  };
  for (const WrongImage& image : wrong) {
    if (image.in_int8 == image.label) continue;
    ConfusedPair& entry = pair(image.label, image.in_int8);
    ++entry.in_int8;
    if (entry.images.size() < images) entry.images.push_back(image.image);
  }
  for (const WrongImage& image : wrong) {
    if (image.in_float == image.label) continue;
    ConfusedPair& entry = pair(image.label, image.in_float);
    ++entry.in_float;
    if (image.in_int8 != image.in_float && entry.images.size() < images) entry.images.push_back(image.image);
  }
  std::vector<ConfusedPair> pairs;
  for (auto& [key, entry] : found) pairs.push_back(std::move(entry));
  std::stable_sort(pairs.begin(), pairs.end(), [](const ConfusedPair& a, const ConfusedPair& b) {
    return std::pair(a.in_int8, a.in_float) > std::pair(b.in_int8, b.in_float);
  });
  if (pairs.size() > most) pairs.resize(most);
  return pairs;
}

TestErrors test_errors(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& in_float,
                       const std::vector<std::int32_t>& in_int8, int classes) {
  TestErrors errors;
  errors.per_class.resize(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++errors.per_class.at(static_cast<std::size_t>(labels[i]));
    if (in_float.at(i) == labels[i] && in_int8.at(i) == labels[i]) continue;
    errors.wrong.push_back({static_cast<int>(i), labels[i], in_float[i], in_int8[i]});
  }
  return errors;
}

ordered_json test_errors_json(const TestErrors& errors) {
  ordered_json wrong = ordered_json::array();
  for (const WrongImage& image : errors.wrong)
    wrong.push_back({image.image, image.label, image.in_float, image.in_int8});
  return {{"per_class", errors.per_class}, {"wrong", std::move(wrong)}};
}

std::optional<TestErrors> recorded_test_errors(const std::string& result) {
  const auto json = nlohmann::json::parse(result, nullptr, false);
  if (!json.is_object() || !json.contains("test_errors")) return std::nullopt;
  try {
    TestErrors errors;
    errors.per_class = json.at("test_errors").at("per_class").get<std::vector<int>>();
    const int classes = static_cast<int>(errors.per_class.size());
    std::int64_t images = 0;
    for (const int count : errors.per_class) {
      if (count < 0) return std::nullopt;
      images += count;
    }
    for (const auto& row : json.at("test_errors").at("wrong")) {
      const auto [image, label, in_float, in_int8] = row.get<std::array<int, 4>>();
      const auto known = [&](int value) { return value >= 0 && value < classes; };
      if (image < 0 || image >= images || !known(label) || !known(in_float) || !known(in_int8)) return std::nullopt;
      errors.wrong.push_back({image, label, in_float, in_int8});
    }
    return errors;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

ordered_json confusion_json(const TestErrors& errors) {
  ordered_json pairs = ordered_json::array();
  for (const ConfusedPair& pair : errors.worst_pairs(shown_pairs, 0))
    pairs.push_back({pair.label, pair.seen, pair.in_float, pair.in_int8});
  return {{"per_class", errors.per_class},
          {"float", cells_of(errors, &WrongImage::in_float)},
          {"int8", cells_of(errors, &WrongImage::in_int8)},
          {"pairs", std::move(pairs)}};
}

}  // namespace synth::report
