// Watching runs by their files: no connection is held between two readings, so that a search is never kept from
// anything.
#include "synth/cli/dashboard_source.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "results_db/address.h"
#include "search_space/errors.h"
#include "search_space/search_space.h"
#include "synth/cli/page_data.h"
#include "synth/cli/run_context.h"
#include "synth/cli/version.h"
#include "synth/report/network_detail.h"

namespace synth::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr auto poll = 200ms;
constexpr auto breath = 600ms;  // between two readings of a run: nobody reads faster, and the search has work to do
constexpr auto abandoned = 5s;  // how soon a killed search is noticed
constexpr int idle_share = 20;  // a reading is followed by a pause of so many times its length

// Identity, size and time of a run's files: a commit changes at least one of them. Of a run in a database what it
// counts.
std::string state_of(const std::string& run) {
  if (results_db::is_url(run)) return results_db::state_mark(run);
  std::string text;
  for (const char* suffix : {"", "-wal"}) {
    struct stat status {};
    if (::stat((run + suffix).c_str(), &status) != 0) {
      text += "none;";
      continue;
    }
    text += fmt::format("{}:{}:{}:{}.{};", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                        status.st_mtim.tv_nsec);
  }
  return text;
}

bool is_database(const fs::path& path) {
  char start[16] = {};
  std::ifstream(path, std::ios::binary).read(start, sizeof start);
  return std::string_view(start, sizeof start) == std::string_view("SQLite format 3\0", sizeof start);
}

// Strings of a run may hold bytes that are no UTF-8.
std::string dumped(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// An entry of "runs". `running`: whether the run may change without a trace in its files.
std::string entry_of(const std::string& run, bool& running) {
  try {
    report::PageLimits limits;
    limits.details = 0;  // the page asks for those that are looked at
    const ordered_json entry = page_run(run, limits);
    running = entry["state"] == "running";
    return dumped(entry);
  } catch (const std::exception& error) {
    running = true;  // it may come back
    return dumped({{"name", run}, {"error", error.what()}});
  }
}

}  // namespace

std::size_t Snapshot::size() const {
  std::size_t sum = 0;
  for (const auto& part : parts) sum += part->size();
  return sum;
}

std::string_view Snapshot::at(std::size_t offset) const {
  for (const auto& part : parts) {
    if (offset < part->size()) return std::string_view(*part).substr(offset);
    offset -= part->size();
  }
  return {};
}

DashboardSource::DashboardSource(std::string path)
    : path_(std::move(path)),
      folder_(results_db::is_url(path_) ? results_db::parse_address(path_).run.empty() : fs::is_directory(path_)) {
  std::vector<std::string> runs = find_runs();
  if (runs.empty()) {
    throw search_space::InputError(fmt::format("{}: holds no run", search_space::printable(path_)));
  }
  // A single run that cannot be read is an error now; later it is shown.
  if (!folder_) open_run(path_, results_db::Access::read);
  for (const std::string& run : runs) refresh(run, watched_[run]);
  publish(std::move(runs));
  thread_ = std::jthread([this](std::stop_token stop) { watch(stop); });
}

DashboardSource::~DashboardSource() {
  stop();
}

void DashboardSource::stop() {
  thread_.request_stop();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::vector<std::string> DashboardSource::find_runs() {
  if (!folder_) return {path_};
  if (results_db::is_url(path_)) return runs_of_database();
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored) || entry->path().extension() != ".db" || !is_database(entry->path())) continue;
    found.emplace_back(entry->last_write_time(ignored), entry->path().string());
  }
  std::sort(found.rbegin(), found.rend());
  const int left = static_cast<int>(found.size()) - most_runs;
  note_ = left > 0 ? fmt::format("The {} newest runs of the folder are shown; {} older ones are not.", most_runs, left)
                   : std::string();
  if (left > 0) found.resize(most_runs);
  std::vector<std::string> runs;
  for (auto& [time, run] : found) runs.push_back(std::move(run));
  std::sort(runs.begin(), runs.end());  // an address names a run by its place
  return runs;
}

// The first by name.
std::vector<std::string> DashboardSource::runs_of_database() {
  const auto now = steady_clock::now();
  if (listed_ + breath > now) return runs_;
  listed_ = now;
  std::vector<std::string> runs;
  for (const results_db::ListedRun& run : results_db::list_runs(path_))
    if (!run.state.empty()) runs.push_back(results_db::with_run(path_, run.name));
  const int left = static_cast<int>(runs.size()) - most_runs;
  note_ = left > 0 ? fmt::format("The first {} runs of the database are shown; {} more are not.", most_runs, left)
                   : std::string();
  if (left > 0) runs.resize(most_runs);
  return runs;
}

