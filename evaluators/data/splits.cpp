// Limits and stratified splits, in place where the set is large.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "evaluators/data/loading.h"
#include "search_space/errors.h"

namespace evaluators {

using search_space::Random;
using search_space::stream_seed;

namespace {

std::vector<int> class_sizes(const std::vector<std::vector<int>>& by_class) {
  std::vector<int> sizes;
  for (const auto& indices : by_class) sizes.push_back(static_cast<int>(indices.size()));
  return sizes;
}

// As equal as `available` allows, `limit` in sum.
std::vector<int> even_quotas(const std::vector<int>& available, int limit) {
  std::vector<int> quotas(available.size(), 0);
  while (limit > 0) {
    const auto open = [&](std::size_t c) { return quotas[c] < available[c]; };
    int open_count = 0;
    for (std::size_t c = 0; c < quotas.size(); ++c) open_count += open(c);
    if (open_count == 0) break;
    const int share = std::max(1, limit / open_count);
    for (std::size_t c = 0; c < quotas.size() && limit > 0; ++c) {
      const int more = std::min({share, available[c] - quotas[c], limit});
      quotas[c] += more;
      limit -= more;
    }
  }
  return quotas;
}

ImageSet copy(const ImageSet& images, const std::vector<int>& indices) {
  ImageSet result;
  result.channels = images.channels;
  result.height = images.height;
  result.width = images.width;
  result.pixels.reserve(indices.size() * images.image_bytes());
  for (int index : indices) {
    result.pixels.insert(result.pixels.end(), images.image(index), images.image(index) + images.image_bytes());
    result.labels.push_back(images.labels[index]);
  }
  return result;
}

// Image i of the result is image order[i]; follows the permutation's cycles with one image of extra memory.
void permute(ImageSet& images, std::vector<int> order) {
  const std::size_t bytes = images.image_bytes();
  std::vector<std::uint8_t> saved(bytes);
  for (int start = 0; start < images.size(); ++start) {
    if (order[start] == start) continue;
    std::memcpy(saved.data(), images.image(start), bytes);
    const std::int32_t saved_label = images.labels[start];
    int hole = start;
    while (order[hole] != start) {
      const int from = order[hole];
      std::memcpy(images.pixels.data() + hole * bytes, images.image(from), bytes);
      images.labels[hole] = images.labels[from];
      order[hole] = hole;
      hole = from;
    }
    std::memcpy(images.pixels.data() + hole * bytes, saved.data(), bytes);
    images.labels[hole] = saved_label;
    order[hole] = hole;
  }
}

void require_enough(const std::vector<int>& sizes, const LoadedData& loaded, const DataSpec& spec) {
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] >= fewest_per_class) continue;
    const std::string found = "class '" + search_space::printable(loaded.class_names[c]) + "' has " +
                              std::to_string(sizes[c]) + " training images; at least " +
                              std::to_string(fewest_per_class) + " are needed to split off validation and probe";
    if (spec.limit != 0 && spec.limit < static_cast<int>(sizes.size()) * fewest_per_class)
      throw search_space::InputError("data '" + search_space::printable(data_spec_text(spec)) +
                                     "': limit=" + std::to_string(spec.limit) + " is too small: " + found +
                                     " (limit >= " + std::to_string(sizes.size() * fewest_per_class) + ")");
    throw search_space::EnvironmentError("data '" + search_space::printable(data_spec_text(spec)) + "': " + found);
  }
}

}  // namespace

int chosen_classes(const DataSpec& spec, int available) {
  if (spec.classes > available)
    throw search_space::InputError("data '" + search_space::printable(data_spec_text(spec)) +
                                   "': option 'classes' is " + std::to_string(spec.classes) + ", but the data have " +
                                   std::to_string(available));
  return spec.classes == 0 ? available : spec.classes;
}

std::vector<std::vector<int>> shuffled_by_class(const std::vector<std::int32_t>& labels, int classes, Random& random) {
  std::vector<std::vector<int>> by_class(classes);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < classes) by_class[labels[i]].push_back(static_cast<int>(i));
  for (auto& indices : by_class) random.shuffle(indices);
  return by_class;
}

