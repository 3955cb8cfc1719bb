# What differs between sites: edit it here, once. submit.sh and pipeline.sh hand the arrays to sbatch, so any of its
# options may stand in them, each written --name=value. RETIME_SITE names another file to be used instead of this one.
# shellcheck shell=bash disable=SC2034,SC2154

# The program, unless it is the one that was built here: program=(apptainer run --nv "$HOME/retime.sif")

# What starts the ranks: srun (needs a Slurm with PMIx: `srun --mpi=list`), or mpirun (of an Open MPI that knows Slurm).
launcher=srun
srun_options=(--mpi=pmix)
mpirun_options=(--bind-to none)

# Runs on the first node before the program; its variables reach all ranks.
prepare_environment() {
  : # module load gcc openmpi hdf5 cuda
}

# Every job. Where clusters want them: --partition=gpu --account=project --qos=normal --mail-type=FAIL
common_resources=()

# One rank per GPU: as many --ntasks-per-node as --gpus-per-node. Ranks choose their GPU by their number on the node, so
# each must see all of the node's: no --gpus-per-task, no --gpu-bind. --cpus-per-task are the threads of a rank.
prepare_resources=(--nodes=1 --ntasks-per-node=1 --cpus-per-task=8 --time=01:00:00)
train_resources=(--nodes=1 --ntasks-per-node=1 --gpus-per-node=1 --cpus-per-task=8 --time=04:00:00)
render_resources=(--nodes=1 --ntasks-per-node=1 --gpus-per-node=1 --cpus-per-task=8 --time=02:00:00)
compose_resources=(--nodes=1 --ntasks-per-node=1 --cpus-per-task=8 --time=01:00:00)
catalog_resources=(--nodes=1 --ntasks-per-node=1 --gpus-per-node=1 --cpus-per-task=8 --time=04:00:00)  # a task a video
scaling_resources=(--nodes=1 --ntasks-per-node=4 --gpus-per-node=4 --cpus-per-task=8 --time=00:30:00)

# Ranks are told to save and stop so many seconds before the time limit; Slurm may do so a minute earlier.
warning_s=120

# How often a job may start again by itself (after a stop with a save, a lost node, a pre-emption).
max_restarts=20
