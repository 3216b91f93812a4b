// Small networks over every module kind, and data for them.
#include "network_fixtures.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "evaluators/trained_evaluator.h"
#include "search_space/module.h"

namespace fixtures {

using search_space::Architecture;
using search_space::ModuleContext;
using search_space::ModuleSpec;
using search_space::Random;
using search_space::Slot;

namespace {

// One intra-op thread, as the program has it: sums are then the same everywhere.
const bool tuned = (evaluators::tune_process(), true);

ModuleSpec draw(const std::string& kind, const ModuleContext& context, Random& random) {
  const auto& type = search_space::module_type(kind);
  if (!type.why_not(context).empty()) return draw("conv", context, random);
  ModuleSpec spec{kind, {}};
  for (const auto& parameter : type.decisions(context)) {
    int value = parameter.domain[random.below(static_cast<int>(parameter.domain.size()))];
    if (parameter.role == search_space::ParameterSpec::Role::groups) {
      std::vector<int> widths;
      for (const auto& name : parameter.divides)
        widths.push_back(name == "in" ? context.input.channels : spec.at(name));
      value = search_space::largest_common_divisor(widths, value);
    }
    spec.parameters.push_back({parameter.name, value});
  }
  return spec;
}

}  // namespace

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds;
  for (const auto* type : search_space::module_registry()) kinds.emplace_back(type->name());
  return kinds;
}

Architecture architecture_of(const std::string& kind, Random& random) {
  Architecture architecture;
  architecture.input = {3, 12, 12};
  architecture.classes = 5;
  architecture.stem = {{"conv", 16, 3, 1, "relu"}};
  const std::vector<int> strides = {1, 1, 2, 1}, widths = {16, 16, 32, 32};
  search_space::Shape shape{16, 12, 12};
  for (int i = 0; i < 4; ++i) {
    Slot slot;
    slot.stage = i / 2;
    slot.stride = strides[i];
    slot.width = widths[i];
    slot.module = draw(kind, {shape, widths[i], strides[i], 4}, random);
    architecture.slots.push_back(slot);
    shape = {widths[i], shape.height / strides[i], shape.width / strides[i]};
  }
  return architecture;
}

evaluators::DataSet random_data(int images, std::uint64_t seed) {
  evaluators::DataSet data;
  data.name = "random";
  data.class_names = {"a", "b", "c", "d", "e"};
  data.mean = {0.5f, 0.5f, 0.5f};
  data.deviation = {0.25f, 0.3f, 0.2f};
  data.fingerprint = "random";
  Random random(seed);
  for (evaluators::ImageSet* set : {&data.train, &data.validation, &data.probe, &data.test}) {
    *set = {3, 12, 12, {}, {}};
    for (int i = 0; i < images; ++i) set->labels.push_back(random.below(5));
    set->pixels.resize(images * set->image_bytes());
    for (auto& pixel : set->pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  }
  return data;
}

const evaluators::DataSet& shapes() {
  static const evaluators::DataSet data = load_data(evaluators::parse_data_spec("shapes,limit=2000,size=16"), 1);
  return data;
}

evaluators::Network settled_network(const search_space::Graph& graph, std::uint64_t seed) {
  at::NoGradGuard no_grad;
  evaluators::Network network(graph, seed);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed + 1);
  const auto ends_with = [](const std::string& name, const std::string& end) { return name.ends_with(end); };
  for (auto& [name, tensor] : network.named_tensors()) {
    if (ends_with(name, ".bn.weight") || ends_with(name, ".scale")) tensor.uniform_(0.5, 1.5, generator);
    if (ends_with(name, ".bias")) tensor.normal_(0.0, 0.3, generator);
  }
  // Running statistics as training leaves them: averages over batches.
  for (int step = 0; step < 20; ++step) network.forward(random_images(graph, 16, seed + 2 + step), /*training=*/true);
  return network;
}

torch::Tensor random_images(const search_space::Graph& graph, int count, std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const auto& shape = graph.input();
  return at::empty({count, shape.channels, shape.height, shape.width})
      .normal_(0.0, 1.0, generator)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace fixtures
