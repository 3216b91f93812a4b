#!/usr/bin/env bash
# Builds the fuzz targets (preset fuzz, clang), replays their corpora and goes on from them.
#   tests/fuzz/run.sh [SECONDS]              each target for so long; default 5
#   tests/fuzz/run.sh --executions N [TARGET]...   so many executions of each target
# ends with status 1 if anything is found; the input lies under build/fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/../.."

case "${1:-5}" in
  --executions) bound=-runs=${2:?how many executions?}; shift 2; targets=("$@") ;;
  *[!0-9]*) sed -n '3,5s/^# \{0,1\}//p' "$0"; exit 2 ;;
  *) bound=-max_total_time=${1:-5}; targets=() ;;
esac
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls tests/fuzz/corpus)

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "$(nproc)"
findings=build/fuzz/findings
mkdir -p "$findings"
# Libraries keep what they allocate once; the readers' own leaks show as growth beyond the limit.
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1

status=0
for target in "${targets[@]}"; do
  program=build/fuzz/fuzz/fuzz_$target
  seeds=tests/fuzz/corpus/$target
  log=$findings/$target.log
  grown=build/fuzz/corpus/$target
  mkdir -p "$grown"
  # One run over the committed files, then new ones, which are kept apart.
  if "$program" "$seeds"/* >"$log" 2>&1 &&
    "$program" "$bound" -seed=1 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
      -artifact_prefix="$findings/$target-" "$grown" "$seeds" >>"$log" 2>&1; then
    printf '%-14s %10s executions, no finding\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")"
  else
    printf '%-14s FOUND, see %s\n' "$target" "$log"
    tail -n 30 "$log"
    status=1
  fi
done
exit "$status"
