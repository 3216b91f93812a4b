// One archive with everything about a network, and its recheck elsewhere.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "synth/export/export.h"

namespace synth {

enum class CheckOutcome { passed, failed, not_tried };

struct BundleCheck {
  std::string part;  // "files", "c", ...
  CheckOutcome outcome = CheckOutcome::passed;
  std::string statement;
};

struct BundleReport {
  std::string name, key, generator;
  std::map<std::string, std::string> facts;
  std::vector<BundleCheck> checks;

  bool passed() const;  // nothing failed
};

struct BundleTrust {
  std::string generator;  // this program, as bundles name theirs
  bool run_code = false;  // run C and Python of a bundle that this program would write otherwise
};

// Unpacks into memory, then checks every file against the manifest, weights and costs against the architecture, the
// integer network against the golden vectors, and every model in the program that runs it. InputError: what no bundle
// is, with the entry or JSON path.
BundleReport verify_bundle(const std::string& path, const BundleTrust& trust);

namespace bundle {

inline constexpr const char* schema = "synth/bundle/1";
inline constexpr const char* manifest_file = "manifest.json";
inline constexpr int golden_images = 200;

struct Part {
  const char* format;  // of export_formats()
  const char* suffix;  // of the file's name
  const char* reader;  // who reads it, for the model card
};
const std::vector<Part>& parts();

// README.md: what the network is, how good, how to use and to recheck it.
std::string model_card(const ExportInput& input, const std::string& name, const std::vector<const Part*>& written,
                       const std::map<std::string, std::string>& left_out);

}  // namespace bundle

}  // namespace synth
