// synth dashboard: the page of synth report, live.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/dashboard_server.h"
#include "synth/cli/interrupt.h"
#include "synth/cli/json_output.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// Loopback needs no token, and any other address one: it is made where no file holds it.
DashboardAccess access_of(const std::string& address, const std::string& token_file) {
  if (!token_file.empty()) return {address, read_token(token_file)};
  const std::string made = random_token();
  DashboardAccess guarded(address, made);
  return guarded.loopback() ? DashboardAccess(address, "") : guarded;
}

int run_dashboard(const Command& self, const std::vector<std::string>& arguments) {
  std::string path;
  std::string address, token_file;
  int port = 0;
  CommandLine line(self);
  line.positional("RUN", "run database, a folder of run databases, or the URL of a database of runs", &path);
  line.add_options()("port", po::value(&port)->default_value(8080)->value_name("N"),
                     "port to listen on; 0 = any free one")  //
      ("listen", po::value(&address)->default_value("127.0.0.1")->value_name("ADDRESS"),
       "address to listen on; others than this machine's own need a token")  //
      ("token-file", po::value(&token_file)->value_name("FILE"),
       "file whose first line is the token; default: one is made and printed where it is needed");
  line.notes(
      "New networks appear within a second of being recorded; the search is not disturbed. Only programs on this "
      "machine can connect, unless --listen says otherwise. Ctrl-C ends it. 'synth report RUN' writes the same page as "
      "a file.");
  if (!line.parse(arguments)) return Exit::done;
  if (port < 0 || port > 65535) {
    throw search_space::InputError(fmt::format("synth dashboard: --port: found {}, allowed are 0 to 65535", port));
  }
  DashboardAccess access = access_of(address, token_file);
  ::mallopt(M_ARENA_MAX, 1);  // what one reading has freed serves the next, whichever thread it is of
  const Interrupt& interrupt = watch_for_interrupt(false);
  [[maybe_unused]] const int priority = ::nice(10);  // a search comes first
  DashboardSource source(path);
  DashboardServer server(source, std::move(access), port);
  const std::string url = server.url();
  if (line.common().json) {
    print_json({{"schema", "synth/dashboard/1"}, {"url", url}});
    std::fflush(stdout);
  } else {
    Console(line.common()).note(fmt::format("{} shows {}; Ctrl-C ends it", url, search_space::printable(path)));
  }
  server.serve(interrupt.stop);
  return Exit::done;
}

}  // namespace

Command dashboard_command() {
  return {"dashboard", "the page of 'report', live in a browser", run_dashboard};
}

}  // namespace synth::cli
