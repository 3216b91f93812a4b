// Lists and evidence as JSON text whose numbers round-trip bit for bit. Internal to results_db.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "evaluators/evaluation.h"
#include "search_space/design_space.h"

namespace results_db {

// `where` names the row in the EnvironmentError that damaged text raises.
std::string to_text(const search_space::Design& design);
search_space::Design design_from(const std::string& text, const std::string& where);

std::string to_text(const std::vector<std::vector<double>>& theta);
std::vector<std::vector<double>> theta_from(const std::string& text, const std::string& where);

std::string to_text(const std::vector<std::uint64_t>& seeds);
std::vector<std::uint64_t> seeds_from(const std::string& text, const std::string& where);

std::string to_text(const std::vector<std::string>& sentences);
std::vector<std::string> sentences_from(const std::string& text, const std::string& where);

std::string to_text(const evaluators::Evidence& evidence);
evaluators::Evidence evidence_from(const std::string& text, const std::string& where);

}  // namespace results_db
