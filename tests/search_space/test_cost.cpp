// Costs counted by hand, and the liveness of activations.
#include <catch2/catch.hpp>

#include "search_space/cost.h"
#include "search_space/graph_builder.h"
#include "search_space/lowering.h"

using namespace search_space;

TEST_CASE("a convolution, batch norm and dense layer by hand") {
  GraphBuilder builder({3, 8, 8}, 5);
  builder.enter("stem", -1, -1, 0);
  const int features = builder.conv_bn_relu("conv", 0, 16, 3, 2);
  builder.softmax(builder.linear("dense", builder.global_avg_pool("pool", features), 5));
  const Graph graph = std::move(builder).finish();
  const Cost folded = cost_of(graph);
  CHECK(folded.weights == 3 * 9 * 16 + 16 * 5);
  CHECK(folded.biases == 16 + 5);
  CHECK(folded.multiply_adds == 3 * 9 * 16 * 16 + 16 * 5);
  CHECK(folded.weight_bytes(8) == folded.weights + 4 * folded.biases);
  CHECK(folded.weight_bytes(4) == folded.weights / 2 + 4 * folded.biases);
  CHECK(cost_of(graph, Counting::published).parameters() == folded.parameters() + 16);
  // Worst step: the convolution, with its input (192) and output (256) alive; batch norm and relu run in place.
  CHECK(folded.peak_activations == 192 + 256);
}

TEST_CASE("a grouped convolution reads only its group") {
  GraphBuilder builder({8, 4, 4}, 2);
  builder.conv("conv", 0, 16, 3, 1, 8);
  const Graph graph = std::move(builder).finish();
  CHECK(cost_of(graph).weights == 16 * 9);
  CHECK(cost_of(graph).multiply_adds == 16 * 9 * 16);
}

TEST_CASE("a residual input stays alive until its sum") {
  Architecture net;
  net.input = {4, 2, 2};  // 16 elements
  net.classes = 2;
  Slot slot;
  slot.width = 4;
  slot.module = {"bottleneck", {{"inner", 8}}};
  net.slots = {slot};
  // Worst step: the 3x3 convolution, with the slot's input (16), its own input (32) and its output (32) alive.
  CHECK(cost_of(lower(net)).peak_activations == 16 + 32 + 32);
}

TEST_CASE("an in-place step needs its input to have no later reader") {
  GraphBuilder builder({1, 1, 10}, 2);
  const int sigmoid = builder.activation("sigmoid", 0);
  builder.multiply("attend", 0, sigmoid);  // reads the input again
  CHECK(cost_of(std::move(builder).finish()).peak_activations == 20);
}
