// The generators that matter most of a run, in ten lines; the whole is lineage_text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "synth/report/lineage.h"
#include "synth/report/spread.h"
#include "synth/report/table.h"

namespace synth::report {
namespace {

using results_db::GeneratorRecord;

constexpr std::size_t lines = 10;
constexpr int bar_width = 16;

// In mean U over the parent; proposals are numbered from 0 without gaps.
double gain(const RunView& view, const GeneratorRecord& generator) {
  if (generator.parent < 0 || generator.parent >= static_cast<int>(view.generators.size())) return 0;
  const double difference =
      generator.mean_performance - view.generators[static_cast<std::size_t>(generator.parent)].mean_performance;
  return std::isfinite(difference) ? difference : 0;
}

// The first and the last accepted generator, and between them those that gained most, in order.
std::vector<const GeneratorRecord*> chosen(const RunView& view) {
  std::vector<const GeneratorRecord*> accepted;
  for (const auto& generator : view.generators) {
    if (generator.accepted) accepted.push_back(&generator);
  }
  if (accepted.size() <= lines) return accepted;
  const auto by_gain = [&](const auto* a, const auto* b) { return gain(view, *a) > gain(view, *b); };
  std::stable_sort(accepted.begin() + 1, accepted.end() - 1, by_gain);
  accepted.erase(accepted.begin() + lines - 1, accepted.end() - 1);
  std::sort(accepted.begin(), accepted.end(), [](const auto* a, const auto* b) { return a->proposal < b->proposal; });
  return accepted;
}

// Of the sentence about the change that most seeds share, what was changed: "stage1.slot2.kind conv -> skip".
std::string main_change(const GeneratorRecord& generator) {
  if (generator.parent < 0 || generator.evidence.empty()) return generator.reason;
  const std::string& sentence = generator.evidence.front();
  const std::size_t end = sentence.find(" in ");
  const std::size_t more = generator.evidence.size() - 1;
  return sentence.substr(0, end) + (more > 0 ? fmt::format(", and {} more", more) : "");
}

std::string bar(double share) {
  const int cells = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * bar_width));
  std::string text;
  for (int i = 0; i < cells; ++i) text += "█";
  return text;
}

std::string heading(const RunView& view, std::size_t accepted) {
  const auto of = view.generators.size();
  return fmt::format("{}: {}, {} networks evaluated; {} of {} proposals accepted\n\n", view.name, view.run.state,
                     view.records.size(), accepted, of);
}

}  // namespace

std::string lineage_summary(const RunView& view, int columns) {
  const auto accepted = static_cast<std::size_t>(
      std::count_if(view.generators.begin(), view.generators.end(), [](const auto& g) { return g.accepted; }));
  std::string out = wrapped_text(heading(view, accepted), columns);
  const auto shown = chosen(view);
  if (shown.empty()) out += "No generator has been accepted.\n";
  const bool bars = columns > 0;
  std::vector<Column> titles = {{"generator", Align::left}, {"mean U"}};
  if (bars) titles.push_back({"", Align::left});
  for (Column column : {Column{"accuracy min"}, Column{"parameters"}, Column{"what changed", Align::left, true}}) {
    titles.push_back(std::move(column));
  }
  Table table(titles);
  double low = INFINITY, high = -INFINITY;
  for (const auto* generator : shown) {
    low = std::min(low, generator->mean_performance);
    high = std::max(high, generator->mean_performance);
  }
  for (const auto* generator : shown) {
    const Spread spread = spread_of(view, *generator);
    std::vector<std::string> cells = {fmt::format("G{}", generator->index), format_score(generator->mean_performance)};
    if (bars) cells.push_back(bar(high > low ? (generator->mean_performance - low) / (high - low) : 1));
    cells.push_back(format_percent(minimum_accuracy(view, *generator)));
    cells.push_back(format_range(spread.fewest_parameters, spread.most_parameters));
    cells.push_back(main_change(*generator));
    table.add(std::move(cells));
  }
  if (!shown.empty()) out += table.text(columns);
  if (accepted > shown.size()) {
    out += fmt::format("{} more accepted generators gained less.\n", accepted - shown.size());
  }
  return out +
         wrapped_text(fmt::format("\n'synth lineage {0} --all' prints every proposal with its reason, its margins and "
                                  "what drove each change;\n'synth report {0}' shows them as pictures.\n",
                                  view.name),
                      columns, 2);
}

}  // namespace synth::report
