#!/usr/bin/env bash
# Tests under sanitizers.
#   tests/sanitize.sh memory [JOBS]    every test program under ASan and UBSan (preset dev)
#   tests/sanitize.sh threads [JOBS]   engine, database and interruption of a bench under TSan (preset tsan)
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${2:-$(nproc)}

case "${1:-}" in
  memory)
    cmake --preset dev >/dev/null
    cmake --build --preset dev -j "$jobs"
    # LibTorch keeps what it allocates for the life of a process: leaks are not looked for. The sweep of operators runs
    # with glibc's checking malloc before ASan's.
    ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ctest --test-dir build/dev --output-on-failure -j "$jobs"
    ;;
  threads)
    cmake --preset tsan >/dev/null
    cmake --build --preset tsan -j "$jobs" --target test_engine test_results_db test_cli synth
    export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp halt_on_error=1 second_deadlock_stack=1"
    build/tsan/bin/test_results_db
    build/tsan/bin/test_engine
    build/tsan/bin/test_cli 'Ctrl-C ends a bench*'
    ;;
  *)
    sed -n '2,4s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
