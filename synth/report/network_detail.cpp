// One network for the page: what show, the network's picture and the probe say of it, in few bytes.
#include "synth/report/network_detail.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "search_space/lowering.h"
#include "synth/report/network_boxes.h"
#include "synth/report/network_table.h"
#include "synth/report/page_numbers.h"

namespace synth::report {
namespace {

using nlohmann::ordered_json;

ordered_json columns_of(const search_space::Architecture& architecture) {
  static constexpr const char* bypasses[] = {"none", "identity", "projection"};
  ordered_json columns = ordered_json::array();
  int slot = 0;
  for (const NetworkColumn& column : boxes_of(architecture).columns) {
    const bool stage = column.title != "stem" && column.title != "head";
    ordered_json boxes = ordered_json::array();
    for (const NetworkBox& box : column.boxes) {
      boxes.push_back({{"kind", box.kind},
                       {"title", box.title},
                       {"widths", box.widths},
                       {"tooltip", box.tooltip},
                       {"details", box.details},
                       {"stride", box.stride},
                       {"bypass", bypasses[static_cast<int>(box.bypass)]},
                       {"colour", colour_of(box.kind)},
                       {"slot", stage ? slot++ : -1}});
    }
    columns.push_back({{"title", column.title}, {"detail", column.detail}, {"boxes", std::move(boxes)}});
  }
  return columns;
}

ordered_json layers_of(const search_space::Graph& graph, const engine::Requirements& requirements) {
  const auto costs = folded_costs(graph, search_space::Counting::folded);
  ordered_json layers = ordered_json::array();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& node = graph.nodes[i];
    if (left_out(node, costs[i])) continue;
    layers.push_back({graph.full_name(static_cast<int>(i)), search_space::op_name(node.op),
                      fmt::format("{}x{}x{}", node.output.channels, node.output.height, node.output.width),
                      costs[i].parameters(), costs[i].multiply_adds, costs[i].weight_bytes(requirements.weight_bits),
                      costs[i].peak_activation_bytes(requirements.activation_bits), node.slot});
  }
  return layers;
}

ordered_json evidence_of(const evaluators::Evidence& evidence) {
  ordered_json slots = ordered_json::array(), layers = ordered_json::array();
  for (const auto& found : evidence.slots) slots.push_back({found.slot, page_number(found.bypass_loss_change, 4)});
  for (const auto& found : evidence.layers) {
    layers.push_back(
        {found.layer, found.slot, page_number(found.effective_rank, 4), page_number(found.quantisation_snr_db, 4)});
  }
  return {
      {"probe_loss", page_number(evidence.probe_loss, 4)}, {"slots", std::move(slots)}, {"layers", std::move(layers)}};
}

}  // namespace

ordered_json network_detail(const search_space::Architecture& architecture, const results_db::Record& record,
                            const engine::Requirements& requirements) {
  ordered_json detail = {{"columns", columns_of(architecture)},
                         {"layers", layers_of(search_space::lower(architecture), requirements)}};
  const auto& evidence = record.evaluation.evidence;
  if (!evidence.slots.empty() || !evidence.layers.empty()) detail["evidence"] = evidence_of(evidence);
  return detail;
}

}  // namespace synth::report
