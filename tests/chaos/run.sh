#!/usr/bin/env bash
# Faults on purpose: a search with workers, a spare leader and PostgreSQL, all of which are killed, paused and cut off
# again and again; the lineage must be that of the undisturbed search.
#   run.sh [--faults 200] [--seed 1] [--workers 3]
# SYNTH: the program, else build/release/bin/synth. Exit code 0 = identical, nothing lost, nothing twice.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/synth-chaos.XXXXXX")
server=$root/tests/support/postgresql.sh
trap '"$server" kill "$folder/server" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
chmod a+rx "$folder"
"$server" start "$folder/server" $$
PYTHONDONTWRITEBYTECODE=1 SYNTH=${SYNTH:-$root/build/release/bin/synth} python3 "$root/tests/chaos/chaos.py" "$folder" "$server" "$@"
