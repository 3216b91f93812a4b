// The synthesis loop.
#include "synth/engine/synthesis.h"

namespace synth::engine {

void synthesize(Experiment& experiment) { experiment.evaluate({experiment.space().prototype()}); }

}  // namespace synth::engine
