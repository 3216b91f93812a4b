// The stem variants and how they replace one another.
#include "prototypes/stems.h"

#include <fmt/format.h>

#include <algorithm>

#include "search_space/architecture_parts.h"
#include "search_space/errors.h"

namespace prototypes {
namespace {

using search_space::InputError;
using search_space::Layer;

struct Variant {
  const char* name;
  int kernel, stride;
  bool pool;  // a 3x3 max pooling of stride 2 follows
};

constexpr Variant variants[] = {
    {"3x3/1", 3, 1, false}, {"3x3/2", 3, 2, false}, {"3x3/2+pool", 3, 2, true}, {"7x7/2+pool", 7, 2, true}};

int stride_of(const std::vector<Layer>& stem) {
  int stride = 1;
  for (const Layer& layer : stem) stride *= layer.stride;
  return stride;
}

const Variant& variant_for(const std::string& name, const search_space::Prototype& prototype) {
  std::string wanted = name;
  if (name == "small") {
    const int stride = stride_of(prototype.design.stem);
    if (stride != 2 && stride != 4) {
      throw InputError(fmt::format("{}: stem=small: halves a stem of stride 2 or 4, but this one has stride {}",
                                   prototype.name, stride));
    }
    wanted = stride == 4 ? "3x3/2" : "3x3/1";
  }
  return *std::find_if(std::begin(variants), std::end(variants), [&](const Variant& v) { return v.name == wanted; });
}

}  // namespace

std::vector<std::string> stem_names() {
  std::vector<std::string> names = {"small"};
  for (const Variant& variant : variants) names.emplace_back(variant.name);
  return names;
}

void replace_stem(search_space::Prototype& prototype, const std::string& name) {
  auto& stem = prototype.design.stem;
  const auto is_convolution = [](const Layer& layer) { return layer.op == "conv"; };
  if (std::count_if(stem.begin(), stem.end(), is_convolution) != 1) {
    throw InputError(fmt::format("{}: stem={}: replaces a stem of one convolution only", prototype.name, name));
  }
  const Variant& variant = variant_for(name, prototype);
  const int before = stride_of(stem);
  Layer conv = *std::find_if(stem.begin(), stem.end(), is_convolution);
  conv.kernel = variant.kernel;
  conv.stride = variant.stride;
  stem = {conv};
  if (variant.pool) {
    stem.push_back({.op = "max_pool", .width = 0, .kernel = 3, .stride = 2, .activation = "none"});
  }
  const auto resized = [&](int size) {
    return std::clamp(size * stride_of(stem) / before, 1, search_space::largest_image);
  };
  prototype.minimum_size = resized(prototype.minimum_size);
  prototype.maximum_size = std::max(prototype.minimum_size, resized(prototype.maximum_size));
}

}  // namespace prototypes
