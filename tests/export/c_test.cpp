// The generated C against the integer executor: every primitive and whole networks, in every compiler that is there.
#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>

#include "prototypes/library.h"
#include "random_integers.h"
#include "search_space/cost.h"
#include "search_space/deployment.h"
#include "search_space/errors.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"
#include "synth/export/cortex_m.h"
#include "synth/export/export.h"
#include "synth/export/tools.h"

using namespace synth;
using export_test::random_images;
using export_test::random_integers;
using search_space::Graph;
using search_space::GraphBuilder;

namespace {

ExportInput input_of(const Graph& graph, std::uint64_t seed, int images = 6) {
  ExportInput input{"net", {}, {}};
  input.integers = random_integers(graph, seed);
  input.data = random_images(graph, images, seed);
  return input;
}

void check_equal(const Graph& graph, std::uint64_t seed, int images = 6) {
  const WorkFolder folder;
  const ExportInput input = input_of(graph, seed, images);
  const ExportFormat& format = find_export_format("c");
  export_network(input, format, folder / "some-net.c");
  const Verification found = format.verify(input, folder / "some-net.c");
  INFO(found.statement);
  CHECK(found.passed);
  if (const std::string missing = missing_for_cortex_m(); !missing.empty())
    WARN("not run on Cortex-M: install " << missing);
  else
    CHECK_THAT(found.statement, Catch::Contains("cortex-m4") && Catch::Contains("cortex-m7"));
}

// Primitives in a row, then a head, so that every value counts.
template <typename Emit>
Graph graph_of(const Emit& emit, search_space::Shape shape = {8, 7, 6}) {
  GraphBuilder builder(shape, 5);
  builder.enter("stem", -1, -1, 0);
  const int features = builder.conv("mix", emit(builder), 7, 1, 1, 1, true);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", features), 5));
  return std::move(builder).finish();
}

}  // namespace

TEST_CASE("generated C computes every convolution as the executor does", "[c]") {
  struct Case {
    int from, to, kernel, stride, groups;
  };
  // A few in each network, since every network is compiled for every processor.
  const std::vector<std::vector<Case>> networks = {
      {{3, 20, 3, 2, 1}, {8, 16, 1, 1, 1}, {6, 33, 1, 1, 1}, {16, 37, 1, 2, 1}},
      {{8, 8, 3, 1, 8}, {40, 40, 3, 2, 40}, {19, 19, 5, 1, 19}, {4, 4, 1, 1, 4}},
      {{16, 48, 3, 1, 1}, {8, 32, 3, 1, 8}, {12, 24, 3, 1, 3}, {16, 8, 1, 1, 2}}};
  std::uint64_t seed = 1;
  for (const auto& cases : networks) {
    const auto emit = [&](GraphBuilder& g) {
      int node = 0;
      for (const Case& c : cases) {
        if (g.shape(node).channels != c.from) node = g.conv("to", node, c.from, 1, 1, 1, true);
        node = g.conv("n", node, c.to, c.kernel, c.stride, c.groups, true);
      }
      return node;
    };
    CAPTURE(seed);
    check_equal(graph_of(emit, {cases.front().from, 13, 11}), ++seed);
  }
}

TEST_CASE("generated C computes every other primitive as the executor does", "[c]") {
  const auto other = [](GraphBuilder& g) { return g.conv("other", 0, 8, 1, 1, 1, true); };
  check_equal(graph_of([&](GraphBuilder& g) {
                const int sum = g.add("sum", g.relu(other(g)), 0);
                const int product = g.multiply("product", sum, other(g));
                const int gate = g.activation("sigmoid", g.global_avg_pool("mean", product));
                return g.scale("scale", g.multiply("gated", product, gate));
              }),
              21);
  check_equal(graph_of([&](GraphBuilder& g) {
                const int both = g.channel_shuffle("shuffle", g.concat("both", 0, other(g)), 2);
                return g.concat("again", g.slice("right", both, 5, 11), g.slice("left", both, 0, 5));
              }),
              22);
  check_equal(graph_of([&](GraphBuilder& g) {
                const int small = g.max_pool("max", 0, 3, 2, 1, false);
                const int mean = g.avg_pool("mean", g.activation("hard_swish", small), 2, 2, 0, true);
                return g.activation("hard_sigmoid", g.upsample_nearest("up", mean, 7, 6));
              }),
              23);
}

