// Who may include whom: search_space <- prototypes <- evaluators <- results_db <- synth, and where heavy libraries
// stay.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> layers = {"search_space", "prototypes", "evaluators", "results_db", "synth"};

int layer_of(const std::string& path) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (path.rfind(layers[i] + "/", 0) == 0) return static_cast<int>(i);
  }
  return -1;
}

// Every source file (relative to the project) with the files and headers that it includes.
std::map<std::string, std::vector<std::string>> all_includes() {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::map<std::string, std::vector<std::string>> found;
  const fs::path root = SYNTH_SOURCE_DIR;
  for (const std::string& layer : layers) {
    for (const auto& entry : fs::recursive_directory_iterator(root / layer)) {
      const fs::path extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") continue;
      std::vector<std::string>& names = found[fs::relative(entry.path(), root).string()];
      std::ifstream file(entry.path());
      std::smatch match;
      for (std::string line; std::getline(file, line);) {
        if (std::regex_search(line, match, include)) names.push_back(match[1]);
      }
    }
  }
  return found;
}

bool starts(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

// Plain-value and interface headers of evaluators/, free of LibTorch, that results_db and the engine read.
bool tensor_free(const std::string& header) {
  static const std::set<std::string> headers = {"evaluators/evaluation.h", "evaluators/evaluator.h",
                                                "evaluators/table.h"};
  return headers.contains(header);
}

}  // namespace

TEST_CASE("a folder includes only folders below it", "[layering]") {
  const auto includes = all_includes();
  REQUIRE(includes.size() > 50);
  for (const auto& [file, names] : includes) {
    for (const std::string& name : names) {
      INFO(file << " includes " << name);
      CHECK(layer_of(name) <= layer_of(file));
    }
  }
}

TEST_CASE("heavy libraries stay where they belong", "[layering]") {
  for (const auto& [file, names] : all_includes()) {
    const bool header = file.ends_with(".h");
    for (const std::string& name : names) {
      INFO(file << " includes " << name);
      if (starts(name, "torch/") || starts(name, "ATen/") || starts(name, "c10/")) {
        CHECK((starts(file, "evaluators/") || starts(file, "synth/export/")));
      }
      if (starts(name, "SQLiteCpp/") || name == "sqlite3.h") CHECK(starts(file, "results_db/"));
      if (starts(name, "pqxx/") || name == "libpq-fe.h") CHECK(starts(file, "results_db/postgresql_"));
      if (starts(name, "boost/program_options")) CHECK(starts(file, "synth/cli/"));
      if (name == "httplib.h") CHECK(file == "synth/cli/dashboard_server.cpp");
      if (starts(name, "tbb/") || starts(name, "oneapi/tbb")) CHECK_FALSE(header);
      if (starts(name, "Eigen/") || starts(name, "pagmo/")) CHECK((starts(file, "synth/engine/") && !header));
    }
  }
}

TEST_CASE("the database and the engine know evaluators by their tensor-free headers", "[layering]") {
  for (const auto& [file, names] : all_includes()) {
    if (!starts(file, "results_db/") && !starts(file, "synth/engine/")) continue;
    for (const std::string& name : names) {
      INFO(file << " includes " << name);
      if (starts(name, "evaluators/")) CHECK(tensor_free(name));
      if (starts(file, "results_db/")) CHECK_FALSE(starts(name, "synth/"));
      if (starts(file, "synth/engine/")) CHECK((!starts(name, "synth/") || starts(name, "synth/engine/")));
    }
  }
}

TEST_CASE("the library's convolutions are called in one place, which avoids the faulty ones", "[layering]") {
  static const std::regex call(R"(\b(conv2d|convolution_overrideable|mkldnn_convolution|functional::conv2d)\s*\()");
  int callers = 0;
  for (const auto& [file, names] : all_includes()) {
    std::ifstream source(fs::path(SYNTH_SOURCE_DIR) / file);
    for (std::string line; std::getline(source, line);) {
      if (!std::regex_search(line, call)) continue;
      INFO(file << ": " << line);
      CHECK(file == "evaluators/convolution.cpp");
      ++callers;
    }
  }
  CHECK(callers > 0);
}
