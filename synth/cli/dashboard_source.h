// What a dashboard shows: runs read again whenever they have changed, one document for all who look.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace synth::cli {

// A document, and the number by which another one is told from it.
struct Snapshot {
  std::uint64_t version = 0;
  // JSON, schema synth/report/1, in parts that later documents share.
  std::vector<std::shared_ptr<const std::string>> parts;

  std::size_t size() const;
  std::string_view at(std::size_t offset) const;  // what one part holds from there on; empty at the end
};

class DashboardSource {
 public:
  static constexpr int most_runs = 20;  // of a folder; the newest

  // `path`: a run, or a folder or database whose runs are shown. InputError, EnvironmentError where there is none; what
  // happens to runs later is shown, not thrown.
  explicit DashboardSource(std::string path);
  ~DashboardSource();

  Snapshot current() const;
  // Waits until there is another version than `seen`, at most so long, or until `stop`; returns the current one.
  Snapshot wait(std::uint64_t seen, std::chrono::milliseconds at_most) const;
  // Picture, layers and evidence of a network, read now; none if there is no such run or network.
  std::optional<std::string> network(std::size_t run, int id) const;
  // Weights, as safetensors, of a network by its number or of a family's member by its name; none where none are kept.
  std::optional<std::string> weights(std::size_t run, const std::string& network) const;
  // What the model of accuracy believes of a run; none if there is no such run. It takes long to infer: made once for
  // all who ask, and not again for 20 times as long.
  std::optional<std::string> belief(std::size_t run);
  // Images of its data; likewise.
  std::optional<std::string> sheet(std::size_t run);
  void stop();  // ends every wait

 private:
  struct Watched {
    std::string seen;                              // state of its files when it was read
    std::shared_ptr<const std::string> text;       // its entry of "runs", as JSON
    bool running = false;                          // it may be killed without a trace in its files
    std::chrono::steady_clock::time_point read{};  // when
    std::chrono::steady_clock::duration took{};
  };

  struct Inferred {
    std::string seen;  // state of the run's files
    std::string text;
    std::chrono::steady_clock::time_point again{};  // not before
  };

  std::vector<std::string> find_runs();
  std::vector<std::string> runs_of_database();
  std::optional<std::string> inferred(std::size_t run, std::map<std::string, Inferred>& known,
                                      nlohmann::ordered_json (*infer)(const std::string& path));
  std::optional<std::string> path_of(std::size_t run) const;  // as the snapshot counts them
  bool refresh(const std::string& run, Watched& watched) const;
  void publish(std::vector<std::string> runs);
  void watch(std::stop_token stop);

  const std::string path_;
  const bool folder_;
  std::string note_;                                // what the folder holds beyond
  std::chrono::steady_clock::time_point listed_{};  // when the database was asked for its runs
  std::map<std::string, Watched> watched_;          // by path; the watching thread's own
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Snapshot snapshot_;
  std::vector<std::string> runs_;  // of the snapshot
  bool stopped_ = false;
  std::mutex inferring_;                              // one at a time
  std::map<std::string, Inferred> beliefs_, sheets_;  // by path
  std::jthread thread_;                               // last: it reads the others
};

}  // namespace synth::cli
