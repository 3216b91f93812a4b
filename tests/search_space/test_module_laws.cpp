// Laws that every registered module kind keeps, in sampled contexts with sampled parameters. A new kind is tested here
// without new test code.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <set>

#include "search_space/architecture_json.h"
#include "search_space/cost.h"
#include "search_space/lowering.h"
#include "search_space/module.h"
#include "search_space/random.h"

using namespace search_space;

namespace {

constexpr int samples = 200;

ModuleContext sampled_context(Random& random) {
  const int multiples[] = {1, 2, 4, 8};
  ModuleContext context;
  context.channel_multiple = multiples[random.below(4)];
  context.width = context.channel_multiple * (1 + random.below(40));
  context.stride = 1 + random.below(2);
  const int input = random.below(2) == 0 ? context.width : context.channel_multiple * (1 + random.below(40));
  context.input = {input, context.stride + random.below(40), context.stride + random.below(40)};
  return context;
}

ModuleSpec sampled_spec(const ModuleType& type, const ModuleContext& context, Random& random) {
  ModuleSpec spec{std::string(type.name()), {}};
  const auto parameters = type.decisions(context);
  for (const ParameterSpec& parameter : parameters) {
    spec.parameters.push_back(
        {parameter.name, parameter.domain[random.below(static_cast<int>(parameter.domain.size()))]});
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].role != ParameterSpec::Role::groups) continue;
    std::vector<int> widths;
    for (const auto& name : parameters[i].divides) {
      widths.push_back(name == "in" ? context.input.channels : spec.at(name));
    }
    spec.parameters[i].value = largest_common_divisor(widths, spec.parameters[i].value);
  }
  return spec;
}

Architecture around(const ModuleSpec& spec, const ModuleContext& context) {
  Architecture architecture;
  architecture.input = context.input;
  architecture.classes = 7;
  Slot slot;
  slot.stride = context.stride;
  slot.width = context.width;
  slot.module = spec;
  architecture.slots = {slot};
  return architecture;
}

// Calls law(type, context, spec) for sampled cases of every kind that can stand in the sampled context.
template <typename Law>
void for_every_kind(Law law) {
  for (const ModuleType* type : module_registry()) {
    Random random(stream_seed(5, type->name(), "laws"));
    int met = 0;
    for (int i = 0; i < samples; ++i) {
      const ModuleContext context = sampled_context(random);
      if (!type->why_not(context).empty()) continue;
      ++met;
      const ModuleSpec spec = sampled_spec(*type, context, random);
      INFO(type->name() << " " << architecture_to_json(around(spec, context)).dump());
      law(*type, context, spec);
    }
    INFO(type->name());
    CHECK(met >= 20);
  }
}

}  // namespace

TEST_CASE("every kind describes itself") {
  std::set<std::string_view> names;
  for (const ModuleType* type : module_registry()) {
    CHECK(names.insert(type->name()).second);
    CHECK_FALSE(type->summary().empty());
    CHECK(&module_type(type->name()) == type);
  }
}

TEST_CASE("domains ascend, are never empty, and widths are multiples") {
  for_every_kind([](const ModuleType& type, const ModuleContext& context, const ModuleSpec&) {
    for (const ParameterSpec& parameter : type.decisions(context)) {
      REQUIRE_FALSE(parameter.domain.empty());
      REQUIRE_FALSE(parameter.meaning.empty());
      REQUIRE(std::is_sorted(parameter.domain.begin(), parameter.domain.end()));
      REQUIRE(std::adjacent_find(parameter.domain.begin(), parameter.domain.end()) == parameter.domain.end());
      for (const int value : parameter.domain) {
        REQUIRE(value >= (parameter.role == ParameterSpec::Role::flag ? 0 : 1));
        if (parameter.role == ParameterSpec::Role::flag) REQUIRE(value <= 1);
        if (parameter.role == ParameterSpec::Role::width) REQUIRE(value % context.channel_multiple == 0);
      }
    }
  });
}

TEST_CASE("shape law: the slot's width, extents divided by the stride and rounded up") {
  for_every_kind([](const ModuleType& type, const ModuleContext& context, const ModuleSpec& spec) {
    GraphBuilder builder(context.input, 7);
    builder.enter(type.name(), 0, 0, 0);
    const int output = type.lower(spec, context, 0, builder);
    if (output < 0) return;
    const int s = context.stride;
    REQUIRE(builder.shape(output) ==
            Shape{context.width, (context.input.height + s - 1) / s, (context.input.width + s - 1) / s});
  });
}

TEST_CASE("names are unique, inputs precede their readers, every node is read") {
  for_every_kind([](const ModuleType&, const ModuleContext& context, const ModuleSpec& spec) {
    const Graph graph = lower(around(spec, context));
    std::set<std::string> names;
    for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
      REQUIRE(names.insert(graph.full_name(i)).second);
      for (const int input : graph.nodes[i].inputs) REQUIRE(input < i);
      if (i > 0) REQUIRE(graph.nodes[i].inputs[0] >= 0);
    }
    const auto uses = graph.use_counts();
    for (std::size_t i = 0; i + 1 < uses.size(); ++i) REQUIRE(uses[i] > 0);
    REQUIRE(graph.nodes.back().op == Op::softmax);
    REQUIRE(graph.nodes[graph.slot_output(0)].output.channels == context.width);
    REQUIRE(graph.slot_input(0) == 0);
  });
}

TEST_CASE("costs of nodes sum to the cost of the graph; folding moves only batch norm's scale") {
  for_every_kind([](const ModuleType&, const ModuleContext& context, const ModuleSpec& spec) {
    const Graph graph = lower(around(spec, context));
    std::int64_t normalised = 0;
    for (const Node& node : graph.nodes) normalised += node.op == Op::batch_norm ? node.output.channels : 0;
    for (const Counting counting : {Counting::folded, Counting::published}) {
      Cost sum;
      for (const Cost& cost : cost_per_node(graph, counting)) {
        sum.weights += cost.weights;
        sum.biases += cost.biases;
        sum.multiply_adds += cost.multiply_adds;
        sum.peak_activations = std::max(sum.peak_activations, cost.peak_activations);
      }
      REQUIRE(sum == cost_of(graph, counting));
    }
    REQUIRE(cost_of(graph, Counting::published).parameters() == cost_of(graph).parameters() + normalised);
  });
}

TEST_CASE("JSON round trip keeps network and key") {
  for_every_kind([](const ModuleType&, const ModuleContext& context, const ModuleSpec& spec) {
    const Architecture architecture = around(spec, context);
    const auto json = nlohmann::json::parse(architecture_to_json(architecture, "a name").dump());
    const Architecture read = architecture_from_json(json, "test");
    REQUIRE(read == architecture);
    REQUIRE(read.key() == architecture.key());
    REQUIRE(lower(read).nodes == lower(architecture).nodes);
  });
}

TEST_CASE("a missing parameter is an error of the input") {
  for_every_kind([](const ModuleType&, const ModuleContext& context, const ModuleSpec& spec) {
    if (spec.parameters.empty()) return;
    ModuleSpec broken = spec;
    broken.parameters.clear();
    REQUIRE_THROWS(lower(around(broken, context)));
  });
}
