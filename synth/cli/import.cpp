// synth import: weights back into an architecture.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "search_space/architecture_json.h"
#include "search_space/errors.h"
#include "synth/cli/common_options.h"
#include "synth/cli/console.h"
#include "synth/cli/files.h"
#include "synth/cli/json_output.h"
#include "synth/cli/network_argument.h"
#include "synth/export/export.h"
#include "synth/export/file_output.h"
#include "synth/export/weights_import.h"

namespace synth::cli {

namespace {

namespace po = boost::program_options;

// OUT.safetensors is OUT's weights; its architecture lies beside it.
std::filesystem::path architecture_path(const std::string& out) {
  const std::filesystem::path path(out);
  if (path.extension() != ".safetensors")
    throw search_space::InputError(fmt::format(
        "--out: '{}' does not end in .safetensors; name it so, since the architecture is written beside it", out));
  return std::filesystem::path(path).replace_extension(".json");
}

}  // namespace

int run_import(const Command& self, const std::vector<std::string>& arguments) {
  std::string file, network_text, out;
  bool overwrite = false;
  CommandLine line(self);
  line.positional("FILE", "safetensors, as PyTorch or another tool has written them", &file);
  line.add_options()  //
      ("network", po::value(&network_text)->required()->value_name("NETWORK"),
       "whose weights they are: built-in name with options, .json file, RUN#ID or RUN@G2:s3")                    //
      ("out", po::value(&out)->required()->value_name("FILE.safetensors"), "weights; FILE.json is the network")  //
      ("overwrite", po::bool_switch(&overwrite), "replace existing files");
  line.notes(
      "Reads names as 'synth export' writes them, or those of a state_dict of its Python file; converts float16, "
      "bfloat16 and float64. What is missing, unknown or of another shape is refused.");
  if (!line.parse(arguments)) return Exit::done;
  const std::string architecture_file = architecture_path(out).string();
  Console console(line.common());
  const NetworkArgument network = resolve_network(network_text);
  const std::string weights = import_weights(network.architecture, read_file(file), file);
  const std::string design = search_space::architecture_to_json(network.architecture, network.name).dump(2) + "\n";
  write_files({{out, weights}, {architecture_file, design}}, overwrite);
  if (line.common().json) {
    print_json({{"schema", "synth/import/1"},
                {"key", network.architecture.key()},
                {"files", {{"weights", out}, {"architecture", architecture_file}}}});
  } else {
    console.note(fmt::format("wrote {} and {}; next: synth evaluate {} --weights {} --data DATA", out,
                             architecture_file, architecture_file, out));
  }
  return Exit::done;
}

}  // namespace synth::cli
