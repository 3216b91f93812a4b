#!/usr/bin/env bash
# Builds what needs no LibTorch for aarch64 and runs the tests of the own kernels there under qemu.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  if ! command -v "$tool" > /dev/null; then
    echo "aarch64: SKIPPED: $tool is missing (Debian packages g++-aarch64-linux-gnu and qemu-user)"
    exit 0
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "aarch64: FAILED"' ERR
# Libraries of headers alone hold for every processor; the rest of /usr/include does not.
mkdir "$work/include"
for library in catch2 nlohmann fmt; do
  [ ! -e "/usr/include/$library" ] || ln -s "/usr/include/$library" "$work/include/$library"
done
flags=(-std=c++20 -Wall -Wextra -I. -Itests -isystem "$work/include" -DFMT_HEADER_ONLY)

kernels=(evaluators/processor.cpp evaluators/batch_norm_kernels.cpp evaluators/depthwise_kernels.cpp tests/kernels/*.cpp
  tests/support/catch_main.cpp)
printf '%s\n' "${kernels[@]}" | xargs -P "$(nproc)" -I{} sh -c \
  'out=$1/$(echo "$2" | tr / _).o; shift 2; exec aarch64-linux-gnu-g++ -O2 "$@" -c "$0" -o "$out"' {} "$work" {} "${flags[@]}"
aarch64-linux-gnu-g++ -static "$work"/*.o -o "$work/test_kernels"
qemu-aarch64 "$work/test_kernels"
echo "aarch64: kernels passed"

# Headers and sources of the tensor-free folders: compiled, not linked.
find search_space prototypes evaluators/evaluation.cpp evaluators/table*.cpp -name '*.cpp' -print0 |
  xargs -0 -P "$(nproc)" -I{} aarch64-linux-gnu-g++ -fsyntax-only "${flags[@]}" {}
echo "aarch64: passed"
