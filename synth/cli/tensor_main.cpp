// synth-tensors: the commands that train, measure or take apart networks, and so need LibTorch.
#include <algorithm>
#include <map>

#include "evaluators/trained_evaluator.h"
#include "search_space/errors.h"
#include "synth/cli/command.h"
#include "synth/cli/crash.h"

namespace synth::cli {

// Each is one source file of this folder.
int run_search(const Command& self, const std::vector<std::string>& arguments);
int run_resume(const Command& self, const std::vector<std::string>& arguments);
int run_worker(const Command& self, const std::vector<std::string>& arguments);
int run_family(const Command& self, const std::vector<std::string>& arguments);
int run_train(const Command& self, const std::vector<std::string>& arguments);
int run_evaluate(const Command& self, const std::vector<std::string>& arguments);
int run_predict(const Command& self, const std::vector<std::string>& arguments);
int run_export(const Command& self, const std::vector<std::string>& arguments);
int run_import(const Command& self, const std::vector<std::string>& arguments);
int run_measure(const Command& self, const std::vector<std::string>& arguments);
int run_verify(const Command& self, const std::vector<std::string>& arguments);

namespace {

int work(const std::vector<std::string>& arguments) {
  static const std::map<std::string, Run> runs = {
      {"search", run_search},   {"worker", run_worker},     {"resume", run_resume}, {"family", run_family},
      {"train", run_train},     {"evaluate", run_evaluate}, {"export", run_export}, {"verify", run_verify},
      {"measure", run_measure}, {"import", run_import},   {"predict", run_predict}};
  const auto run = arguments.empty() ? runs.end() : runs.find(arguments.front());
  if (run == runs.end()) throw search_space::InputError("synth-tensors is started by synth, not by hand");
  const auto self = std::find_if(commands().begin(), commands().end(),
                                 [&](const Command& command) { return command.name == run->first; });
  watch_for_crashes("synth " + self->name);
  evaluators::tune_process();
  return run->second(*self, {arguments.begin() + 1, arguments.end()});
}

}  // namespace
}  // namespace synth::cli

int main(int argc, char** argv) {
  return synth::cli::guarded(argc, argv, synth::cli::work);
}
