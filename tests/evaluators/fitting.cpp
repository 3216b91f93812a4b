// Fresh modules learn to answer as those that they replace.
#include "evaluators/fitting.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

#include "evaluators/evaluator.h"
#include "evaluators/training.h"
#include "network_fixtures.h"
#include "search_space/lowering.h"

using namespace evaluators;
using search_space::Architecture;
using search_space::Graph;

namespace {

// Three bottlenecks; the second is at stride 2.
Architecture design_of(const std::vector<search_space::ModuleSpec>& modules, int width = 16) {
  Architecture design;
  design.input = {3, 16, 16};
  design.classes = 10;
  design.stem = {{"conv", 8, 3, 1, "relu"}};
  for (int i = 0; i < static_cast<int>(modules.size()); ++i)
    design.slots.push_back({i, i == 1 ? 2 : 1, width, modules[i], search_space::Shortcut::residual, "relu"});
  return design;
}

const search_space::ModuleSpec bottleneck = {"bottleneck", {{"inner", 8}}};

const Graph& parent_graph() {
  static const Graph graph = search_space::lower(design_of({bottleneck, bottleneck, bottleneck}));
  return graph;
}

Network trained_parent() {
  static const std::map<std::string, at::Tensor> tensors = [] {
    Network network(parent_graph(), 1);
    TrainingSettings settings;
    settings.epochs = 3;
    settings.batch_size = 64;
    settings.bf16 = false;
    train(network, fixtures::shapes(), settings, 2);
    return network.named_tensors();
  }();
  Network copy(parent_graph(), 1);
  at::NoGradGuard no_grad;
  for (auto& [name, tensor] : copy.named_tensors()) tensor.copy_(tensors.at(name));
  return copy;
}

std::map<std::string, at::Tensor> copied(const Network& network) {
  std::map<std::string, at::Tensor> result;
  for (const auto& [name, tensor] : network.named_tensors()) result[name] = tensor.detach().clone();
  return result;
}

// The child of another kind in `slot`, as it inherits.
struct Child {
  Network network;
  Inherited inherited;
};

Child child_of(Network& parent, const std::vector<search_space::ModuleSpec>& modules, int width = 16) {
  Child child{Network(search_space::lower(design_of(modules, width)), 3), {}};
  child.inherited = inherit(child.network, parent.graph(), parent.named_tensors(), {});
  return child;
}

FitSettings settings_for(double epochs) {
  FitSettings settings;
  settings.epochs = epochs;
  settings.bf16 = false;
  return settings;
}

}  // namespace

TEST_CASE("slots of another kind are fresh, those that only lose channels are not", "[fitting]") {
  Network parent = trained_parent();
  const search_space::ModuleSpec conv = {"conv", {{"kernel", 3}}};
  CHECK(child_of(parent, {bottleneck, bottleneck, bottleneck}, 12).inherited.fresh.empty());
  const auto fresh = child_of(parent, {conv, bottleneck, conv}).inherited.fresh;
  REQUIRE(fresh.size() == 2);
  CHECK(fresh[0].slot == 0);
  CHECK(fresh[1].slot == 2);
  // What was absent has no responses to be like.
  const search_space::ModuleSpec skip = {"skip", {}};
  Network without(search_space::lower(design_of({bottleneck, bottleneck, skip})), 5);
  CHECK(child_of(without, {bottleneck, bottleneck, conv}).inherited.fresh.empty());
}

