// The program. It does not know LibTorch: loading that takes longer than everything else most commands do.
#include "synth/cli/command.h"

int main(int argc, char** argv) {
  return synth::cli::guarded(argc, argv, synth::cli::dispatch);
}
