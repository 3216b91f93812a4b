// Writing small tables into temporary folders.
#include "tests/engine/tiny_tables.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace test_engine {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "synth-table-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TinyListed::TinyListed() {
  side_car = nlohmann::json::parse(R"({
    "schema": "synth/table/1", "name": "tiny", "csv": "tiny.csv",
    "decisions": [{"name": "width", "values": [8, 16, 24, 32]},
                  {"name": "op", "values": ["none", "conv", "pool"]},
                  {"name": "kernel", "values": [3, 5]}],
    "accuracy": {"unit": "percent", "column": "top1"},
    "cheap_accuracy": {"column": "early", "unit": "percent", "cost_fraction": 0.1},
    "parameters": "params", "multiply_adds": "macs"})");
  csv = "width,op,kernel,top1,run_a,run_b,early,params,macs\n";
  const double by_op[] = {0, 6, 5};
  const int cost_of_op[] = {1, 8, 2};
  for (int width = 0; width < 4; ++width) {
    for (int op = 0; op < 3; ++op) {
      for (int kernel = 0; kernel < 2; ++kernel) {
        const double accuracy = 80 + 3 * width - 0.5 * width * width + by_op[op] + 0.5 * kernel;
        const int cost = (width + 1) * (width + 1) * cost_of_op[op] * (kernel + 1);
        csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", width, op, kernel, accuracy, accuracy - 2, accuracy + 2,
                           accuracy - 20, 1000 * cost, 500000 * cost);
      }
    }
  }
}

TinySurrogate::TinySurrogate() {
  side_car = nlohmann::json::parse(R"({
    "schema": "synth/surrogate-table/1", "name": "tiny_surrogate",
    "decisions": [{"name": "a", "values": [1, 2, 3]}, {"name": "b", "values": ["x", "y", "z"]},
                  {"name": "c", "values": [3, 5]}],
    "accuracy": {"unit": "percent", "terms": "terms.csv"},
    "cost": {"csv": "costs.csv", "groups": [["a", "b"], ["c"]]}})");
  terms =
      "dec_a,val_a,dec_b,val_b,weight\n-1,-1,-1,-1,80\n0,1,-1,-1,2\n0,2,-1,-1,3\n1,1,-1,-1,4\n1,2,-1,-1,-1\n"
      "2,1,-1,-1,0.5\n0,2,1,2,6\n2,1,0,1,-0.25\n";
  costs = "group,v0,v1,params,macs\n";
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b)
      costs += fmt::format("0,{},{},{},{}\n", a, b, 1000 * (a + 1) * (b + 2), 9000 * (a + 1) * (b + 1));
  }
  costs += "1,0,,-500,0\n1,1,-1,700,1000\n";
}

std::string write(const TemporaryFolder& folder, const TinyListed& table) {
  folder.write("tiny.csv", table.csv);
  return folder.write("tiny.json", table.side_car.dump());
}

std::string write(const TemporaryFolder& folder, const TinySurrogate& table) {
  folder.write("terms.csv", table.terms);
  folder.write("costs.csv", table.costs);
  return folder.write("tiny_surrogate.json", table.side_car.dump());
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace test_engine
