// synth list: the vocabulary, from the registries.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "evaluators/data/dataset.h"
#include "prototypes/library.h"
#include "results_db/address.h"
#include "results_db/results_db.h"
#include "search_space/errors.h"
#include "search_space/module.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/engine/experiment.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

using nlohmann::ordered_json;

ordered_json list_networks(bool prototypes_only) {
  ordered_json items = ordered_json::array();
  for (const prototypes::Entry& entry : prototypes::builtins()) {
    const bool prototype = entry.role == prototypes::Role::prototype;
    if (prototype != prototypes_only) continue;
    items.push_back({{"name", entry.name}, {"description", entry.description}});
  }
  return items;
}

// A context that every kind can serve, so that its parameters can be shown.
ordered_json list_modules() {
  ordered_json items = ordered_json::array();
  search_space::ModuleContext context;
  context.input = {64, 16, 16};
  context.width = 64;
  for (const search_space::ModuleType* type : search_space::module_registry()) {
    ordered_json item = {
        {"name", type->name()}, {"description", type->summary()}, {"parameters", ordered_json::array()}};
    if (type->why_not(context).empty()) {
      for (const auto& parameter : type->decisions(context)) {
        item["parameters"].push_back({{"name", parameter.name}, {"meaning", parameter.meaning}});
      }
    }
    items.push_back(std::move(item));
  }
  return items;
}

ordered_json list_data_sets() {
  ordered_json items = ordered_json::array();
  for (const auto& kind : evaluators::data_kinds()) {
    items.push_back({{"name", kind.name}, {"description", kind.description}});
  }
  return items;
}

ordered_json list_algorithms() {
  ordered_json items = ordered_json::array();
  for (const auto& algorithm : engine::algorithms()) {
    items.push_back({{"name", algorithm.name}, {"description", algorithm.description}});
  }
  return items;
}

ordered_json list_runs(const std::string& url) {
  ordered_json items = ordered_json::array();
  for (const results_db::ListedRun& run : results_db::list_runs(url)) {
    const bool readable = !run.state.empty();
    items.push_back({{"name", run.name},
                     {"description",
                      readable ? fmt::format("{}, {} networks", run.state, run.networks) : "this role may not read it"},
                     {"run", results_db::with_run(url, run.name)},
                     {"state", readable ? ordered_json(run.state) : ordered_json()},
                     {"networks", readable ? ordered_json(run.networks) : ordered_json()},
                     {"schema_version", run.schema}});
  }
  return items;
}

int run_list(const Command& self, const std::vector<std::string>& arguments) {
  std::string what, url;
  CommandLine line(self);
  line.positional("WHAT", "prototypes | networks | modules | datasets | algorithms | runs", &what)
      .positional("URL", "of runs: the database that holds them", &url, false);
  if (!line.parse(arguments)) return Exit::done;
  if (url.empty() == (what == "runs")) {
    throw search_space::InputError(what == "runs"
                                       ? "synth list runs: name the database: postgresql://USER@HOST/DATABASE"
                                       : fmt::format("synth list {}: takes no URL", what));
  }
  ordered_json items;
  if (what == "prototypes" || what == "networks") {
    items = list_networks(what == "prototypes");
  } else if (what == "modules") {
    items = list_modules();
  } else if (what == "datasets") {
    items = list_data_sets();
  } else if (what == "algorithms") {
    items = list_algorithms();
  } else if (what == "runs") {
    items = list_runs(url);
  } else {
    throw search_space::InputError(fmt::format(
        "synth list: unknown list '{}'{}", what,
        search_space::suggestion(what, {"prototypes", "networks", "modules", "datasets", "algorithms", "runs"})));
  }
  if (line.common().json) {
    print_json({{"schema", "synth/list/1"}, {what, items}});
    return Exit::done;
  }
  report::Table table({{"name", report::Align::left}, {"description", report::Align::left, true}});
  for (const auto& item : items) {
    std::string description = item["description"];
    std::string parameters;
    for (const auto& parameter : item.value("parameters", ordered_json::array())) {
      parameters += (parameters.empty() ? "; parameters: " : ", ") + parameter["name"].get<std::string>();
    }
    table.add({item["name"], description + parameters});
  }
  std::fputs(table.text(output_width()).c_str(), stdout);
  return Exit::done;
}

}  // namespace

Command list_command() {
  return {"list", "the vocabulary: prototypes, networks, modules, datasets, algorithms; runs of a database", run_list};
}

}  // namespace synth::cli
