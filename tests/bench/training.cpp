// Training throughput on one thread: `bench_training NET [bf16] [SECONDS]` prints samples per second of a wide residual
// net and of a narrow PEPE/VAC net; `bench_training NET --graph` prints the lowered net as JSON, from which training.py
// builds the same net in Python.
#include <fmt/format.h>

#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

#include "evaluators/network.h"
#include "evaluators/trained_evaluator.h"
#include "evaluators/training.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "search_space/random.h"

namespace {

using search_space::Architecture;
using search_space::Slot;

Slot slot(int stage, int stride, int width, std::string kind, std::vector<search_space::Parameter> parameters) {
  Slot result;
  result.stage = stage;
  result.stride = stride;
  result.width = width;
  result.module = {std::move(kind), std::move(parameters)};
  return result;
}

// About 21 M multiply-adds: a 3x3 residual module of each of 32, 64 and 128 channels.
Architecture wide() {
  Architecture net{{3, 32, 32}, 10, {{"conv", 32, 3, 1, "relu"}}, {}, {}};
  for (int stage = 0; stage < 3; ++stage)
    net.slots.push_back(slot(stage, stage > 0 ? 2 : 1, 32 << stage, "conv", {{"kernel", 3}}));
  return net;
}

// About 3 M multiply-adds: PEPE, VAC, PEPE in each of three stages of 24, 48 and 96 channels.
Architecture narrow() {
  Architecture net{{1, 28, 28}, 10, {{"conv", 24, 3, 1, "relu"}}, {}, {}};
  for (int stage = 0; stage < 3; ++stage)
    for (int i = 0; i < 3; ++i) {
      const int width = 24 << stage, stride = stage > 0 && i == 0 ? 2 : 1;
      net.slots.push_back(
          i == 1 ? slot(stage, stride, width, "vac", {{"down", width / 4}, {"embedding", width / 4}, {"groups", 2}})
                 : slot(stage, stride, width, "pepe",
                        {{"projection1", width / 4}, {"multiplier", 2}, {"projection2", width / 4}}));
    }
  return net;
}

nlohmann::json as_json(const search_space::Graph& graph) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const auto& node : graph.nodes)
    nodes.push_back({{"op", std::string(search_space::op_name(node.op))},
                     {"inputs", node.inputs},
                     {"shape", {node.output.channels, node.output.height, node.output.width}},
                     {"kernel", node.kernel},
                     {"stride", node.stride},
                     {"padding", node.padding},
                     {"groups", node.groups},
                     {"ceil_mode", node.ceil_mode}});
  return {{"classes", graph.classes}, {"nodes", nodes}};
}

evaluators::DataSet random_images(const search_space::Shape& shape, int classes, int count) {
  evaluators::DataSet data;
  data.class_names.resize(classes);
  data.mean.assign(shape.channels, 0.5f);
  data.deviation.assign(shape.channels, 0.25f);
  data.augmentation = {true, 2};
  data.train.channels = shape.channels;
  data.train.height = shape.height;
  data.train.width = shape.width;
  search_space::Random random(1);
  for (std::int64_t i = 0; i < count * shape.elements(); ++i) data.train.pixels.push_back(random.next() & 255);
  for (int i = 0; i < count; ++i) data.train.labels.push_back(random.below(classes));
  return data;
}

double samples_per_second(const search_space::Graph& graph, bool bf16, double seconds) {
  const auto data = random_images(graph.input(), graph.classes, 1280);
  evaluators::Network network(graph, 1);
  evaluators::TrainingSettings settings;
  settings.bf16 = bf16;
  settings.epochs = 0.3;  // warms caches of primitives and memory
  evaluators::train(network, data, settings, 1);
  settings.epochs = 0.5;
  const std::clock_t start = std::clock();
  double elapsed = 0, samples = 0;
  while (elapsed < seconds) {
    evaluators::train(network, data, settings, 1);
    samples += settings.epochs * data.train.size();
    elapsed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
  return samples / elapsed;
}

}  // namespace

int main(int argc, char** argv) {
  evaluators::tune_process();
  bool bf16 = false, graph_only = false;
  double seconds = 5;
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_training wide|narrow [bf16] [SECONDS] | wide|narrow --graph\n");
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    if (!std::strcmp(argv[i], "bf16"))
      bf16 = true;
    else if (!std::strcmp(argv[i], "--graph"))
      graph_only = true;
    else
      seconds = std::stod(argv[i]);
  }
  const auto graph = search_space::lower(std::strcmp(argv[1], "wide") ? narrow() : wide());
  if (graph_only) {
    fmt::print("{}\n", as_json(graph).dump());
    return 0;
  }
  const auto cost = search_space::cost_of(graph);
  fmt::print(
      "{{\"net\": \"{}\", \"multiply_adds\": {}, \"parameters\": {}, \"bf16\": {}, \"samples_per_second\": {:.1f}}}\n",
      argv[1], cost.multiply_adds, cost.parameters(), bf16, samples_per_second(graph, bf16, seconds));
}