TEST_CASE("a fit moves the fresh modules alone, explains more with time, and is the same each time", "[fitting]") {
  Network parent = trained_parent();
  const auto parent_before = copied(parent);
  const search_space::ModuleSpec conv = {"conv", {{"kernel", 3}}};
  const std::vector<search_space::ModuleSpec> modules = {conv, conv, bottleneck};
  Child brief = child_of(parent, modules), longer = child_of(parent, modules), again = child_of(parent, modules);
  const auto before = copied(brief.network);
  const auto first = fit(brief.network, parent, brief.inherited.fresh, fixtures::shapes(), settings_for(0.1), 7);
  const auto second = fit(longer.network, parent, longer.inherited.fresh, fixtures::shapes(), settings_for(2), 7);
  const auto third = fit(again.network, parent, again.inherited.fresh, fixtures::shapes(), settings_for(2), 7);
  REQUIRE(second.size() == 2);
  for (int slot : {0, 1}) {
    CHECK(second[slot].slot == slot);
    CHECK(second[slot].explained == third[slot].explained);
    CHECK(second[slot].explained <= 1);
    // 3x3 convolutions can do nearly all that these bottlenecks do. Over 12 seeds as it is, as AVX2 and as SSE4.1: at
    // least 0.81 and 0.73 with deviations below 0.02, and between 0.15 and 0.19 after a tenth of an epoch.
    CHECK(second[slot].explained > 0.5);
    CHECK(second[slot].explained > first[slot].explained);
  }
  for (const auto& [name, tensor] : longer.network.named_tensors()) {
    INFO(name);
    CHECK(at::equal(tensor, again.network.named_tensors().at(name)));
    if (name.find(".running_") != std::string::npos || name.find(".conv.") != std::string::npos) continue;
    if (name.find("slot") == std::string::npos || name.find("bottleneck") != std::string::npos)
      CHECK(at::equal(tensor, before.at(name)));
  }
  for (const auto& [name, tensor] : parent.named_tensors()) CHECK(at::equal(tensor, parent_before.at(name)));
}

TEST_CASE("modules of every kind and of fewer channels can be fitted", "[fitting]") {
  Network parent = trained_parent();
  search_space::Random random(11);
  for (const std::string& kind : fixtures::all_kinds()) {
    INFO(kind);
    const Architecture drawn = fixtures::architecture_of(kind, random);
    const search_space::ModuleSpec* module = nullptr;
    for (const auto& slot : drawn.slots)
      if (slot.module.kind == kind && slot.stride == 1) module = &slot.module;
    if (module == nullptr || kind == "skip") continue;
    std::optional<Child> child;
    try {
      child.emplace(child_of(parent, {bottleneck, bottleneck, *module}, 12));
    } catch (const std::exception&) {
      continue;  // its parameters do not suit these widths
    }
    const auto fits = fit(child->network, parent, child->inherited.fresh, fixtures::shapes(), settings_for(0.2), 7);
    for (const FitEvidence& evidence : fits) {
      CHECK(evidence.slot == 2);
      CHECK(evidence.explained >= 0);
      CHECK(evidence.explained <= 1);
    }
    for (const auto& [name, tensor] : child->network.named_tensors())
      CHECK(at::isfinite(tensor).all().item<bool>());
  }
}

TEST_CASE("a fit that diverges leaves the network as it was, silent", "[fitting]") {
  Network parent = trained_parent();
  Child child = child_of(parent, {{"conv", {{"kernel", 3}}}, bottleneck, bottleneck});
  const auto before = copied(child.network);
  FitSettings settings = settings_for(1);
  settings.learning_rate = 1e30;
  const auto fits = fit(child.network, parent, child.inherited.fresh, fixtures::shapes(), settings, 7);
  REQUIRE(fits.size() == 1);
  CHECK(fits[0].explained == 0);
  for (const auto& [name, tensor] : child.network.named_tensors()) {
    INFO(name);
    CHECK(at::equal(tensor, before.at(name)));
  }
}

TEST_CASE("a fit gives up when it is told to", "[fitting]") {
  Network parent = trained_parent();
  Child child = child_of(parent, {{"conv", {{"kernel", 3}}}, bottleneck, bottleneck});
  const std::atomic<bool> stop = true;
  CHECK_THROWS_AS(fit(child.network, parent, child.inherited.fresh, fixtures::shapes(), settings_for(1), 7, &stop),
                  Stopped);
}
