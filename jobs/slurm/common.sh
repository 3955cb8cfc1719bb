# What the batch scripts and submit.sh share; to be sourced under `set -euo pipefail`.
# shellcheck shell=bash disable=SC2034  # site.sh and submit.sh use the rest

jobs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$jobs/../.." && pwd)

program=("$repository/build/release/bin/retime")
[ -x "${program[0]}" ] || program=("$jobs/../../../../bin/retime")  # where `cmake --install` puts it
launcher=srun srun_options=(--mpi=pmix) mpirun_options=() warning_s=120 max_restarts=20
# shellcheck source=site.sh
source "${RETIME_SITE:-$jobs/site.sh}"

# A task of an array by the array's number and its own: the number of one of the tasks is that of the whole array.
job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID:-}}
job=${job:-${SLURM_JOB_ID:-}}
readonly exit_saved=75  # of the program: everything is saved, run the same command again
# Errors by which ranks tell that another one is gone, and that it may be its node.
readonly rank_is_silent='did not answer for|does not get through|lost the others'
readonly rank_is_lost="$rank_is_silent|has ended without a word|no rank made progress|the launcher of rank|did not complete on rank"

say() { printf 'retime job %s: %s\n' "$job" "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# start_stage NAME FOLDER: to be called first; sets what the stage needs, and moves to where ranks write their logs.
start_stage() {
  stage=$1 logs=$2/logs warned=false terminated=false launched=0
  mkdir -p "$logs"
  stamp=$logs/.$stage.$SLURM_JOB_ID
  say "$stage on ${SLURM_JOB_NODELIST} (start $((${SLURM_RESTART_COUNT:-0} + 1)), $(date '+%F %T'))"
  export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
  prepare_environment
  # The fence that Slurm chooses by itself lets ranks of small jobs leave MPI_Init before others are ready for them.
  export SLURM_PMIX_FENCE=ring
  # `scancel` tells the ranks and mpirun to end, which then gives them so many seconds, twice, instead of one.
  export OMPI_MCA_odls_base_sigkill_timeout=${OMPI_MCA_odls_base_sigkill_timeout:-10}
  trap 'warned=true; tell_ranks' USR2
  trap 'terminated=true; tell_ranks' TERM
}

# Ranks save and stop. Slurm tells the ranks themselves that the time is up only where srun has started them.
tell_ranks() { [ "$launched" -eq 0 ] || kill -USR2 "$launched" 2>/dev/null || true; }

# launch COMMAND...: runs it on all ranks of the job, output into $logs/STAGE.rankN.log.
launch() {
  local command=("$jobs/rank.sh" "$logs/$stage" "$@") code=0
  case $launcher in
    srun) command=(srun "${srun_options[@]}" --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" "${command[@]}") ;;
    mpirun) command=(mpirun "${mpirun_options[@]}" "${command[@]}") ;;
    *) fail "launcher is srun or mpirun, not '$launcher': correct site.sh" ;;
  esac
  "${command[@]}" &
  launched=$!
  # A signal ends `wait` before the launcher has ended; asked again, it tells the exit code.
  while wait "$launched" || [ $? -gt 128 ] && kill -0 "$launched" 2>/dev/null; do :; done
  wait "$launched" || code=$?
  launched=0
  return "$code"
}

# has_answered CODE: whether the failure is the program's own, and tells its errors. A killed program, or one that did
# not even start, has not answered, nor have ranks that only miss another; of several, those that are ended because of
# another tell no error. Notes whether ranks are `silent`.
has_answered() {
  local started errors
  errors=$(sed -s -n "/^== $RETIME_TRY /,\$p" "$logs/$stage".rank*.log 2>/dev/null | grep '^error ' || true)
  if [ -n "$errors" ]; then
    printf '%s\n' "$errors" >&2
    ! grep -qE "$rank_is_silent" <<<"$errors" || silent=true
    grep -qvE "$rank_is_lost" <<<"$errors"
    return
  fi
  started=$(grep -ls "^== $RETIME_TRY " "$logs/$stage".rank*.log | wc -l)
  [ "$started" -eq 1 ] && [ "$1" -gt 0 ] && [ "$1" -lt 128 ]
}

# is_new FILE: it was written since the try began.
is_new() { [ "$1" -nt "$stamp" ]; }

# What a stage has written into a folder; it is different after the stage has got on.
state_of() {
  { find "$1" -type f ! -name '.*' ! -path "$logs/*" -printf '%p %s %T@\n' 2>/dev/null || true; } | sort | cksum
}

# run_ranks IS_DONE RESULT COMMAND...: runs a command of the program on all ranks. The command IS_DONE tells whether its
# work is done, which launchers may not know: srun ends with 0 when it has lost a node. Ends with 0, 75 or the code of a
# failure. A failure is tried again if the ranks got on before, as the file or folder RESULT shows, or were killed, or
# never started, as in the first step of a requeued job on a node that had crashed. When that does not help, the job
# goes back into the queue if it has got on or ranks are silent: it may have lost a node that Slurm does not miss yet.
run_ranks() {
  local is_done=$1 result=$2 try first before code silent=false
  shift 2
  first=$(state_of "$result")
  for try in 1 2 3; do
    export RETIME_TRY=$SLURM_JOB_ID.${SLURM_RESTART_COUNT:-0}.$try
    before=$(state_of "$result")
    touch "$stamp"
    code=0
    launch "${program[@]}" "$@" || code=$?
    [ "$code" -ne 0 ] || ! $is_done || return 0
    [ "$code" -ne "$exit_saved" ] || return "$code"
    say "try $try of $stage has ended without its result (exit code $code of $launcher)"
    ! $terminated || return 143
    ! has_answered "$code" || [ "$(state_of "$result")" != "$before" ] || break
    sleep 10 &  # Slurm ends the job by then if it knows that a node is lost
    wait $! || true
    ! $terminated || return 143
    ! $warned || return "$exit_saved"
  done
  ! $silent && [ "$(state_of "$result")" = "$first" ] || return "$exit_saved"
  return "$((code > 0 ? code : 1))"
}

job_is_running() { [ "$(squeue --noheader --jobs="$job" --format=%T 2>/dev/null)" = RUNNING ]; }

# end_stage CODE: ends the job with the code, or puts it back into the queue when its work is saved.
end_stage() {
  rm -f "$stamp"
  [ "$1" -eq "$exit_saved" ] || exit "$1"
  job_is_running || fail "saved; Slurm is ending this job, so it does not requeue itself"
  [ "${SLURM_RESTART_COUNT:-0}" -lt "$max_restarts" ] ||
    { say "saved; started again $max_restarts times already (max_restarts of site.sh): submit to go on" && exit "$1"; }
  say "saved; back into the queue"
  local try
  for try in 1 2 3; do
    ! scontrol requeue "$job" || exit "$1"
    sleep 20
  done
  fail "saved, but Slurm does not requeue this job: submit it again to go on"
}

