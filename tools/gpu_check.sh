#!/usr/bin/env bash
# Checks a machine with a GPU in at most 8 minutes, and leaves one report.
#   tools/gpu_check.sh [REPORT.md]          builds the preset cuda, then checks (report: build/gpu_check.md)
#   tools/gpu_check.sh --pack FOLDER        builds, and puts what the check needs beside LibTorch into FOLDER
#   FOLDER/gpu_check.sh [REPORT.md]         checks from a packed FOLDER, on a machine that has LibTorch alone
# Checked are: the tests labelled gpu (every configuration, bf16, streaming, upsampling, rendering, resuming, no step
# that waits for the device; with mpirun also ranks that share the GPU, and one that fails), `retime bench`, a fit that
# runs out of memory, and a short fit of each configuration to a drawn scene.
# LibTorch is found through TORCH_LIB (its lib folder), or the python3 on PATH. Without a GPU the check stops, with 77,
# where one is needed first. RETIME_GPU_TESTS_ON=cpu goes on with the tests, on the CPU.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
preset=cuda
pack_libraries=''
fits=(preview default released patent highres)
fit_options=(--epochs 4 --upsample-epochs 1 --checkpoint-epochs 2 --preview-epochs 0 --device cuda)

say() { printf 'gpu_check: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

build() {
  # shellcheck source=tools/setup.sh
  source "$here/setup.sh"
  set_up
  configure_and_build "$preset" retime retime-compute model_mpi_test
  # shellcheck disable=SC2154  # of setup.sh
  programs=$retime_root/build/$preset/bin
  configs=$retime_root/configs
  scene=$retime_root/build/$preset/gpu_check.h5
}

# A scene to fit to needs the programs that read clips; a machine without them gets it in the pack.
draw_scene() {
  local retime=$retime_root/build/release/bin/retime clip
  [ ! -f "$scene" ] || return 0
  [ -x "$retime" ] || { configure_and_build light retime && retime=$retime_root/build/light/bin/retime; }
  clip=$(mktemp -d)
  "$retime" synth -o "$clip/clip" --scene camera --size 224x128 --frames 24 --samples 4 --log-level warn
  "$retime" prepare "$clip/clip" -o "$scene" --log-level warn
  rm -rf "$clip"
}

# Libraries of the programs that are neither LibTorch's, CUDA's nor the C library's.
libraries_of() {
  ldd "$@" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | sort -u |
    grep -vE '/(torch|nvidia|cuda)[^ ]*/|/(libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|libgomp)\.so|ld-linux' || true
}

pack() {
  local folder=$1 library
  build
  draw_scene
  mkdir -p "$folder/bin" "$folder/lib"
  cp "$programs/retime" "$programs/retime-compute" "$programs/model_mpi_test" "$folder/bin/"
  strip "$folder"/bin/*
  while read -r library; do cp -L "$library" "$folder/lib/"; done < <(libraries_of "$programs"/{retime,retime-compute,model_mpi_test})
  cp "$scene" "$folder/scene.h5"
  cp -r "$configs" "$folder/configs"
  cp "${BASH_SOURCE[0]}" "$folder/gpu_check.sh"
  say "packed: $(du -sh "$folder" | cut -f1) in $folder"
}

# Folders of LibTorch's libraries, and of those that it links.
torch_libraries() {
  local lib=${TORCH_LIB:-} site
  [ -n "$lib" ] || lib=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))' 2>/dev/null) ||
    fail "no LibTorch here: set TORCH_LIB to its lib folder"
  site=$(cd "$lib/../.." && pwd)
  printf '%s' "$lib"
  find "$site/nvidia" -maxdepth 3 -type d -name lib -printf ':%p' 2>/dev/null || true
}

# Runs a program within what is left of the time.
limited() { timeout -k 5 $((limit_s > SECONDS ? limit_s - SECONDS : 1)) "$@"; }

# part NAME COMMAND...: runs a part of the check within what is left of the time, and notes how it ended.
failed=0
part() {
  local name=$1 status=0 started=$SECONDS
  shift
  if [ $((limit_s - SECONDS)) -lt 5 ]; then
    printf '| %s | not run: no time left | |\n' "$name" >>"$table"
    failed=1
    return
  fi
  printf '\n## %s\n\n    %s\n\n```\n' "$name" "$*" >>"$log"
  if [ "$(type -t "$1")" = function ]; then
    "$@" >"$output" 2>&1 || status=$?
  else
    limited "$@" >"$output" 2>&1 || status=$?
  fi
  tail -n 60 "$output" >>"$log"
  printf '```\n' >>"$log"
  if [ "$status" -eq 0 ]; then
    printf '| %s | passed | %d s |\n' "$name" $((SECONDS - started)) >>"$table"
  else
    printf '| %s | **failed (%d)** | %d s |\n' "$name" "$status" $((SECONDS - started)) >>"$table"
    failed=1
  fi
}

# A fit that finds too little memory (a thousandth of the GPU's) ends with the sentence of such fits, and with 1.
out_of_memory() {
  local status=0
  PYTORCH_ALLOC_CONF=per_process_memory_fraction:0.001 limited "${ours[@]}" "$programs/retime-compute" train "$scene" \
    -o "$work/large" -c default --width 64 --batch-frames 24 --epochs 1 --device cuda || status=$?
  [ "$status" -eq 1 ] && grep -q 'out of memory' "$output"
}

# A rank is killed: the others tell so, and end.
failing_rank() {
  local status=0
  RETIME_OVERSUBSCRIBE_GPU=1 RETIME_FAULT_POINT=fitted limited "${mpirun[@]}" "$programs/retime-compute" train "$scene" \
    -o "$work/failing" -c preview --epochs 1 --device cuda || status=$?
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -q 'has ended without a word' "$output"
}

describe_machine() {
  printf '# GPU check\n\n%s, %s\n\n' "$(date -u +%F)" "$(uname -m)"
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null | sed 's/^/- /' || true
  "${ours[@]}" "$programs/retime" --version | sed 's/^/- /'
  printf '\n| part | result | time |\n|---|---|---|\n'
}

check() {
  local report=$1 tests=(--gtest_filter='*Gpu*') config libraries
  limit_s=$((SECONDS + 420))
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  log=$work/log output=$work/output table=$work/table
  : >"$log"
  # Libraries of the pack are for our programs alone, not for this machine's python3 and others.
  libraries=$(torch_libraries)
  ours=(env "LD_LIBRARY_PATH=$libraries:${pack_libraries:+$pack_libraries:}${LD_LIBRARY_PATH:-}")
  export RETIME_CONFIG_DIR=$configs
  mpirun=(mpirun --oversubscribe --allow-run-as-root -n 2 "${ours[@]}")
  describe_machine >"$table"
  if ! nvidia-smi -L 2>/dev/null | grep -q GPU && [ "${RETIME_GPU_TESTS_ON:-}" != cpu ]; then
    say "no GPU here: built, and stopped where one is needed first"
    exit 77
  fi
  part 'tests, one process' "${ours[@]}" RETIME_ONE_RANK=1 "$programs/model_mpi_test" "${tests[@]}"
  if command -v mpirun >/dev/null && [ "${RETIME_GPU_TESTS_ON:-}" != cpu ]; then
    part 'tests, two ranks on one GPU' "${mpirun[@]}" "$programs/model_mpi_test" --gtest_filter='GpuRanks.*'
    part 'a rank that fails' failing_rank
  else
    printf '| two ranks on one GPU, a rank that fails | not run: no mpirun | |\n' >>"$table"
  fi
  if [ "${RETIME_GPU_TESTS_ON:-}" != cpu ]; then
    part 'bench, width 16' "${ours[@]}" "$programs/retime-compute" bench --device cuda
    part 'bench, width 64' "${ours[@]}" "$programs/retime-compute" bench --device cuda --width 64 --image-width 448 --image-height 256
    part 'out of memory' out_of_memory
    for config in "${fits[@]}"; do
      part "fit, $config" "${ours[@]}" "$programs/retime-compute" train "$scene" -o "$work/$config" -c "$config" "${fit_options[@]}"
      part "layers, $config" "${ours[@]}" "$programs/retime-compute" render "$work/$config" -o "$work/$config.h5" --device cuda
    done
  fi
  cat "$table" "$log" >"$report"
  cat "$table"
  say "report: $report"
  return "$failed"
}

case ${1:-} in
  --pack)
    [ $# -eq 2 ] || fail "usage: tools/gpu_check.sh --pack FOLDER"
    pack "$2"
    ;;
  -*) fail "unknown option $1: see the top of the script" ;;
  *)
    if [ -d "$here/bin" ]; then
      programs=$here/bin configs=$here/configs scene=$here/scene.h5
      pack_libraries=$here/lib
      check "${1:-$PWD/gpu_check.md}"
    else
      build
      draw_scene
      check "${1:-$retime_root/build/gpu_check.md}"
    fi
    ;;
esac
