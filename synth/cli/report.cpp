// synth report: runs as one self-contained HTML file.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/json_output.h"
#include "synth/cli/page_data.h"
#include "synth/report/page.h"
#include "synth/report/table.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// Under a temporary name first: whoever has the old report open, or no space left, keeps it. A device or pipe, also
// behind a link, is written to and never replaced.
void write_report(const std::string& path, const std::string& html) {
  const bool in_place = fs::exists(path) && !fs::is_regular_file(path);
  const std::string unfinished = in_place ? path : path + ".new";
  const auto failed = [&](const char* what) {
    const std::string reason = std::strerror(errno);
    if (!in_place) std::remove(unfinished.c_str());
    throw search_space::EnvironmentError(
        fmt::format("synth report: --out {}: {}: {}; choose a folder that exists and has space", path, what, reason));
  };
  if (fs::is_directory(path)) {
    throw search_space::InputError(fmt::format("synth report: --out {}: is a directory; a file is needed", path));
  }
  std::FILE* file = std::fopen(unfinished.c_str(), "wb");
  if (file == nullptr) failed("cannot be written");
  const bool written = std::fwrite(html.data(), 1, html.size(), file) == html.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) failed("cannot be written");
  if (!in_place && std::rename(unfinished.c_str(), path.c_str()) != 0) failed("cannot be replaced");
}

int run_report(const Command& self, const std::vector<std::string>& arguments) {
  std::vector<std::string> runs;
  std::string out;
  CommandLine line(self);
  line.positionals(
      "RUN", "run databases; several are compared; results of 'synth bench --json' (FILE.json) may stand among them",
      &runs, 1);
  line.add_options()("out", po::value(&out)->default_value("report.html")->value_name("FILE"), "file to write");
  bool without_images = false;
  line.add_options()("no-images", po::bool_switch(&without_images),
                     "leave out example images, and do not read the data set");
  line.notes(
      "The file needs no network and no other file: it opens from a mail attachment. 'synth dashboard RUN' shows the "
      "same while a search runs.");
  if (!line.parse(arguments)) return Exit::done;
  const std::string html = report::page_html(page_document(runs, !without_images));
  write_report(out, html);
  if (line.common().json) {
    print_json({{"schema", "synth/report-file/1"}, {"file", out}, {"bytes", html.size()}, {"runs", runs}});
  } else {
    Console(line.common())
        .note(fmt::format("wrote {} ({}); open it in a browser", search_space::printable(out),
                          report::format_bytes(static_cast<std::int64_t>(html.size()))));
  }
  return Exit::done;
}

}  // namespace

Command report_command() {
  return {"report", "one self-contained HTML page about one or several runs", run_report};
}

}  // namespace synth::cli
