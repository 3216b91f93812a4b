// One loop per primitive, int8 in and out, channels innermost.
#include "evaluators/integer_network.h"

#include <stdexcept>

namespace evaluators {

using search_space::Node;
using search_space::Op;
using search_space::Shape;
using Values = std::vector<std::int8_t>;

namespace {

std::int8_t saturated(int value) {
  return static_cast<std::int8_t>(std::clamp(value, -128, 127));
}

// Quotient rounded to nearest, ties away from zero.
int rounded_quotient(int sum, int count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

// One node at work.
class Step {
 public:
  Step(const IntegerNetwork& network, int index, const Values& first, const Values& second)
      : node_(network.graph.nodes[index]),
        own_(network.nodes[index]),
        first_(network.nodes[node_.inputs[0]]),
        second_(network.nodes[std::max(node_.inputs[1], 0)]),
        in_(network.graph.nodes[node_.inputs[0]].output),
        other_(network.graph.nodes[std::max(node_.inputs[1], 0)].output),
        x_(first),
        y_(second) {}

  Values run() const;

 private:
  int centred(std::size_t i) const { return x_[i] - first_.zero_point; }
  int centred_second(std::size_t i) const { return y_[i] - second_.zero_point; }
  std::int8_t put(std::int32_t sum, std::size_t multiplier) const {
    return saturated(multiply(sum, own_.multiplier[multiplier]) + own_.zero_point);
  }
  std::size_t at(int y, int x, int channel) const {
    return (static_cast<std::size_t>(y) * in_.width + x) * in_.channels + channel;
  }

  // What value(y, x, channel) gives for every output element.
  template <typename Value>
  Values each(const Value& value) const {
    Values result;
    result.reserve(static_cast<std::size_t>(node_.output.elements()));
    for (int y = 0; y < node_.output.height; ++y)
      for (int x = 0; x < node_.output.width; ++x)
        for (int c = 0; c < node_.output.channels; ++c) result.push_back(value(y, x, c));
    return result;
  }

  // Calls visit(y, x, dy, dx) for every input position under the window of output (y, x).
  template <typename Visit>
  void window(int y, int x, const Visit& visit) const {
    for (int dy = 0; dy < node_.kernel; ++dy)
      for (int dx = 0; dx < node_.kernel; ++dx) {
        const int from_y = y * node_.stride - node_.padding + dy, from_x = x * node_.stride - node_.padding + dx;
        if (from_y >= 0 && from_y < in_.height && from_x >= 0 && from_x < in_.width) visit(from_y, from_x, dy, dx);
      }
  }

  Values layer() const;
  Values pool() const;
  Values elementwise() const;
  Values moved() const;

  const Node& node_;
  const IntegerNode &own_, &first_, &second_;
  const Shape &in_, &other_;
  const Values &x_, &y_;
};

Values Step::layer() const {
  const int inputs = in_.channels / node_.groups, outputs = node_.output.channels / node_.groups;
  return each([&](int y, int x, int c) {
    std::int32_t sum = own_.bias[c];
    window(y, x, [&](int from_y, int from_x, int dy, int dx) {
      const std::size_t w = ((static_cast<std::size_t>(c) * node_.kernel + dy) * node_.kernel + dx) * inputs;
      const std::size_t from = at(from_y, from_x, c / outputs * inputs);
      for (int k = 0; k < inputs; ++k) sum += own_.weight[w + k] * centred(from + k);
    });
    return put(sum, c);
  });
}

Values Step::pool() const {
  if (node_.op == Op::global_avg_pool) {
    const int count = in_.height * in_.width;
    return each([&](int, int, int c) {
      std::int32_t sum = 0;
      for (int i = 0; i < count; ++i) sum += centred(static_cast<std::size_t>(i) * in_.channels + c);
      return put(sum, 0);
    });
  }
  return each([&](int y, int x, int c) {
    int largest = -128, sum = 0, count = 0;
    window(y, x, [&](int from_y, int from_x, int, int) {
      const int value = x_[at(from_y, from_x, c)];
      largest = std::max(largest, value);
      sum += value;
      ++count;
    });
    return saturated(node_.op == Op::max_pool ? largest : rounded_quotient(sum, count));
  });
}

Values Step::elementwise() const {
  std::size_t i = 0;
  switch (node_.op) {
    case Op::add:
      return each([&](int, int, int) {
        const std::int32_t sum = multiply(centred(i) * (1 << addition_shift), own_.multiplier[0]) +
                                 multiply(centred_second(i) * (1 << addition_shift), own_.multiplier[1]);
        ++i;
        return put(sum, 2);
      });
    case Op::multiply:
      return each([&](int, int, int c) {
        const bool broadcast = other_.height == 1 && other_.width == 1;
        const int second = centred_second(broadcast ? static_cast<std::size_t>(c) : i);
        return put(centred(i++) * second, 0);
      });
    case Op::scale:
      return each([&](int, int, int c) { return put(centred(i++) * own_.weight[c], 0); });
    case Op::relu:
      return each([&](int, int, int) { return std::max(x_[i++], static_cast<std::int8_t>(own_.zero_point)); });
    default:  // a table
      return each([&](int, int, int) { return own_.table[x_[i++] + 128]; });
  }
}

Values Step::moved() const {
  switch (node_.op) {
    case Op::concat:
      return each([&](int y, int x, int c) {
        const std::size_t place = static_cast<std::size_t>(y) * in_.width + x;
        return c < in_.channels ? put(centred(place * in_.channels + c), 0)
                                : put(centred_second(place * other_.channels + c - in_.channels), 1);
      });
    case Op::slice:
      return each([&](int y, int x, int c) { return x_[at(y, x, c + node_.first_channel)]; });
    case Op::channel_shuffle:
      return each([&](int y, int x, int c) {
        return x_[at(y, x, c % node_.groups * (in_.channels / node_.groups) + c / node_.groups)];
      });
    default:  // upsample_nearest
      return each([&](int y, int x, int c) {
        return x_[at(y * in_.height / node_.output.height, x * in_.width / node_.output.width, c)];
      });
  }
}

Values Step::run() const {
  switch (node_.op) {
    case Op::conv2d:
    case Op::linear:
      return layer();
    case Op::max_pool:
    case Op::avg_pool:
    case Op::global_avg_pool:
      return pool();
    case Op::add:
    case Op::multiply:
    case Op::scale:
    case Op::relu:
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
      return elementwise();
    case Op::concat:
    case Op::slice:
    case Op::channel_shuffle:
    case Op::upsample_nearest:
      return moved();
    case Op::identity:
      return x_;
    default:
      throw std::logic_error("a folded network computes no " + std::string(op_name(node_.op)));
  }
}

// TensorFlow Lite's hard-swish: 16-bit fixed point. Products are at most 2^30, so none of them saturates.
int high16(int a, int b) {
  const int product = a * b;
  return (product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15);
}

int saturated16(int value) {
  return std::clamp(value, -32768, 32767);
}

int multiplier16(const FixedPoint& fixed) {
  constexpr std::int32_t offset = 1 << 15;
  return fixed.multiplier >= std::numeric_limits<std::int32_t>::max() - offset ? 32767
                                                                               : (fixed.multiplier + offset) >> 16;
}

std::int8_t hard_swish(int centred, const FixedPoint& reluish, const FixedPoint& output, int zero_point) {
  const int fine = centred * (1 << 7);
  const int scaled = high16(fine, multiplier16(output));
  int gate = fine;
  if (reluish.shift > 0) gate = saturated16(gate * (1 << (reluish.shift - 1)));
  gate = high16(gate, multiplier16(reluish));
  if (reluish.shift > 0) gate = saturated16(gate * 2);
  if (reluish.shift < 0) gate = rounding_shift(gate, -reluish.shift);
  gate = (gate + (1 << 15)) >> 1;
  const int product = saturated16(gate * scaled / (1 << 15));
  return saturated(rounding_shift(product, -output.shift) + zero_point);
}

}  // namespace

std::vector<FixedPoint> addition_multipliers(double first_scale, double second_scale, double output_scale) {
  const double twice = 2 * std::max(first_scale, second_scale);
  return {fixed_point(first_scale / twice), fixed_point(second_scale / twice),
          fixed_point(twice / ((1 << addition_shift) * output_scale))};
}

FixedPoint mean_multiplier(double input_scale, double output_scale, int count) {
  FixedPoint mean = fixed_point(input_scale / output_scale);
  int shift = 0;
  while (count >> (shift + 1) > 0) ++shift;
  shift = std::min(shift, 31 + mean.shift);
  mean.multiplier = static_cast<std::int32_t>((std::int64_t{mean.multiplier} << shift) / count);
  mean.shift -= shift;
  return mean;
}

Values activation_table(Op op, const IntegerNode& input, const IntegerNode& output) {
  const double fine_scale = input.scale / 128.0;
  const FixedPoint reluish = fixed_point(fine_scale / (3.0 / 32768)), factor = fixed_point(fine_scale / output.scale);
  Values table;
  for (int q = -128; q < 128; ++q) {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float gate = op == Op::sigmoid ? 1.0f / (1.0f + std::exp(-x)) : std::clamp(x / 6.0f + 0.5f, 0.0f, 1.0f);
    const float real = op == Op::hard_swish ? x * gate : gate;
    // Its hard-swish knows only scales that shrink; where the output's is finer, the exact value is rounded.
    table.push_back(op == Op::hard_swish && factor.shift <= 0 && reluish.shift <= 15
                        ? hard_swish(q - input.zero_point, reluish, factor, output.zero_point)
                        : saturated(static_cast<int>(std::clamp(std::round(real / output.scale), -512.0f, 512.0f)) +
                                    output.zero_point));
  }
  return table;
}

Values IntegerNetwork::run_node(int node, const Values& first, const Values& second) const {
  return Step(*this, node, first, second).run();
}

Values IntegerNetwork::run(const Values& image) const {
  if (static_cast<std::int64_t>(image.size()) != graph.input().elements())
    throw std::invalid_argument("image of another size than the network's input");
  std::vector<Values> values(graph.nodes.size());
  std::vector<int> readers = graph.use_counts();
  values[0] = image;
  const Values none;
  for (int i = 1; i <= logits(); ++i) {
    const auto [first, second] = graph.nodes[i].inputs;
    values[i] = run_node(i, values[first], second < 0 ? none : values[second]);
    for (int input : {first, second})
      if (input >= 0 && --readers[input] == 0) values[input].clear();
  }
  return values[logits()];
}

Values quantised_image(const IntegerNetwork& network, const DataSet& data, const ImageSet& images, int index) {
  const IntegerNode& input = network.nodes.front();
  Values result;
  result.reserve(images.image_bytes());
  for (std::size_t i = 0; i < images.image_bytes(); ++i) {
    const std::size_t channel = i % images.channels;
    const float real = (static_cast<float>(images.image(index)[i]) / 255.0f - data.mean[channel]) /
                       data.deviation[channel] / input.scale;
    result.push_back(saturated(static_cast<int>(std::clamp(std::round(real), -512.0f, 512.0f)) + input.zero_point));
  }
  return result;
}

}  // namespace evaluators