std::vector<int> proportional_quotas(const std::vector<int>& available, int wanted, int least) {
  const std::int64_t total =
      std::max<std::int64_t>(1, std::accumulate(available.begin(), available.end(), std::int64_t{0}));
  std::vector<int> quotas, by_remainder(available.size());
  std::int64_t given = 0;
  for (int count : available) {
    quotas.push_back(static_cast<int>(std::int64_t{wanted} * count / total));
    given += quotas.back();
  }
  std::iota(by_remainder.begin(), by_remainder.end(), 0);
  const auto remainder = [&](int c) { return std::int64_t{wanted} * available[c] % total; };
  std::stable_sort(by_remainder.begin(), by_remainder.end(), [&](int a, int b) { return remainder(a) > remainder(b); });
  for (int c : by_remainder) {
    if (given >= wanted) break;
    ++quotas[c];
    ++given;
  }
  for (int& quota : quotas) quota = std::max(quota, least);
  return quotas;
}

std::vector<int> limited(const std::vector<std::int32_t>& labels, const DataSpec& spec, int classes,
                         std::uint64_t seed) {
  Random random(stream_seed(seed, "data", "limit"));
  const auto by_class = shuffled_by_class(labels, classes, random);
  auto quotas = class_sizes(by_class);
  if (spec.limit != 0) quotas = even_quotas(quotas, spec.limit);
  std::vector<int> chosen;
  for (int c = 0; c < classes; ++c) chosen.insert(chosen.end(), by_class[c].begin(), by_class[c].begin() + quotas[c]);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

void keep(ImageSet& images, const std::vector<int>& ascending) {
  const std::size_t bytes = images.image_bytes();
  int kept = 0;
  for (int index : ascending) {
    if (index != kept) {
      std::memcpy(images.pixels.data() + kept * bytes, images.image(index), bytes);
      images.labels[kept] = images.labels[index];
    }
    ++kept;
  }
  images.labels.resize(kept);
  images.pixels.resize(kept * bytes);
  // Copying a little is worth returning a lot of memory; a few percent are not worth a second copy of the set.
  if (images.pixels.capacity() / 2 > images.pixels.size()) images.pixels.shrink_to_fit();
}

void apply_limits(LoadedData& data, const DataSpec& spec, std::uint64_t seed) {
  const int classes = chosen_classes(spec, static_cast<int>(data.class_names.size()));
  data.class_names.resize(classes);
  keep(data.train, limited(data.train.labels, spec, classes, seed));
  DataSpec unlimited = spec;
  unlimited.limit = 0;
  keep(data.test, limited(data.test.labels, unlimited, classes, seed));
}

void split(LoadedData&& loaded, const DataSpec& spec, std::uint64_t seed, DataSet& data) {
  const int classes = static_cast<int>(loaded.class_names.size());
  Random random(stream_seed(seed, "data", "split"));
  const auto by_class = shuffled_by_class(loaded.train.labels, classes, random);
  const auto sizes = class_sizes(by_class);
  require_enough(sizes, loaded, spec);

  const bool given = loaded.validation.size() > 0;
  const int images = loaded.train.size();
  const auto validation_quotas = proportional_quotas(sizes, std::min(5000, images / 10), 2);
  const auto probe_quotas = proportional_quotas(sizes, std::min(512, images / 20), 1);
  std::vector<int> validation, probe, train;
  for (int c = 0; c < classes; ++c) {
    const auto first = by_class[c].begin();
    const int to_validation = given ? 0 : std::min(validation_quotas[c], sizes[c] - 2);
    const int to_probe = std::min(probe_quotas[c], sizes[c] - to_validation - 1);
    validation.insert(validation.end(), first, first + to_validation);
    probe.insert(probe.end(), first + to_validation, first + to_validation + to_probe);
    train.insert(train.end(), first + to_validation + to_probe, by_class[c].end());
  }
  random.shuffle(validation);
  random.shuffle(probe);
  if (given) {
    validation.resize(loaded.validation.size());
    std::iota(validation.begin(), validation.end(), 0);
    random.shuffle(validation);
  }
  data.validation = copy(given ? loaded.validation : loaded.train, validation);
  data.probe = copy(loaded.train, probe);

  std::sort(train.begin(), train.end());
  keep(loaded.train, train);
  std::vector<int> order(train.size());
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  permute(loaded.train, std::move(order));
  data.train = std::move(loaded.train);
  data.test = std::move(loaded.test);
  data.class_names = std::move(loaded.class_names);
}

}  // namespace evaluators
