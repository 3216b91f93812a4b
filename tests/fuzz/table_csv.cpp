// CSV files of both forms of tables, beside fixed side-cars; the first byte says which file the rest is.
#include "tests/fuzz/table_use.h"

namespace {

constexpr const char* listed = R"({"schema": "synth/table/1", "name": "t", "csv": "t.csv",
  "decisions": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": ["x", "y"]}],
  "accuracy": {"unit": "percent", "column": "top1"}, "parameters": "p", "multiply_adds": "m"})";
constexpr const char* surrogate = R"({"schema": "synth/surrogate-table/1", "name": "s",
  "decisions": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": ["x", "y"]}],
  "accuracy": {"unit": "percent", "terms": "terms.csv"}, "cost": {"csv": "costs.csv", "groups": [["a", "b"]]}})";

void write_sound_surrogate() {
  fuzzing::write("terms.csv", "dec_a,val_a,dec_b,val_b,weight\n-1,-1,-1,-1,80\n0,1,-1,-1,2\n0,1,1,1,-1\n");
  fuzzing::write("costs.csv", "group,v0,v1,params,macs\n0,0,0,1,2\n0,0,1,2,3\n0,1,0,3,4\n0,1,1,4,5\n");
}

}  // namespace

void fuzz(std::string_view input) {
  [[maybe_unused]] static const bool written = [] {
    fuzzing::write("t.json", listed);
    fuzzing::write("s.json", surrogate);
    return true;
  }();
  if (input.empty()) return;
  const std::string_view content = input.substr(1);
  switch (input[0]) {
    case 'l':
      fuzzing::write("t.csv", content);
      fuzzing::use_table("t.json");
      break;
    case 't':
      write_sound_surrogate();
      fuzzing::write("terms.csv", content);
      fuzzing::use_table("s.json");
      break;
    case 'c':
      write_sound_surrogate();
      fuzzing::write("costs.csv", content);
      fuzzing::use_table("s.json");
      break;
    default:
      break;
  }
}
