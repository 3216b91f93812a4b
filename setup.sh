#!/usr/bin/env bash
# Installs what is missing, builds, and then runs the demonstration or the tests. Debian 12.
#   ./setup.sh demo    a search on embedded data that ends in a family of networks
#   ./setup.sh test    the test suite
#   ./setup.sh build   only installs what the program needs and builds it
#   ./setup.sh package the same, as Debian packages in build/release: synth, and synth-tensors for what trains
set -euo pipefail
cd "$(dirname "$0")"

packages=(
  build-essential cmake ninja-build ccache pkg-config
  libtorch-dev libopenblas-dev libtbb-dev libboost-program-options-dev nlohmann-json3-dev libfmt-dev
  libsqlite3-dev libsqlitecpp-dev libpqxx-dev libxxhash-dev libeigen3-dev libpagmo-dev
  libjpeg-dev libpng-dev libwebp-dev libstb-dev zlib1g-dev libcpp-httplib-dev libonnx-dev libprotobuf-dev
  libflatbuffers-dev flatbuffers-compiler libarchive-dev
)
# The page of `synth report` is bundled by npm's esbuild. NodeSource's nodejs brings npm along and excludes Debian's.
command -v npm >/dev/null || packages+=(nodejs npm)
# What only the tests and .ci/run need; the demonstration does without.
test_packages=(catch2 chromium clang libclang-rt-14-dev valgrind g++-aarch64-linux-gnu qemu-user
  python3-torch python3-torchvision python3-pil python3-numpy zsh fish groff postgresql slurm-wlm munge gcc-arm-none-eabi libnewlib-arm-none-eabi
  qemu-system-arm)

fail() { echo "setup.sh: $*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || echo "$package"
  done
}

install_missing() {
  command -v dpkg-query >/dev/null || fail "this is not a Debian system; install by hand: ${packages[*]}"
  local missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "apt-get is missing; install by hand: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "packages are missing and this user may not install them; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q || fail "apt-get update failed; is the network up?"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install all of: ${missing[*]}"
}

# Compiling a file that includes LibTorch takes 1.2 GB: fewer jobs where memory is short.
build_jobs() {
  local by_memory
  by_memory=$(awk '/MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  local cores
  cores=$(nproc)
  [ "$by_memory" -ge 1 ] || by_memory=1
  echo $((by_memory < cores ? by_memory : cores))
}

# build TARGET [CMAKE OPTION]...
build() {
  local target=$1
  shift
  cmake --preset release "$@" >build-release.log 2>&1 || {
    cat build-release.log >&2
    fail "cmake failed; another LibTorch than Debian's is chosen with CMAKE_PREFIX_PATH"
  }
  rm -f build-release.log
  cmake --build --preset release --target "$target" -j "$(build_jobs)" || fail "the build failed"
}

# The program alone. Tests need a package that it does not; a folder that already builds them goes on doing so.
build_program() {
  if [ -f build/release/build.ninja ]; then build synth; else build synth -DBUILD_TESTING=OFF; fi
}

demo() {
  build_program
  local run
  run=$(mktemp -d "${TMPDIR:-/tmp}/synth-demo.XXXXXX")
  local synth=build/release/bin/synth
  echo "Searching on the embedded data set 'shapes'; everything goes to $run"
  "$synth" search --data shapes --prototype residual9,width=0.5 --require 'accuracy>=95%,weight_bits=8' --time 3m --db "$run/run.db"
  echo
  echo "Training the family in full"
  "$synth" family "$run/run.db" --members 4 --epochs 10 --out "$run/family"
  cat <<END

The members are in $run/family. Try next:
  $synth lineage $run/run.db                   how each generator came to be, and why
  $synth lineage $run/run.db --format svg > lineage.svg
  $synth show $run/family/D.json               the smallest member, layer by layer
  $synth search --help                         your own data and requirements
END
}

package() {
  if [ -f build/release/build.ninja ]; then build pages; else build pages -DBUILD_TESTING=OFF; fi
  (cd build/release && cpack -G DEB >package.log) || { cat build/release/package.log >&2; fail "packaging failed"; }
  ls build/release/*.deb
}

case "${1:-}" in
  demo) install_missing && demo ;;
  build) install_missing && build_program ;;
  package) install_missing && package ;;
  test)
    packages+=("${test_packages[@]}")
    install_missing && build all -DBUILD_TESTING=ON && ctest --preset release -j "$(nproc)"
    ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
