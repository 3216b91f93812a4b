#!/usr/bin/env bash
# A short search under valgrind's memcheck: a minute of processor time, for every night rather than every change.
#   tests/valgrind.sh [BUILD FOLDER]     default build/release, which must be built
# ends with status 1 if anything is found that tests/valgrind.supp does not name.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/release}/bin
scratch=$(mktemp -d "${TMPDIR:-/tmp}/synth-valgrind.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# valgrind knows no AVX-512; few and small images keep it short.
SYNTH_CPU=avx2 DNNL_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 valgrind --error-exitcode=1 --num-callers=24 --leak-check=no \
  --suppressions=tests/valgrind.supp "$bin/synth-tensors" search --data shapes,limit=60,size=28 \
  --prototype residual9,width=0.25 --require 'accuracy>=0%,weight_bits=8' --epochs 0.5 --tune-epochs 0.5 --batch-size 16 \
  --evaluations 3 --jobs 1 --seed 1 --no-bf16 --db "$scratch/run.db"
