#!/usr/bin/env bash
# The evaluators' tests, their sweep over the library's operators and a short real search with the instructions of lesser
# processors, as a table.
#   tests/levels.sh [BUILD FOLDER] [--after-suite]     default build/release, which must be built
# --after-suite: the suite has just run here, and with it the tests and the sweep as the processor is.
# ends with status 1 if a level fails; a level that the processor lacks is printed as skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=${1:-build/release}/bin
scratch=$(mktemp -d "${TMPDIR:-/tmp}/synth-levels.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

[ -x "$bin/test_evaluators" ] && [ -x "$bin/synth-tensors" ] || {
  echo "levels.sh: $bin holds no test_evaluators and synth-tensors; build first: ./setup.sh test" >&2
  exit 2
}

processor_has() { grep -qw "$1" /proc/cpuinfo; }

# oneDNN, ATen and the own kernels are limited together; a processor without AVX-512 has no bfloat16 either.
avx2=(DNNL_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 SYNTH_CPU=avx2)
baseline=(DNNL_MAX_CPU_ISA=SSE41 ATEN_CPU_CAPABILITY=default SYNTH_CPU=baseline)

# tests_at SELECTION ENVIRONMENT...; the last lines of a failure are shown: the whole would hide the table.
tests_at() {
  local selection=$1
  shift
  env "$@" "$bin/test_evaluators" "$selection" >"$scratch/out" 2>&1 && return
  tail -n 40 "$scratch/out" >&2
  return 1
}

# search_at DATABASE OPTIONS... -- ENVIRONMENT...; every network must have been trained.
search_at() {
  local db=$scratch/$1.db options=()
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  local outcomes
  env "$@" "$bin/synth" search --data shapes,limit=2000 --prototype residual9,width=0.5 --require 'accuracy>=0%,weight_bits=8' \
    --epochs 1 --tune-epochs 0.5 --evaluations 8 --jobs 2 --seed 1 --quiet --db "$db" "${options[@]}" >"$scratch/out" 2>&1 &&
    outcomes=$("$bin/synth" lineage "$db" --json | grep -o '"outcome": *"[a-z_]*"' | sort -u) &&
    [ "${outcomes#*: }" = '"trained"' -o "$outcomes" = '"outcome":"trained"' ] && return
  tail -n 20 "$scratch/out" >&2
  echo "outcomes: ${outcomes:-none}" >&2
  return 1
}

failures=0
rows=()
row() {
  rows+=("$(printf '%-10s %-16s %-16s %-16s' "$@")")
  echo "${rows[-1]}"
}
verdict() {
  local start=$SECONDS
  if "${@:2}"; then printf -v "$1" 'passed (%d s)' $((SECONDS - start))
  else printf -v "$1" 'FAILED (%d s)' $((SECONDS - start)); failures=$((failures + 1)); fi
}
# level NAME SEARCH-OPTIONS... -- ENVIRONMENT...
level() {
  local name=$1 options=() tests sweep search
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  verdict tests tests_at '~[sweep]' "$@"
  verdict sweep tests_at '[sweep]' "$@"
  verdict search search_at "$name" "${options[@]}" -- "$@"
  row "$name" "$tests" "$sweep" "$search"
}

row level 'evaluator tests' sweep 'short search'
if [ "${2:-}" = --after-suite ]; then
  verdict search search_at as-is -- SYNTH_CPU=
  row as-is 'by the suite' 'by the suite' "$search"
else
  level as-is -- SYNTH_CPU=
fi
# Tests train with and without bfloat16 themselves; here the library is kept from it, too.
level no-bf16 --no-bf16 -- DNNL_MAX_CPU_ISA=AVX512_CORE
if processor_has avx2; then level avx2 --no-bf16 -- "${avx2[@]}"; else row avx2 skipped skipped 'no AVX2 here'; fi
level baseline --no-bf16 -- "${baseline[@]}"
printf '\nProcessor:%s\n' "$(sed -n 's/^model name[^:]*://p' /proc/cpuinfo | head -n 1)"
printf '%s\n' "${rows[@]}"
exit $((failures > 0))
