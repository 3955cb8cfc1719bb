#!/usr/bin/env bash
# Stands where the program would: tells what a rank is given to choose its GPU by.
set -euo pipefail
[ "$2" != status ] || exit 0
rank=${OMPI_COMM_WORLD_RANK:-$SLURM_PROCID}
printf 'rank %s: local rank %s of %s sees %s\n' "$rank" "${OMPI_COMM_WORLD_LOCAL_RANK:-$SLURM_LOCALID}" \
  "${OMPI_COMM_WORLD_LOCAL_SIZE:-${SLURM_STEP_TASKS_PER_NODE%%(*}}" "$CUDA_VISIBLE_DEVICES"
