// Programs whose instructions on a Cortex-M4 are counted, a line of JSON each: what instructions.py fits the cost model
// to.
//   bench_instructions random COUNT SEED     COUNT small networks around each primitive
//   bench_instructions NETWORK...            built-in ones
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "prototypes/library.h"
#include "search_space/deployment.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"
#include "search_space/random.h"
#include "synth/export/cortex_m.h"
#include "synth/export/export.h"
#include "synth/export/tools.h"
#include "tests/export/random_integers.h"

using namespace synth;
using search_space::GraphBuilder;
using search_space::Random;

namespace {

void report(const std::string& name, const search_space::Graph& graph) {
  const auto deployed = search_space::deployed_graph(graph);
  ExportInput input{"net", {}, {}};
  input.integers = export_test::random_integers(deployed, 5, export_test::Factors::usual);
  const WorkFolder folder;
  export_network(input, find_export_format("c"), folder / "net.c");
  const ProgramSizes sizes = program_sizes(cortex_ms()[0], folder / "net.c");
  std::map<std::string, std::vector<double>> terms;
  std::map<std::string, int> ops;
  for (int i = 1; i < static_cast<int>(deployed.nodes.size()); ++i) {
    ++ops[std::string(search_space::op_name(deployed.nodes[i].op))];
    for (const auto& [routine, counts] : search_space::routine_terms(deployed, i)) {
      auto& sum = terms[std::to_string(static_cast<int>(routine))];
      sum.resize(counts.size());
      for (std::size_t k = 0; k < counts.size(); ++k) sum[k] += counts[k];
    }
  }
  const auto expected = search_space::deployment_of(graph);
  const nlohmann::ordered_json line = {{"name", name},
                                       {"instructions", count_instructions(cortex_ms()[0], folder / "net.c")},
                                       {"code", sizes.code},
                                       {"constants", sizes.constants},
                                       {"ram", sizes.memory},
                                       {"terms", terms},
                                       {"ops", ops},
                                       {"expected",
                                        {{"instructions", expected.instructions},
                                         {"flash", expected.flash()},
                                         {"constants", expected.constants},
                                         {"ram", expected.ram}}}};
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

// One more of a primitive behind `from`, with drawn dimensions.
struct Draw {
  GraphBuilder& g;
  Random& random;

  int pick(const std::vector<int>& values) { return values[random.below(static_cast<int>(values.size()))]; }
  int conv(int from, int to, int kernel = 1, int stride = 1, int groups = 1) {
    return g.conv("n", from, to, kernel, stride, groups, true);
  }
  int channels(int from) { return g.shape(from).channels; }
  bool wide(int from) { return g.shape(from).height > 3 && g.shape(from).width > 3; }
};

using Primitive = std::function<int(Draw& draw, int from)>;

std::vector<std::pair<std::string, Primitive>> primitives() {
  return {
      {"pointwise",
       [](Draw& d, int x) {
         return d.conv(x, d.pick({5, 8, 10, 16, 21, 24, 32, 48, 64, 80}), 1, d.pick({1, 1, 2}));
       }},
      {"conv",
       [](Draw& d, int x) {
         return d.conv(x, d.pick({5, 8, 12, 16, 24, 32, 48}), d.pick({3, 3, 5}), d.pick({1, 2}));
       }},
      {"grouped",
       [](Draw& d, int x) {
         if (d.channels(x) % 4 != 0) x = d.conv(x, 16);
         return d.conv(x, d.pick({8, 16, 24, 32, 48}), d.pick({1, 3}), 1, d.pick({2, 4}));
       }},
      {"depthwise",
       [](Draw& d, int x) {
         return d.conv(x, d.channels(x), 3, d.pick({1, 1, 2}), d.channels(x));
       }},
      {"depthwise_any",
       [](Draw& d, int x) {
         return d.conv(x, d.channels(x), d.pick({5, 1, 7}), d.pick({1, 1, 2}), d.channels(x));
       }},
      {"max_pool",
       [](Draw& d, int x) {
         return d.wide(x) ? d.g.max_pool("n", x, d.pick({2, 3}), d.pick({1, 2}), d.pick({0, 1}), d.pick({0, 1}) == 1)
                          : x;
       }},
      {"avg_pool",
       [](Draw& d, int x) {
         return d.wide(x) ? d.g.avg_pool("n", x, d.pick({2, 3}), d.pick({1, 2}), 0, false) : x;
       }},
      {"gate", [](Draw& d, int x) { return d.g.multiply("n", x, d.conv(d.g.global_avg_pool("n", x), d.channels(x))); }},
      {"add", [](Draw& d, int x) { return d.g.add("n", x, d.conv(x, d.channels(x))); }},
      {"multiply", [](Draw& d, int x) { return d.g.multiply("n", x, d.conv(x, d.channels(x))); }},
      {"scale", [](Draw& d, int x) { return d.g.scale("n", x); }},
      {"concat",
       [](Draw& d, int x) {
         return d.channels(x) < 64 ? d.g.concat("n", x, d.conv(x, d.pick({3, 8, 16, 20}))) : x;
       }},
      {"relu", [](Draw& d, int x) { return d.g.relu(d.g.add("n", x, d.g.relu(x))); }},
      {"table",
       [](Draw& d, int x) {
         return d.g.activation(d.pick({0, 1}) == 1 ? "sigmoid" : "hard_swish", x);
       }},
      {"slice",
       [](Draw& d, int x) {
         const int first = d.random.below(d.channels(x) - 2), count = 1 + d.random.below(d.channels(x) - first);
         return d.conv(d.g.concat("n", d.g.slice("n", x, first, count), d.conv(x, 8)), 24);
       }},
      {"channel_shuffle",
       [](Draw& d, int x) {
         if (d.channels(x) % 4 != 0) x = d.conv(x, 16);
         return d.g.channel_shuffle("n", x, d.pick({2, 4}));
       }},
      {"upsample_nearest",
       [](Draw& d, int x) {
         const auto& shape = d.g.shape(x);
         return shape.width > 30
                    ? x
                    : d.g.upsample_nearest("n", x, shape.height + d.random.below(5), shape.width + d.random.below(6));
       }},
  };
}

void report_random(int count, std::uint64_t seed) {
  Random random(seed);
  for (const auto& [name, add] : primitives())
    for (int i = 0; i < count; ++i) {
      GraphBuilder builder({1 + random.below(4), 6 + random.below(10), 6 + random.below(10)}, 5);
      builder.enter("stem", -1, -1, 0);
      Draw draw{builder, random};
      int x = draw.conv(0, draw.pick({4, 6, 8, 12, 16, 20, 24, 32, 36, 40, 48, 64}));
      for (int more = 1 + random.below(4); more > 0; --more) x = add(draw, x);
      builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", draw.conv(x, 7)), 5));
      report(name + std::to_string(i), std::move(builder).finish());
    }
}

}  // namespace

int main(int count, char** words) {
  if (const std::string missing = missing_for_cortex_m(); !missing.empty()) {
    std::fputs(("install " + missing + "\n").c_str(), stderr);
    return 1;
  }
  if (count == 4 && std::string(words[1]) == "random") {
    report_random(std::stoi(words[2]), std::stoull(words[3]));
    return 0;
  }
  for (int i = 1; i < count; ++i) report(words[i], search_space::lower(prototypes::load(words[i]).design));
  return 0;
}
