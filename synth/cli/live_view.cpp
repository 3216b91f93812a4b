// Drawing the state of a search.
#include "synth/cli/live_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "synth/report/table.h"

namespace synth::cli {

using report::format_count;
using report::format_percent;
using report::format_score;
using report::format_seconds;

namespace {

// Cut to whole code points, with an ellipsis where something is missing.
std::string cut(const std::string& line, int columns) {
  if (columns <= 0 || report::display_width(line) <= columns) return line;
  std::string kept;
  int width = 0;
  for (std::size_t i = 0; i < line.size() && width < columns - 1;) {
    std::size_t length = 1;
    while (i + length < line.size() && (static_cast<unsigned char>(line[i + length]) & 0xC0) == 0x80) ++length;
    kept.append(line, i, length);
    i += length;
    ++width;
  }
  return kept + "…";
}

std::string figures(const engine::Record& record) {
  return fmt::format("{}, {} parameters, {} multiply-adds, NetScore {}", format_percent(record.evaluation.accuracy),
                     format_count(static_cast<double>(record.evaluation.cost.parameters())),
                     format_count(static_cast<double>(record.evaluation.cost.multiply_adds)),
                     format_score(record.performance));
}

// What is left of the budget that ends first, as far as it can be told.
std::string time_left(const ViewState& state, double seconds) {
  std::optional<double> left;
  if (state.config.seconds > 0) left = std::max(0.0, state.config.seconds - seconds);
  if (state.config.evaluations > 0 && state.evaluated > 0) {
    const double by_count = seconds / state.evaluated * std::max(0, state.config.evaluations - state.evaluated);
    left = left ? std::min(*left, by_count) : by_count;
  }
  return left ? "about " + format_seconds(*left) + " left at most" : "no time limit";
}

}  // namespace

std::string evaluation_line(const engine::Record& record) {
  using evaluators::Outcome;
  if (record.evaluation.outcome != Outcome::trained) {
    return fmt::format("#{} {}: {}", record.id, evaluators::outcome_name(record.evaluation.outcome),
                       record.evaluation.message);
  }
  return fmt::format("#{} {}{}", record.id, figures(record),
                     record.feasible
                         ? ", feasible"
                         : fmt::format(", not feasible (at least {})", format_percent(record.accuracy_lower_bound)));
}

std::vector<std::string> render_block(const ViewState& state, double seconds, int columns) {
  std::vector<std::string> lines;
  const std::string of = state.config.generators > 0 ? fmt::format(" of {}", state.config.generators) : "";
  lines.push_back(fmt::format("generator {}{}{}", state.accepted + 1, of,
                              state.last_proposal.empty() ? "" : "; last proposal " + state.last_proposal));
  const std::string budget = state.config.evaluations > 0 ? fmt::format(" of {}", state.config.evaluations) : "";
  lines.push_back(
      fmt::format("networks  {}{} evaluated, {} in flight", state.evaluated, budget, state.in_flight.size()));
  for (const auto& [id, flight] : state.in_flight) {
    lines.push_back(flight.progress.epochs > 0
                        ? fmt::format("  #{:<6} epoch {:.1f} of {:.1f}, accuracy so far {}", id,
                                      std::min(flight.progress.epoch, flight.progress.epochs), flight.progress.epochs,
                                      format_percent(flight.progress.accuracy))
                        : fmt::format("  #{:<6} starting", id));
  }
  lines.push_back(state.best ? fmt::format("best      #{} {}", state.best->id, figures(*state.best))
                             : "best      none feasible yet");
  lines.push_back(fmt::format("time      {}, {}", format_seconds(seconds), time_left(state, seconds)));
  if (state.stopping) lines.push_back("finishing what is in flight; Ctrl-C once more to stop at once");
  for (std::string& line : lines) line = cut(line, columns);
  return lines;
}

LiveView::LiveView(Console& console, const engine::Config& config, double earlier_seconds, int recorded_generators,
                   const Interrupt& interrupt)
    : console_(console),
      interrupt_(interrupt),
      live_(!console.quiet() && is_terminal(stderr)),
      recorded_generators_(recorded_generators) {
  state_.config = config;
  state_.earlier_seconds = earlier_seconds;
  if (live_) ticker_ = std::jthread([this](std::stop_token stop) { run_ticker(stop); });
}

LiveView::~LiveView() {
  finish();
}

double LiveView::seconds() {
  const std::lock_guard lock(mutex_);
  return elapsed();
}

double LiveView::elapsed() const {
  const auto now = std::chrono::steady_clock::now();
  return state_.earlier_seconds + (start_ ? std::chrono::duration<double>(now - *start_).count() : 0);
}

void LiveView::run_ticker(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    redraw();
    wake_.wait_for(lock, stop, std::chrono::milliseconds(250), [] { return false; });
  }
}

void LiveView::redraw() {
  if (!live_ || finished_) return;
  state_.stopping = interrupt_.stop;
  std::string text;
  if (drawn_lines_ > 0) text += fmt::format("\r\033[{}A\033[J", drawn_lines_);
  // A line as wide as the terminal would wrap on some; one column is left free.
  const std::vector<std::string> lines = render_block(state_, elapsed(), std::max(10, terminal_width() - 1));
  for (const std::string& line : lines) text += line + "\n";
  drawn_lines_ = static_cast<int>(lines.size());
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void LiveView::event(const std::string& line) {
  const std::string stamped = fmt::format("{}  [{}]", line, format_seconds(elapsed()));
  if (live_) {
    console_.log(stamped);
  } else {
    console_.note(stamped);
  }
}

void LiveView::count(const engine::Record& record) {
  state_.in_flight.erase(record.id);
  ++state_.evaluated;
  if (!record.feasible || (state_.best && state_.best->performance >= record.performance)) return;
  state_.best = record;
  state_.best->evaluation.weights.clear();
}

void LiveView::on_start_evaluation(const std::string&, int id) {
  const std::lock_guard lock(mutex_);
  if (!start_) start_ = std::chrono::steady_clock::now();
  state_.in_flight[id] = {};
}

void LiveView::on_progress(int id, const evaluators::Progress& progress) {
  const std::lock_guard lock(mutex_);
  state_.in_flight[id].progress = progress;
}

void LiveView::on_evaluation(const engine::Record& record) {
  const std::lock_guard lock(mutex_);
  count(record);
  event(evaluation_line(record));
}

void LiveView::on_replay(const engine::Record& record) {
  const std::lock_guard lock(mutex_);
  count(record);
}

void LiveView::on_generator(const engine::GeneratorRecord& generator) {
  const std::lock_guard lock(mutex_);
  state_.last_proposal = std::string(generator.accepted ? "accepted: " : "rejected: ") + generator.reason;
  if (generator.accepted) state_.accepted = generator.index;
  if (generator.proposal < recorded_generators_) return;
  event(fmt::format("generator {} {}", generator.index, state_.last_proposal));
  if (console_.verbose() && !live_) {
    for (const std::string& sentence : generator.evidence) console_.detail("  " + sentence);
  }
}

void LiveView::finish() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  const std::lock_guard lock(mutex_);
  if (live_ && drawn_lines_ > 0 && !finished_) {
    std::fprintf(stderr, "\r\033[%dA\033[J", drawn_lines_);
    std::fflush(stderr);
  }
  finished_ = true;
}

}  // namespace synth::cli
