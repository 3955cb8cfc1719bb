#!/usr/bin/env bash
# Submits a batch script of this folder with the resource lines of site.sh and prints the number of the job.
#   submit.sh prepare|train|render|compose|catalog|scaling FOLDER [option of sbatch...]
# The job's log goes into FOLDER/logs, beside the logs of its ranks.
# shellcheck disable=SC2154  # common.sh sets what is used here
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
source "$here/common.sh"

[ $# -ge 2 ] && [ -f "$here/$1.sbatch" ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
stage=$1 folder=$(realpath -m "$2")
shift 2
declare -n resources=${stage}_resources
[[ $folder != *[[:space:]%]* ]] || fail "the name of the folder holds blanks or %: choose another ($folder)"
mkdir -p "$folder/logs"

log=$folder/logs/$stage-%j.log
[[ $stage != @(catalog|scaling) ]] || log=$folder/logs/$stage-%A_%a.log
options=(--parsable --export=ALL --requeue --open-mode=append "--job-name=retime-$stage" "--output=$log")
case $stage:$launcher in
  prepare:* | compose:* | scaling:*) ;;  # start anew
  *:srun) options+=("--signal=USR2@$warning_s") ;;
  *) options+=("--signal=B:USR2@$warning_s") ;;
esac
export RETIME_JOBS=$here
sbatch "${options[@]}" "${common_resources[@]}" "${resources[@]}" "$@" "$here/$stage.sbatch" "$folder"
