// synth worker: evaluates candidates of a search that runs elsewhere.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "evaluators/trained_evaluator.h"
#include "results_db/address.h"
#include "results_db/work_queue.h"
#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/duration.h"
#include "synth/cli/json_output.h"
#include "synth/cli/run_checks.h"
#include "synth/cli/run_context.h"
#include "synth/cli/search_run.h"
#include "synth/cli/session.h"
#include "synth/cli/shared_evaluator.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
using namespace std::chrono_literals;

constexpr auto pause = 200ms;  // between two looks for work

// What every evaluation is recorded with.
std::string machine_of(const results_db::Session& session) {
  nlohmann::ordered_json machine = {{"processor", session.processor},
                                    {"instruction_sets", session.instruction_sets},
                                    {"kernels", session.kernels},
                                    {"bf16", session.bf16},
                                    {"versions", nlohmann::json::parse(session.versions)},
                                    {"limits", nlohmann::json::parse(session.limits)}};
  return machine.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Its results must round as those of the search do.
void check_machine(const RunContext& context, bool on_other_processor, Console& console) {
  const std::vector<results_db::Session> sessions = context.db.sessions();
  if (sessions.empty()) return;
  const std::vector<std::string> found = differences(sessions.back(), describe_session(context.options));
  if (found.empty()) return;
  const std::string what = fmt::format("{}: this machine computes differently from that of the search:\n  {}\n",
                                       context.path, fmt::join(found, "\n  "));
  if (!on_other_processor)
    throw search_space::EnvironmentError(
        what +
        "Its results would not be those of one machine, bit for bit; with --on-other-processor they count all "
        "the same, and are recorded with the machine");
  console.warn("synth: " + what + "going on by --on-other-processor");
}

// One process of a worker: its threads take candidates from the queue until the run ends.
class Worker {
 public:
  Worker(const RunContext& context, const RunParts& parts, results_db::WorkQueue& queue, const Interrupt& interrupt,
         Console& console)
      : context_(context),
        evaluator_(make_evaluator(parts, results_db::beside(context.path, fmt::format(".work-{}", ::getpid())))),
        queue_(queue),
        interrupt_(interrupt),
        console_(console),
        machine_(machine_of(describe_session(parts.options))) {}

  void work(int jobs);
  void hand_back_after(std::chrono::duration<double> grace) { grace_ = grace; }
  int evaluated() const { return evaluated_; }
  int dropped() const { return dropped_; }

 private:
  void thread();
  bool over();
  evaluators::Request request_for(const results_db::Claim& claim);
  void take(results_db::Claim& claim);
  void give_up_in_time(results_db::Claim& claim, const std::stop_token& stop);

  const RunContext& context_;
  const std::unique_ptr<evaluators::Evaluator> evaluator_;
  results_db::WorkQueue& queue_;
  const Interrupt& interrupt_;
  Console& console_;
  const std::string machine_;
  std::mutex mutex_;  // of the database, the console and what follows
  int evaluated_ = 0, dropped_ = 0;
  std::optional<std::chrono::duration<double>> grace_;  // from the first signal to giving up
  std::atomic<bool> given_up_ = false;
  std::exception_ptr failure_;
};

bool Worker::over() {
  if (interrupt_.stop) return true;
  const std::lock_guard lock(mutex_);
  if (failure_) return true;
  const std::string state = context_.db.run().state;
  return state == "done" || state == "infeasible";
}

evaluators::Request Worker::request_for(const results_db::Claim& claim) {
  const results_db::Candidate& candidate = claim.candidate;
  if (const std::string reason = context_.space->why_not(candidate.design);
      !reason.empty() || context_.space->key(candidate.design) != candidate.key)
    throw search_space::EnvironmentError(fmt::format("{}: candidate {} is damaged: {}", context_.path,
                                                     candidate.network, reason.empty() ? "its key" : reason));
  evaluators::Request request;
  request.design = candidate.design;
  request.key = candidate.key;
  request.seed = engine::evaluation_seed(static_cast<std::uint64_t>(context_.options.seed), candidate.key);
  request.stop = &claim.lost;
  if (candidate.full)
    request.margin = [this](double accuracy, int samples) {
      return engine::margin_of(context_.objective, accuracy, samples);
    };
  request.brief = engine::trained_alike(
      engine_config(context_.options),
      {candidate.network, candidate.key, candidate.design, candidate.parent, candidate.full});
  if (candidate.parent == 0) return request;
  const std::lock_guard lock(mutex_);
  results_db::Record parent = context_.db.record(candidate.parent, true);
  request.parent = std::make_shared<evaluators::Parent>(
      evaluators::Parent{std::move(parent.design), std::move(parent.key), std::move(parent.evaluation.weights),
                         std::move(parent.evaluation.evidence)});
  return request;
}

void Worker::take(results_db::Claim& claim) {
  const auto say = [&](const std::string& what) {
    const std::lock_guard lock(mutex_);
    console_.note(fmt::format("network {}: {}", claim.candidate.network, what));
  };
  try {
    const evaluators::Evaluation evaluation = evaluator_->evaluate(request_for(claim));
    const bool kept = queue_.commit(claim, evaluation, machine_);
    {
      const std::lock_guard lock(mutex_);
      ++(kept ? evaluated_ : dropped_);
    }
    say(!kept ? "dropped, since its lease was over"
        : evaluation.outcome == evaluators::Outcome::trained
            ? fmt::format("accuracy {:.2f} %", 100 * evaluation.accuracy)
            : std::string(evaluators::outcome_name(evaluation.outcome)));
  } catch (const evaluators::Stopped&) {
    if (given_up_) queue_.hand_back(claim);
    say(given_up_ ? "handed back" : "given up, since its lease was over");
    const std::lock_guard lock(mutex_);
    dropped_ += given_up_ ? 0 : 1;
  } catch (...) {
    queue_.hand_back(claim);
    throw;
  }
}

// A second Ctrl-C, or the end of its grace, gives up what is in flight.
void Worker::give_up_in_time(results_db::Claim& claim, const std::stop_token& stop) {
  std::optional<std::chrono::steady_clock::time_point> asked;
  while (!stop.stop_requested() && !claim.lost) {
    const auto now = std::chrono::steady_clock::now();
    if (interrupt_.stop && !asked) asked = now;
    if (interrupt_.hard_stop || (asked && grace_ && now - *asked >= *grace_)) {
      given_up_ = true;
      claim.lost = true;
    }
    std::this_thread::sleep_for(50ms);
  }
}

void Worker::thread() {
  try {
    while (!over()) {
      if (const auto claim = queue_.claim()) {
        const std::jthread watch([&](const std::stop_token& stop) { give_up_in_time(*claim, stop); });
        take(*claim);
      } else {
        std::this_thread::sleep_for(pause);
      }
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

void Worker::work(int jobs) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < (evaluator_->may_run_in_parallel() ? jobs : 1); ++i) threads.emplace_back([this] { thread(); });
  }
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace

int run_worker(const Command& self, const std::vector<std::string>& arguments) {
  std::string url, evaluator, lease, grace;
  int jobs = 0;
  bool on_other_processor = false;
  CommandLine line(self);
  line.positional("URL", "run of a search: postgresql://USER@HOST/DATABASE?run=NAME", &url);
  line.add_options()                                                                                           //
      ("jobs", po::value(&jobs)->value_name("N"), "candidates evaluated side by side; default: one per core")  //
      ("evaluator", po::value(&evaluator)->value_name("command:PROGRAM ..."),
       "the program of your own that judges the run's networks, as 'synth search' was given it")  //
      ("lease", po::value(&lease)->default_value("60s")->value_name("T"),
       "after this time without a word from here others may take what is in flight")  //
      ("grace", po::value(&grace)->value_name("T"),
       "after Ctrl-C or SIGTERM hand back what is not finished within this time; default: finish it")  //
      ("on-other-processor", po::bool_switch(&on_other_processor),
       "work although this machine rounds differently; recorded with each result");
  line.notes("Ends when the run does, or by Ctrl-C, which finishes what is in flight; a second one hands it back.");
  if (!line.parse(arguments)) return Exit::done;
  Console console(line.common());
  results_db::parse_run_address(url);
  RunContext context = open_run(url, results_db::Access::share);
  check_evaluator("worker", url, context.options.evaluator, evaluator);
  check_machine(context, on_other_processor, console);
  const double seconds = parse_duration(lease, "--lease");
  SearchOptions options = context.options;
  options.jobs = line.given("jobs") ? jobs : 0;
  if (options.jobs < 0 || options.jobs > 1024)
    throw search_space::InputError(fmt::format("--jobs: found {}, allowed are 0 to 1024", options.jobs));
  const auto data =
      evaluators::load_data(evaluators::parse_data_spec(context.run.data), static_cast<std::uint64_t>(options.seed));
  check_same(url, "the data set " + context.run.data, context.run.data_fingerprint, data.fingerprint);
  const RunParts parts{options, *context.space, data};
  check_same(url, "the evaluator", context.run.evaluator, evaluator_identity(parts));
  const Interrupt& interrupt = watch_for_interrupt(true);
  context.db.wait_for_server(patience_of(console, interrupt));
  results_db::WorkQueue queue(url, std::chrono::milliseconds(std::max<std::int64_t>(1, std::llround(1000 * seconds))),
                              patience_of(console, interrupt));
  Worker worker(context, parts, queue, interrupt, console);
  if (!grace.empty()) worker.hand_back_after(std::chrono::duration<double>(parse_duration(grace, "--grace")));
  worker.work(engine_config(options).jobs);
  if (line.common().json) {
    print_json({{"schema", "synth/worker/1"}, {"evaluated", worker.evaluated()}, {"dropped", worker.dropped()}});
  } else {
    console.note(fmt::format("{} networks evaluated, {} dropped", worker.evaluated(), worker.dropped()));
  }
  return interrupt.stop ? Exit::interrupted : Exit::done;
}

}  // namespace synth::cli
