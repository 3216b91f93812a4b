// The integer network as quantisation.h states it, one loop per primitive.
#include "integer_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>

namespace fixtures {

using evaluators::QuantisedNetwork;
using search_space::Node;
using search_space::Op;
using search_space::Shape;

namespace {

struct Values {
  Shape shape;
  std::vector<int> centred;  // C x H x W

  int at(int channel, int y, int x) const { return centred[(channel * shape.height + y) * shape.width + x]; }
};

class Reference {
 public:
  explicit Reference(const QuantisedNetwork& network) : network_(network), values_(network.graph().nodes.size()) {}

  std::vector<float> run(const std::vector<float>& image) {
    const auto& nodes = network_.graph().nodes;
    for (int i = 0; i < static_cast<int>(nodes.size()); ++i) {
      values_[i].shape = nodes[i].output;
      if (nodes[i].op == Op::input)
        for (float value : image) values_[i].centred.push_back(requantise(i, value / range(i).scale));
      else if (nodes[i].op != Op::softmax)
        run_node(i, nodes[i]);
    }
    return logits_;
  }

 private:
  evaluators::ActivationRange range(int node) const { return network_.activations().at(node); }
  float multiplier(int node, int index) const { return network_.multipliers().at(node)[index]; }

  int requantise(int node, float real) const {
    const int zero = range(node).zero_point;
    return static_cast<int>(std::clamp(std::nearbyint(real), -128.0f - zero, 127.0f - zero));
  }

  // Calls visit(channel, y, x) for every output position in order and stores what it returns.
  template <typename Visit>
  void fill(int node, const Visit& visit) {
    const Shape& shape = values_[node].shape;
    for (int c = 0; c < shape.channels; ++c)
      for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x) values_[node].centred.push_back(visit(c, y, x));
  }

  // Calls visit(y, x) for every input position under the window at (y, x).
  template <typename Visit>
  static void window(const Node& node, const Shape& input, int y, int x, const Visit& visit) {
    for (int dy = 0; dy < node.kernel; ++dy) {
      for (int dx = 0; dx < node.kernel; ++dx) {
        const int from_y = y * node.stride - node.padding + dy, from_x = x * node.stride - node.padding + dx;
        if (from_y >= 0 && from_y < input.height && from_x >= 0 && from_x < input.width) visit(from_y, from_x, dy, dx);
      }
    }
  }

  void run_layer(int i, const Node& node) {
    const auto& layer = network_.layers().at(i);
    const Values& input = values_[node.inputs[0]];
    const auto contiguous = layer.weight.contiguous();
    const auto* weight = contiguous.data_ptr<std::int8_t>();
    const auto* bias = layer.integer_bias.data_ptr<std::int32_t>();
    const int row_inputs = static_cast<int>(layer.weight.size(1));
    const auto finish = [&](int channel, std::int64_t sum) {
      const float real = static_cast<float>(sum + bias[channel]) * multiplier(i, channel);
      if (network_.activations().contains(i)) return requantise(i, real);
      logits_.push_back(real);
      return 0;
    };
    fill(i, [&](int c, int y, int x) {
      std::int64_t sum = 0;
      if (node.op == Op::linear) {
        for (int k = 0; k < row_inputs; ++k) sum += weight[c * row_inputs + k] * input.centred[k];
      } else {
        const int first = c / (node.output.channels / node.groups) * row_inputs;
        for (int k = 0; k < row_inputs; ++k)
          window(node, input.shape, y, x, [&](int from_y, int from_x, int dy, int dx) {
            sum += weight[((c * row_inputs + k) * node.kernel + dy) * node.kernel + dx] *
                   input.at(first + k, from_y, from_x);
          });
      }
      return finish(c, sum);
    });
  }

  void run_pool(int i, const Node& node) {
    const Values& input = values_[node.inputs[0]];
    fill(i, [&](int c, int y, int x) {
      int largest = -255, sum = 0, count = 0;
      window(node, input.shape, y, x, [&](int from_y, int from_x, int, int) {
        largest = std::max(largest, input.at(c, from_y, from_x));
        sum += input.at(c, from_y, from_x);
        ++count;
      });
      return node.op == Op::max_pool ? largest : static_cast<int>(std::nearbyint(static_cast<float>(sum) / count));
    });
  }

  void run_node(int i, const Node& node);

  const QuantisedNetwork& network_;
  std::vector<Values> values_;
  std::vector<float> logits_;
};

void Reference::run_node(int i, const Node& node) {
  const Values& a = values_[node.inputs[0]];
  const Values& b = values_[std::max(0, node.inputs[1])];
  switch (node.op) {
    case Op::conv2d:
    case Op::linear:
      return run_layer(i, node);
    case Op::max_pool:
    case Op::avg_pool:
      return run_pool(i, node);
    case Op::scale: {
      const auto* weight = network_.layers().at(i).weight.data_ptr<std::int8_t>();
      return fill(i, [&](int c, int y, int x) {
        return requantise(i, static_cast<float>(weight[c] * a.at(c, y, x)) * multiplier(i, 0));
      });
    }
    case Op::add:
      return fill(i, [&](int c, int y, int x) {
        const float first = static_cast<float>(a.at(c, y, x)) * multiplier(i, 0);
        const float second = static_cast<float>(b.at(c, y, x)) * multiplier(i, 1);
        return requantise(i, first + second);
      });
    case Op::multiply:
      return fill(i, [&](int c, int y, int x) {
        const int second = b.shape.height == 1 ? b.at(c, 0, 0) : b.at(c, y, x);
        return requantise(i, static_cast<float>(a.at(c, y, x) * second) * multiplier(i, 0));
      });
    case Op::concat:
      return fill(i, [&](int c, int y, int x) {
        const int own = a.shape.channels;
        return c < own ? requantise(i, static_cast<float>(a.at(c, y, x)) * multiplier(i, 0))
                       : requantise(i, static_cast<float>(b.at(c - own, y, x)) * multiplier(i, 1));
      });
    case Op::global_avg_pool:
      return fill(i, [&](int c, int, int) {
        int sum = 0;
        for (int y = 0; y < a.shape.height; ++y)
          for (int x = 0; x < a.shape.width; ++x) sum += a.at(c, y, x);
        return requantise(i, static_cast<float>(sum) * multiplier(i, 0));
      });
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return fill(i, [&](int c, int y, int x) {
        return network_.tables().at(i)[a.at(c, y, x) + range(node.inputs[0]).zero_point + 128];
      });
    case Op::relu:
      return fill(i, [&](int c, int y, int x) { return std::max(0, a.at(c, y, x)); });
    case Op::upsample_nearest:
      return fill(i, [&](int c, int y, int x) {
        return a.at(c, y * a.shape.height / node.output.height, x * a.shape.width / node.output.width);
      });
    case Op::slice:
      return fill(i, [&](int c, int y, int x) { return a.at(c + node.first_channel, y, x); });
    case Op::channel_shuffle:
      return fill(i, [&](int c, int y, int x) {
        return a.at(c % node.groups * (node.output.channels / node.groups) + c / node.groups, y, x);
      });
    case Op::identity:
      return fill(i, [&](int c, int y, int x) { return a.at(c, y, x); });
    default:
      throw std::logic_error("a folded network has no such primitive");
  }
}

}  // namespace

std::vector<float> integer_logits(const QuantisedNetwork& network, const std::vector<float>& image) {
  return Reference(network).run(image);
}

}  // namespace fixtures
