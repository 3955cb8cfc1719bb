#!/usr/bin/env bash
# One rank: becomes COMMAND, whose output goes into LOG.rankN.log. To be started by srun or mpirun.
#   rank.sh LOG COMMAND...
set -euo pipefail
rank=${OMPI_COMM_WORLD_RANK:-${PMIX_RANK:-${PMI_RANK:-${SLURM_PROCID:-0}}}}
exec >>"$1.rank$rank.log" 2>&1
shift
printf '== %s rank %s on %s, %s: %s\n' "${RETIME_TRY:-}" "$rank" "$(hostname)" "$(date '+%F %T')" "$*"
exec "$@"
