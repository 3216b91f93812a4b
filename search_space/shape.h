// The shape of one activation tensor, without the batch dimension.
#pragma once

#include <cstdint>

namespace search_space {

struct Shape {
  int channels = 0;
  int height = 0;
  int width = 0;

  std::int64_t elements() const { return std::int64_t{channels} * height * width; }
  bool operator==(const Shape&) const = default;
};

}  // namespace search_space