// Reads the run again if it may have changed, but not for the larger part of the time. Whether its entry is another.
bool DashboardSource::refresh(const std::string& run, Watched& watched) const {
  const auto now = steady_clock::now();
  const bool due = watched.running && now - watched.read > abandoned;
  const auto pause = std::max<steady_clock::duration>(breath, idle_share * watched.took);
  const bool soon = watched.text && now - watched.read < pause;
  if (soon && results_db::is_url(run)) return false;  // asking a server costs more than asking for a file's time
  std::string files = state_of(run);
  if (files == watched.seen && !due) {
    if (results_db::is_url(run)) watched.read = now;
    return false;
  }
  if (soon) return false;
  std::string text = entry_of(run, watched.running);
  ::malloc_trim(0);  // a large run takes ten times its document while it is read
  watched.seen = std::move(files);
  watched.read = steady_clock::now();
  watched.took = watched.read - now;
  if (watched.text && text == *watched.text) return false;
  watched.text = std::make_shared<const std::string>(std::move(text));
  return true;
}

void DashboardSource::publish(std::vector<std::string> runs) {
  ordered_json head = {{"schema", "synth/report/1"}, {"live", true}, {"program", program_version}};
  if (!note_.empty()) head["note"] = note_;
  std::string opening = dumped(head);
  opening.back() = ',';
  const auto part = [](std::string text) { return std::make_shared<const std::string>(std::move(text)); };
  Snapshot next{snapshot_.version + 1, {part(opening + "\"runs\":[")}};
  for (const std::string& run : runs) {
    if (run != runs.front()) next.parts.push_back(part(","));
    next.parts.push_back(watched_[run].text);
  }
  next.parts.push_back(part("]}"));
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(next);
  runs_ = std::move(runs);
  changed_.notify_all();
}

void DashboardSource::watch(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, poll, [this] { return stopped_; });
      if (stopped_) return;
    }
    std::vector<std::string> runs = find_runs();
    bool different = runs != runs_;  // written by this thread alone
    for (const std::string& run : runs) different |= refresh(run, watched_[run]);
    if (different) publish(std::move(runs));
  }
}

Snapshot DashboardSource::current() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

Snapshot DashboardSource::wait(std::uint64_t seen, std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most, [&] { return stopped_ || snapshot_.version != seen; });
  return snapshot_;
}

std::optional<std::string> DashboardSource::path_of(std::size_t run) const {
  const std::lock_guard lock(mutex_);
  if (run >= runs_.size()) return std::nullopt;
  return runs_[run];
}

std::optional<std::string> DashboardSource::inferred(std::size_t run, std::map<std::string, Inferred>& all,
                                                     ordered_json (*infer)(const std::string& path)) {
  const auto path = path_of(run);
  if (!path) return std::nullopt;
  const std::lock_guard lock(inferring_);
  Inferred& known = all[*path];
  const auto start = steady_clock::now();
  std::string files = state_of(*path);
  if (!known.text.empty() && (files == known.seen || start < known.again)) return known.text;
  known.text = dumped(infer(*path));
  ::malloc_trim(0);
  known.seen = std::move(files);
  const auto end = steady_clock::now();
  known.again = end + idle_share * (end - start);
  return known.text;
}

std::optional<std::string> DashboardSource::belief(std::size_t run) {
  return inferred(run, beliefs_, page_belief);
}

std::optional<std::string> DashboardSource::sheet(std::size_t run) {
  return inferred(run, sheets_, page_sheet);
}

std::optional<std::string> DashboardSource::weights(std::size_t run, const std::string& network) const {
  const auto path = path_of(run);
  if (!path) return std::nullopt;
  try {
    const RunContext context = open_run(*path, results_db::Access::read);
    const bool number = network.find_first_not_of("0123456789") == std::string::npos;
    const results_db::Record record = find_place(context, (number ? "#" : "@") + network, true);
    if (record.evaluation.weights.empty()) return std::nullopt;
    return record.evaluation.weights;
  } catch (const search_space::InputError&) {
    return std::nullopt;
  }
}

std::optional<std::string> DashboardSource::network(std::size_t run, int id) const {
  const auto path = path_of(run);
  if (!path) return std::nullopt;
  try {
    RunContext context = open_run(*path, results_db::Access::read);
    const results_db::Record record = context.db.record(id, false);
    return dumped(report::network_detail(context.architecture(record), record, context.objective.requirements()));
  } catch (const search_space::InputError&) {
    return std::nullopt;
  }
}

}  // namespace synth::cli
