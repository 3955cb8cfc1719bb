#!/usr/bin/env bash
# Sets up what is missing (also Slurm for its tests, where apt has it), builds, and runs every test that this machine
# can run: the release build first, quick tests before slow ones, then everything that needs no LibTorch under
# AddressSanitizer and UBSan.
#   tools/test.sh [options of ctest]             for example -R core
# Tests that start processes depend on what else a machine does: one that fails is run a second time, and is named at
# the end if it passes then. Logs and JUnit files go to build/logs. The exit code is 1 when a test failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/setup.sh

logs=$PWD/build/logs
total=0
failed=0
unsteady=()
slow_labels='^(mpi|e2e|slurm)$'

# Leaves out what the tests printed that passed inside a program in which another one did not.
without_passed() {
  local line held=
  while IFS= read -r line; do
    case $line in
      '[ RUN      ]'*) held+=$line$'\n' ;;
      '[       OK ]'*)  # Of several ranks, another one may have failed in between.
        [[ $held != *Failure* ]] || printf '%s%s\n' "$held" "$line"
        held=
        ;;
      '[  FAILED  ]'* | *'Test '*'#'[0-9]*: | *'Test '*'#'[0-9]*:' '* | *'tests passed, '*)
        printf '%s%s\n' "$held" "$line"
        held=
        ;;
      '[-------'*) ;;
      *) if [ -n "$held" ]; then held+=$line$'\n'; else printf '%s\n' "$line"; fi ;;
    esac
  done
  printf '%s' "$held"
}

# run_tests NAME PRESET [options of ctest]: runs some tests and adds up the numbers of ctest's summary.
run_tests() {
  local name=$1 preset=$2 log=$logs/test-$1.log status counts
  shift 2
  printf '\n== %s tests\n' "$name"
  CLICOLOR_FORCE=0 ctest --test-dir "build/$preset" --output-on-failure --no-label-summary --no-tests=ignore \
    --output-junit "$logs/test-$name.xml" "$@" 2>&1 </dev/null | tee "$log" | without_passed |
    grep --line-buffered -vE '^(Internal ctest changing|Test project|    Start |Errors while running|$)' &&
    status=0 || status=${PIPESTATUS[0]}
  counts=$(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' "$log")
  if [ -n "$counts" ]; then
    failed=$((failed + ${counts% *}))
    total=$((total + ${counts#* }))
  else
    [ "$status" -eq 0 ] || fail "ctest did not come to its end: see $log"
    echo "none"
  fi
  mapfile -t -O "${#unsteady[@]}" unsteady < <(awk '/Test +#[0-9]+: / {
    sub(/.*Test +#[0-9]+: /, "")
    if (/ Passed / && $1 in bad) print $1
    if (/\*\*\*/ && !/\*\*\*(Skipped|Not Run)/) bad[$1]
  }' "$log")
}

second_try=(--repeat until-pass:2)
[[ " $* " != *" --repeat"* ]] || second_try=()
mkdir -p "$logs"
set_up
install_slurm
configure_and_build release
run_tests unit release -L '^unit$' "$@"
run_tests mpi release -L '^mpi$' "${second_try[@]}" "$@"
run_tests e2e release -L '^e2e$' "${second_try[@]}" "$@"
run_tests slurm release -L '^slurm$' "${second_try[@]}" "$@"
run_tests other release -LE "^unit$|$slow_labels" "$@"
configure_and_build asan
run_tests asan asan "$@"

[ "$total" -gt 0 ] || fail "no test was run: leave out or correct the options of ctest ($*)"
[ "${#unsteady[@]}" -eq 0 ] || printf '\npassed at the second try only (see %s): %s\n' "$logs" "${unsteady[*]}"
printf '\n%d%% tests passed, %d tests failed out of %d\n' $(((total - failed) * 100 / total)) "$failed" "$total"
[ "$failed" -eq 0 ]