TEST_CASE("generated C computes whole networks as the executor does", "[c][networks]") {
  // Narrower, since compilers take their time over millions of constants.
  for (const std::string name : {"residual9", "mobilenet_v2,width=0.25", "attendnet_style,width=0.25", "attonet_seed",
                                 "shufflenet_v2,width=0.5", "attendnet_seed"}) {
    CAPTURE(name);
    check_equal(search_space::lower(prototypes::load(name + ",size=32,classes=10").design), 31, 3);
  }
}

TEST_CASE("generated C is clean under the address and undefined-behaviour sanitizers", "[c][sanitizers]") {
  const std::string driver = "#include \"net.h\"\nint main(void) { return net_self_test(); }\n";
  for (const std::string name :
       {"residual9,width=0.25", "attendnet_seed,width=0.5", "mobilenet_v3_small,size=32,width=0.25",
        "shufflenet_v2,size=32,width=0.25", "attonet_seed,size=32"}) {
    const ExportInput input = input_of(search_space::lower(prototypes::load(name + ",classes=10").design), 6);
    const WorkFolder folder;
    export_network(input, find_export_format("c"), folder / "net.c");
    write_bytes(folder / "main.c", driver);
    for (const std::string processor : {"-march=native", "-DSYNTH_PORTABLE"}) {
      CAPTURE(name, processor);
      REQUIRE(run_tool({"gcc", "-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                        processor, "-DNET_SELF_TEST", folder / "net.c", folder / "main.c", "-o", folder / "program"}) ==
              "");
      CHECK(run_tool({folder / "program"}) == "");
    }
  }
}

TEST_CASE("on a Cortex-M4 a program occupies what its header says", "[c]") {
  if (const std::string missing = missing_for_cortex_m(); !missing.empty()) {
    WARN("not measured: install " << missing);
    return;
  }
  const WorkFolder folder;
  for (const std::string name : {"residual9", "attendnet_seed"}) {
    CAPTURE(name);
    const ExportInput input = input_of(search_space::lower(prototypes::load(name).design), 4);
    export_network(input, find_export_format("c"), folder / "net.c", /*overwrite=*/true);
    REQUIRE(run_tool({"sh", "-c",
                      "cd " + (folder / ".") +
                          " && arm-none-eabi-gcc -std=c99 -O2 -mcpu=cortex-m4 -mthumb -c net.c -o net.o"
                          " && arm-none-eabi-size net.o | tail -n 1 > sizes"})
                .empty());
    std::int64_t text = 0, data = 0, zeroed = 0;
    std::istringstream(read_bytes(folder / "sizes")) >> text >> data >> zeroed;
    const auto macro = [header = read_bytes(folder / "net.h")](const std::string& macro_name) {
      const auto at = header.find("#define NET_" + macro_name + " ");
      REQUIRE(at != std::string::npos);
      return std::stoll(header.substr(at + macro_name.size() + 13));
    };
    CHECK(zeroed == macro("ARENA_BYTES"));
    CHECK(data == 0);
    CHECK(text > macro("CONSTANT_BYTES"));
    CHECK(text <= macro("CONSTANT_BYTES") + 12 * 1024);  // code and the layers' sizes
    // Beside what a requirement counts: fixed-point factors (5 bytes a channel) and inputs filled up to fours.
    const auto cost = search_space::cost_of(search_space::lower(prototypes::load(name).design));
    CHECK(macro("CONSTANT_BYTES") >= cost.weight_bytes(8));
    CHECK(macro("CONSTANT_BYTES") <= 1.1 * cost.weight_bytes(8) + 2048);
  }
}

TEST_CASE("requirements count what the program occupies and takes", "[c][deployment]") {
  if (const std::string missing = missing_for_cortex_m(); !missing.empty()) {
    WARN("not measured: install " << missing);
    return;
  }
  // None of them was fitted.
  for (const std::string name :
       {"residual9,width=0.5", "attendnet_seed", "mobilenet_v2,size=32,width=0.25", "shufflenet_v2,size=32,width=0.5",
        "mobilenet_v3_small,size=32,width=0.25", "attonet_seed,size=32"}) {
    const auto graph = search_space::lower(prototypes::load(name).design);
    const auto expected = search_space::deployment_of(graph);
    const WorkFolder folder;
    // Relus that training makes superfluous; random constants know nothing of that.
    ExportInput input = input_of(search_space::deployed_graph(graph), 4);
    input.integers = export_test::random_integers(search_space::deployed_graph(graph), 4, export_test::Factors::usual);
    export_network(input, find_export_format("c"), folder / "net.c");
    const ProgramSizes sizes = program_sizes(cortex_ms()[0], folder / "net.c");
    const auto flash = sizes.code + sizes.constants;
    const auto instructions = static_cast<double>(count_instructions(cortex_ms()[0], folder / "net.c"));
    INFO(name << ": flash " << flash << " expected " << expected.flash() << ", ram " << sizes.memory << " expected "
              << expected.ram << ", instructions " << instructions << " expected " << expected.instructions);
    CHECK(sizes.memory == expected.ram);
    CHECK(flash <= expected.flash());
    CHECK(flash >= expected.flash() - 512);
    CHECK(std::abs(static_cast<double>(expected.instructions) / instructions - 1) <= 0.1);
  }
}

TEST_CASE("instructions are counted, and the same every time", "[c]") {
  if (!missing_for_cortex_m().empty()) return;
  const WorkFolder folder;
  const auto graph = graph_of([](GraphBuilder& g) { return g.conv("n", 0, 64, 1, 1, 1, true); }, {64, 8, 8});
  export_network(input_of(graph, 1), find_export_format("c"), folder / "net.c");
  const auto first = count_instructions(cortex_ms()[0], folder / "net.c");
  CHECK(first == count_instructions(cortex_ms()[0], folder / "net.c"));
  const auto macs = search_space::cost_of(graph).multiply_adds;
  CHECK(first > macs);  // SMLAD does two at once, loads and rounding cost more than it saves
  CHECK(first < 3 * macs);
}

TEST_CASE("names become C identifiers, and paths that cannot are refused", "[c]") {
  const ExportInput input = input_of(graph_of([](GraphBuilder& g) { return g.relu(0); }), 1);
  const ExportFormat& format = find_export_format("c");
  const auto files = export_files(input, format, "some/9 lives-\xc3\xa9.c");
  REQUIRE(files.size() == 2);
  CHECK(files[1].path == "some/9 lives-\xc3\xa9.h");
  CHECK_THAT(files[1].bytes, Catch::Contains("int net_9_lives____run(const int8_t *input, int8_t *output);"));
  CHECK_THROWS_WITH(export_files(input, format, "net"), Catch::Contains("does not end in .c"));
  CHECK_THROWS_WITH(export_files(input, format, "a\"b.c"), Catch::Contains("quotes"));
}

TEST_CASE("a program that answers otherwise fails its verification", "[c]") {
  const WorkFolder folder;
  const ExportInput input = input_of(graph_of([](GraphBuilder& g) { return g.relu(0); }), 1);
  const ExportFormat& format = find_export_format("c");
  export_network(input, format, folder / "net.c");
  const ExportInput other = input_of(graph_of([](GraphBuilder& g) { return g.relu(0); }), 2);
  CHECK_FALSE(format.verify(other, folder / "net.c").passed);
  std::string text = read_bytes(folder / "net.c");
  write_bytes(folder / "net.c", text + "int twice;;\n");
  CHECK_THAT(format.verify(input, folder / "net.c").statement, Catch::Contains("net.c"));
}

TEST_CASE("sums that could leave 29 bits are refused where they arise", "[c]") {
  ExportInput input = input_of(graph_of([](GraphBuilder& g) { return g.relu(0); }), 1);
  for (auto& node : input.integers->nodes)
    if (node.bias.size() == 7) node.bias[3] = 1 << 29;
  CHECK_THROWS_WITH(export_files(input, find_export_format("c"), "net.c"),
                    Catch::Contains("stem.mix") && Catch::Contains("channel 3"));
}
