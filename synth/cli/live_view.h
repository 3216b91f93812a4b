// What one sees while a search runs: on a terminal one block redrawn in place, elsewhere one plain line per event.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "synth/cli/console.h"
#include "synth/cli/interrupt.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

// The figures a view shows, separate from how they are drawn.
struct ViewState {
  engine::Config config;
  double earlier_seconds = 0;  // wall time of former sessions
  int accepted = -1;           // k of the last accepted generator
  std::string last_proposal;   // "accepted: ..." or "rejected: ..."
  int evaluated = 0;
  struct Flight {
    evaluators::Progress progress;
  };
  std::map<int, Flight> in_flight;  // by network number
  std::optional<engine::Record> best;
  bool stopping = false;
};

// The block's lines, each cut to `columns` code points (0 = uncut). `seconds`: wall time of all sessions.
std::vector<std::string> render_block(const ViewState& state, double seconds, int columns);
// "#12 91.20 % (at least 90.4 %), 41.2 k parameters, ..." of one evaluation.
std::string evaluation_line(const engine::Record& record);

class LiveView : public engine::Observer {
 public:
  // `recorded_generators`: proposals that a former session has already shown.
  LiveView(Console& console, const engine::Config& config, double earlier_seconds, int recorded_generators,
           const Interrupt& interrupt);
  ~LiveView() override;

  void on_start_evaluation(const std::string& key, int id) override;
  void on_progress(int id, const evaluators::Progress& progress) override;
  void on_evaluation(const engine::Record& record) override;
  void on_replay(const engine::Record& record) override;
  void on_generator(const engine::GeneratorRecord& generator) override;

  // Removes the block; nothing is drawn afterwards.
  void finish();
  double seconds();  // wall time of all sessions; a replay takes none

 private:
  double elapsed() const;  // with mutex_ held
  void count(const engine::Record& record);
  void event(const std::string& line);
  void redraw();  // with mutex_ held
  void run_ticker(std::stop_token stop);

  Console& console_;
  const Interrupt& interrupt_;
  const bool live_;
  const int recorded_generators_;
  std::optional<std::chrono::steady_clock::time_point> start_;  // of this session's first evaluation
  std::mutex mutex_;
  std::condition_variable_any wake_;
  ViewState state_;
  int drawn_lines_ = 0;
  bool finished_ = false;
  std::jthread ticker_;  // last: it reads the others
};

}  // namespace synth::cli
