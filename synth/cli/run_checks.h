// What must be as it was before a run goes on, here or on another machine.
#pragma once

#include <string>

namespace synth::cli {

// EnvironmentError where what a run was recorded with is not what is found.
void check_same(const std::string& path, const std::string& what, const std::string& stored, const std::string& found);

// A run may come from elsewhere: it starts no program that this command line does not name. InputError says how `synth
// COMMAND` is told it.
void check_evaluator(const std::string& command, const std::string& path, const std::string& stored,
                     const std::string& given);

}  // namespace synth::cli
