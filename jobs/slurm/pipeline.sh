#!/usr/bin/env bash
# Submits the stages of one clip as jobs, each to start when the one before has done its work.
#   pipeline.sh CLIP -o FOLDER [-c CONFIG] [--masks DIR] [--edit FILE] [--STAGE=OPTION...] [--stages "STAGE..."]
#   pipeline.sh clip.mp4 -o out/clip --masks masks --edit edit.json --train=--epochs=400 --render=--detail=published
# STAGE is prepare, train, render or compose; --STAGE=OPTION hands an option to it, --stages leaves some of them out.
# Writes FOLDER/{scene.h5,run,layers.h5,retimed.mp4,logs}. Resource lines and modules: site.sh beside this script.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}
fail() {
  printf 'pipeline: %s\n' "$*" >&2
  exit 1
}
absolute() {
  [ -e "$1" ] || fail "$1 is not there: check the path"
  realpath -s "$1"
}

clip='' folder='' stages='prepare train render compose'
prepare_options=() train_options=() render_options=() compose_options=()
refuse_resume() {
  fail "$1 would apply again whenever the job is requeued: leave it out, and remove the run of before to start anew"
}

take_config() {
  local config=$1
  if [ -f "$config" ]; then  # otherwise the name of one
    config=$(absolute "$config")
    grep -qE '^[[:space:]]*resume[[:space:]]*=[[:space:]]*[^[:space:]#]' "$config" &&
      ! grep -qE '^[[:space:]]*resume[[:space:]]*=[[:space:]]*auto[[:space:]]*(#|$)' "$config" &&
      refuse_resume "resume in $config"
  fi
  prepare_options+=("-c" "$config") train_options+=("-c" "$config")
  render_options+=("-c" "$config") compose_options+=("-c" "$config")
}

while [ $# -gt 0 ]; do
  case $1 in
    -o | -c | --masks | --edit | --stages) [ $# -ge 2 ] || usage ;;&
    -o) folder=$2 && shift ;;
    -c) take_config "$2" && shift ;;
    --masks) masks=$(absolute "$2") && prepare_options+=("--masks=$masks") && shift ;;
    --edit) edit=$(absolute "$2") && compose_options+=("--edit=$edit") && shift ;;
    --stages) stages=$2 && shift ;;
    --prepare=* | --train=* | --render=* | --compose=*)
      [[ $1 != --*=--resume* ]] || refuse_resume "$1"
      stage=${1%%=*}
      declare -n stage_options=${stage#--}_options
      stage_options+=("${1#*=}")
      ;;
    -*) usage ;;
    *) [ -z "$clip" ] || usage && clip=$(absolute "$1") ;;
  esac
  shift
done
[ -n "$clip" ] && [ -n "$folder" ] && [ -n "$stages" ] || usage
for stage in $stages; do
  [[ $stage =~ ^(prepare|train|render|compose)$ ]] || usage
done

mkdir -p "$folder"
folder=$(realpath "$folder")
declare -p clip prepare_options train_options render_options compose_options >"$folder/pipeline.conf"
job='' dependency=()
for stage in $stages; do
  [ -z "$job" ] || dependency=("--dependency=afterok:$job" --kill-on-invalid-dep=yes)
  job=$("$here/submit.sh" "$stage" "$folder" "${dependency[@]}")
  job=${job%%;*}  # "number;cluster" where there are several clusters
  printf '%-8s job %s\n' "$stage" "$job"
done
printf 'logs: %s\n' "$folder/logs"
