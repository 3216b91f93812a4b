// synth completion: scripts for shells, made of the commands' own tables of options; and values that only a run knows.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "prototypes/library.h"
#include "search_space/errors.h"
#include "synth/cli/command.h"
#include "synth/cli/common_options.h"
#include "synth/cli/completion_scripts.h"
#include "synth/cli/recorded_family.h"
#include "synth/cli/run_context.h"
#include "synth/engine/experiment.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// RUN#ID and RUN@MEMBER of a run that can be read; nothing else, since completion does not complain.
std::vector<std::string> networks_of_run(const std::string& run, char mark) try {
  std::vector<std::string> result;
  if (!std::filesystem::is_regular_file(run)) return result;
  const RunContext context = open_run(run, results_db::Access::read);
  const results_db::Contents contents = context.db.contents(results_db::Detail::figures);
  if (mark == '#') {
    for (const auto& record : contents.records) result.push_back(fmt::format("{}#{}", run, record.id));
    return result;
  }
  for (const auto& member : contents.family) result.push_back(run + "@" + member.name);
  for (const auto& generator : contents.generators)
    if (generator.accepted) result.push_back(fmt::format("{}@G{}", run, generator.index));
  return result;
} catch (const std::exception&) {
  return {};
}

std::vector<std::string> networks(const std::string& prefix) {
  if (const auto mark = prefix.find_last_of("#@"); mark != std::string::npos)
    return networks_of_run(prefix.substr(0, mark), prefix[mark]);
  std::vector<std::string> names;
  for (const prototypes::Entry& entry : prototypes::builtins()) names.push_back(entry.name);
  return names;
}

int run_completion(const Command& self, const std::vector<std::string>& arguments) {
  std::string shell, values, prefix;
  CommandLine line(self);
  line.positional("SHELL", "bash | zsh | fish", &shell, /*required=*/false);
  line.add_options()                                                                                     //
      ("values", po::value(&values)->value_name("KIND"), "print values instead: networks | algorithms")  //
      ("prefix", po::value(&prefix)->value_name("TEXT"), "what has been typed of the value");
  line.notes(
      "bash:  source <(synth completion bash)           in ~/.bashrc\n"
      "zsh:   synth completion zsh > DIR/_synth         DIR in $fpath, before compinit\n"
      "fish:  synth completion fish > ~/.config/fish/completions/synth.fish");
  if (!line.parse(arguments)) return Exit::done;
  if (!values.empty()) {
    std::vector<std::string> found;
    if (values == "networks") {
      found = networks(prefix);
    } else if (values == "algorithms") {
      for (const auto& algorithm : engine::algorithms()) found.push_back(algorithm.name);
    } else {
      throw search_space::InputError(fmt::format("synth completion: --values: found '{}'{}", values,
                                                 search_space::suggestion(values, {"networks", "algorithms"})));
    }
    for (const std::string& value : found) std::puts(value.c_str());
    return Exit::done;
  }
  const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  const std::vector<CommandTable> tables = shell.empty() ? std::vector<CommandTable>{} : command_tables();
  std::string script;
  if (shell == "bash") script = bash_completion(tables);
  if (shell == "zsh") script = zsh_completion(tables);
  if (shell == "fish") script = fish_completion(tables);
  if (script.empty())
    throw search_space::InputError(
        fmt::format("synth completion: SHELL: found '{}'{}", shell, search_space::suggestion(shell, shells)));
  std::fputs(script.c_str(), stdout);
  return Exit::done;
}

}  // namespace

Command completion_command() {
  return {"completion", "prints the script by which a shell completes commands, options and values", run_completion};
}

}  // namespace synth::cli
