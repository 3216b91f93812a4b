// The family that a run has recorded already: the test split is measured once.
#pragma once

#include <string>
#include <vector>

#include "synth/cli/console.h"
#include "synth/cli/family_table.h"
#include "synth/cli/run_context.h"
#include "synth/report/test_errors.h"

namespace synth::cli {

struct RecordedFamily {
  FamilyRow prototype;
  std::vector<FamilyRow> members;  // by name
  int asked = 0;                   // members that the training was begun for; fewer are there if it was interrupted
  double epochs = 0;               // of full training; 0 where it was not recorded
  std::string distinct;            // what members must differ in, as asked for

  bool complete() const { return static_cast<int>(members.size()) >= asked; }
};

RecordedFamily recorded_family(const RunContext& context);

// What is stored with each member, so that it can be shown, and an interrupted training go on.
std::string member_result(const FamilyRow& row, const FamilyRow& prototype, int asked, double epochs,
                          const std::string& distinct, const report::TestErrors& errors);

// Shows the recorded family instead of training one, and says why. Returns an Exit.
int show_recorded(const RecordedFamily& family, const RunContext& context, Console& console, bool json);

}  // namespace synth::cli
