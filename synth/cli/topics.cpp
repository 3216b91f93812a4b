// The topics, one entry each.
#include "synth/cli/topics.h"

namespace synth::cli {

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = {
      {"data", "what --data takes",
       "  shapes               ten shapes, 32x32, embedded: needs no files\n"
       "  idx:DIR              MNIST's format, plain or .gz\n"
       "  cifar10:DIR          CIFAR-10, binary version\n"
       "  imagefolder:DIR      JPEG, PNG, WebP, BMP and GIF files in a folder per class, in train/ and val/, or alone\n"
       "\n"
       "Each takes ,size=N (resized and cropped to a square) ,limit=N (training images) ,classes=N (the first) "
       ",flip=0|1 and ,shift=N (how training images are varied); imagefolder also ,skip_corrupt=1.\n"
       "What has no validation or test part is split by the seed, and said. 'synth init FOLDER' looks at a folder and "
       "writes a configuration.\n"},
      {"requirements", "what --require takes",
       "A comma-separated list in quotes; every item is a hard bound that all networks of a generator must meet.\n"
       "\n"
       "  accuracy>=90%                    validation accuracy, at the lower end of its confidence interval\n"
       "  accuracy>=prototype-1%           relative to what the prototype reaches\n"
       "  weight_bits=8, activation_bits=8 the precision at which accuracy is measured\n"
       "  params<=500k, macs<=50M          parameters, multiply-adds\n"
       "  weight_bytes<=256KiB             at the required precision\n"
       "  peak_activation_bytes<=64KiB     memory that activations need at once\n"
       "  latency_ms<=5                    on this machine, one image\n"
       "  flash<=64KiB, ram<=16KiB         that the generated C occupies on a microcontroller\n"
       "  latency_cycles<=5M               of one image on a Cortex-M4\n"
       "\n"
       "'synth search --dry-run' says whether costs alone rule a list out.\n"},
      {"networks", "what a NETWORK argument may be",
       "  residual9                a built-in prototype or reference network: 'synth list networks'\n"
       "  residual9,width=0.5      with options: classes=N, size=H[xW], channels=C, width=F, stem=NAME\n"
       "  file.json                an architecture or prototype file\n"
       "  run.db#12                network 12 of a run, or the beginning of its key\n"
       "  run.db@G2:s3             what generator 2 makes of seed index 3\n"
       "  run.db@D                 member D of the family of a run\n"},
      {"exit-codes", "what the program's exit codes mean",
       "  0  done\n"
       "  1  internal error: a bug\n"
       "  2  wrong usage or input; the message names the place, what was found and what is allowed\n"
       "  3  no network meets the requirements, or none was found within the budget\n"
       "  4  data or environment: something is missing or damaged, locked, or there is no space\n"
       "  5  interrupted, with everything recorded: 'synth resume RUN'\n"
       "  6  verification failed\n"},
      {"environment", "environment variables that are read",
       "  NO_COLOR             no colours\n"
       "  COLUMNS              the width that tables are set for\n"
       "  SYNTH_CPU            kernels for baseline, avx2 or avx512, instead of the processor's best\n"
       "  PGPASSWORD, PGSERVICE, PGSSLMODE and what else libpq reads: for runs in PostgreSQL\n"}};
  return all;
}

}  // namespace synth::cli
