#!/usr/bin/env bash
# A Slurm cluster of its own on this machine, for tests: munged, slurmctld and several slurmd, configured, running and
# ending in one folder.
#   cluster.sh FOLDER up NODES       returns when all nodes are idle; exit code 77: this machine cannot run one, and why
#   cluster.sh FOLDER down           ends all of its processes; only FOLDER/log stays
#   cluster.sh FOLDER exec CMD...    runs a command as on the login node
#   cluster.sh FOLDER wait JOB [S]   waits until a job has ended (S seconds at most, 120), prints its state
#   cluster.sh FOLDER kill K         node K loses power: slurmd and all that runs on it is killed
#   cluster.sh FOLDER revive K       node K boots again
#   cluster.sh FOLDER cut K          unplugs the network of node K; `join K` plugs it in again (namespaces only)
# FOLDER is absolute, without blanks, and at most 60 characters long (sockets lie in it).
#
# CLUSTER_MODE   netns: every node has its own network, host name and /dev/shm, all in one process namespace, which
#                goes as a whole; local: the nodes share this machine's network. Default: netns where root may.
# CLUSTER_CPUS   cores that a node claims to have (4)
# CLUSTER_GPUS   GPUs that a node claims to have (0); they can be scheduled, not computed on
# CLUSTER_OWNER  process whose end takes the cluster down
# CLUSTER_TTL    seconds after which it goes down in any case (3600)
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

readonly cannot_run=77
readonly network=10.213.0
readonly subnet_head=$network.254

say() { printf 'cluster: %s\n' "$*" >&2; }
fail() {
  say "$1"
  exit "${2:-1}"
}
usage() {
  sed -n '2,/^# FOLDER/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

is_running() {
  local state
  state=$(sed 's/^.*) \(.\).*/\1/' "/proc/${1:-0}/stat" 2>/dev/null) || return 1
  [[ $state != [ZX] ]]  # where process 1 reaps slowly, the dead are listed for a while
}
content_of() { cat "$1" 2>/dev/null || true; }

# What this machine can do.

may_use_namespaces() {
  [ "$(id -u)" -eq 0 ] && unshare --mount --net --uts --ipc --pid --fork --mount-proc ip link add type veth 2>/dev/null
}

check_programs() {
  local program
  for program in munged slurmctld slurmd sinfo ip ss setpriv; do
    command -v "$program" >/dev/null ||
      fail "$program is missing: apt-get install --no-install-recommends slurm-wlm munge iproute2" $cannot_run
  done
}

choose_mode() {
  id -un >/dev/null 2>&1 || fail "user $(id -u) has no name, which Slurm wants" $cannot_run
  mode=${CLUSTER_MODE:-}
  [ -n "$mode" ] || { may_use_namespaces && mode=netns || mode=local; }
  case $mode in
    netns) may_use_namespaces || fail "network namespaces need root: try CLUSTER_MODE=local" $cannot_run ;;
    # Slurm looks addresses up as the machine's own kind; with 127.x only it finds not even that.
    local) ip -4 -o addr show scope global | grep -q . || fail "this machine has no IPv4 address" $cannot_run ;;
    *) fail "CLUSTER_MODE is netns or local, not '$mode'" 2 ;;
  esac
}

# Configuration.

free_ports() {  # free_ports COUNT: the first of so many TCP ports that nobody listens on
  local first
  for ((first = 20000 + $$ % 9000; first < 30000; first += $1 + 1)); do
    ss -Htln | awk -v first="$first" -v last=$((first + $1)) \
      '{sub(/.*:/, "", $4); if ($4 >= first && $4 <= last) used = 1} END {exit used}' || continue
    printf '%s\n' "$first"
    return
  done
  fail "no $1 free TCP ports"
}

node_lines() {
  local k place gpus=''
  [ "$gpu_count" -eq 0 ] || gpus=" Gres=gpu:$gpu_count"
  for ((k = 1; k <= nodes; ++k)); do
    place="NodeAddr=$network.$k Port=6818"
    [ "$mode" = netns ] || place="NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + k))"
    echo "NodeName=node$k $place CPUs=${CLUSTER_CPUS:-4} RealMemory=16000$gpus State=UNKNOWN"
  done
}

# cred_expire is also how long a requeued job rests; 5 s is the least that Slurm takes. TmpFS must differ per node:
# daemons of one step would share a folder in it.
write_slurm_conf() {
  local user head="head($subnet_head)"
  user=$(id -un)
  [ "$mode" = netns ] || head="$(hostname -s)(127.0.0.1)"
  cat <<END
ClusterName=retime
SlurmctldHost=$head
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdPidFile=$folder/run/%n.pid
SlurmdLogFile=$folder/log/%n.log
SlurmdSpoolDir=$folder/nodes/%n/spool
TmpFS=$folder/nodes/%n/tmp
MailProg=/bin/true
MpiDefault=pmix
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=2,batch_sched_delay=0,sched_interval=5
PropagateResourceLimits=NONE
KillWait=15
ReturnToService=2
SlurmdTimeout=15
SlurmdParameters=config_overrides
CommunicationParameters=NoAddrCache
MaxArraySize=1001
GresTypes=gpu
$(node_lines)
PartitionName=all Nodes=ALL Default=YES DefaultTime=10 MaxTime=60 State=UP
END
}

# Slurm gives a job the number at the end of a GPU file's name; the file must be a device.
write_gres_conf() {
  local g
  echo AutoDetect=off
  for ((g = 0; g < gpu_count; ++g)); do ln -sf /dev/null "$folder/dev/nvidia$g"; done
  [ "$gpu_count" -eq 0 ] || echo "NodeName=node[1-$nodes] Name=gpu File=$folder/dev/nvidia[0-$((gpu_count - 1))]"
}

# For the login node, and from there for jobs. Without host names of their own, nodes would share Open MPI's files
# in /dev/shm.
write_environment() {
  local interface=eth0 transports=self,vader,tcp
  [ "$mode" = netns ] || { interface=lo transports=self,tcp; }
  cat <<END
export SLURM_CONF=$folder/etc/slurm.conf
export OMPI_MCA_btl=$transports OMPI_MCA_btl_tcp_if_include=$interface OMPI_MCA_oob_tcp_if_include=$interface
export OMPI_MCA_pml=ob1 OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
END
}

configure() {
  local k
  mkdir -p "$folder"/{etc,run,munge,state,dev,log}
  for ((k = 1; k <= nodes; ++k)); do mkdir -p "$folder/nodes/node$k"/{spool,tmp}; done
  chmod 755 "$folder" "$folder/munge"
  (umask 077 && head -c 128 /dev/urandom >"$folder/munge/key")
  port=6817
  [ "$mode" = netns ] || port=$(free_ports $((nodes + 1)))
  echo "$mode" >"$folder/etc/mode"
  write_slurm_conf >"$folder/etc/slurm.conf"
  write_gres_conf >"$folder/etc/gres.conf"
  write_environment >"$folder/etc/environment.sh"
  # The fence that Slurm chooses for small steps lets ranks leave MPI_Init before others are ready.
  echo PMIxCollFence=ring >"$folder/etc/mpi.conf"
  # Nothing here uses cgroups; slurmd gives up where it looks for them in vain.
  case $(slurmd -V) in
    *\ 2[0-2].*) echo CgroupPlugin=cgroup/v1 ;;
    *) echo CgroupPlugin=disabled ;;
  esac >"$folder/etc/cgroup.conf"
  { echo "127.0.0.1 localhost" && echo "$subnet_head head" &&
    for ((k = 1; k <= nodes; ++k)); do echo "$network.$k node$k"; done; } >"$folder/etc/hosts"
}

# Daemons. Their processes carry CLUSTER_FOLDER in their environment, jobs SLURM_CONF and SLURMD_NODENAME.

as_daemon() { CLUSTER_FOLDER=$folder SLURM_CONF=$folder/etc/slurm.conf "$@" >>"$folder/log/daemons.log" 2>&1; }

start_munged() {
  as_daemon munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --origin=127.0.0.1 \
    --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed"
}

start_node() {
  local node=node$1
  if [ "$mode" = netns ]; then
    as_daemon ip netns exec "$node" unshare --uts sh -ec \
      "hostname $node; mount -t tmpfs -o mode=1777 tmpfs /dev/shm; exec slurmd -N $node"
  else
    SLURMD_NODENAME=$node as_daemon slurmd -N "$node"
  fi
}

start_daemons() {
  local k
  start_munged
  as_daemon slurmctld
  for ((k = 1; k <= $(find "$folder/nodes" -mindepth 1 -maxdepth 1 | wc -l); ++k)); do start_node "$k"; done
}

# Process 1 of the namespaces: wires a switch and the nodes, starts the daemons and reaps what they leave.
run_sandbox() {
  local k
  mount --make-rprivate /
  mount --bind "$folder/etc/hosts" /etc/hosts
  mount -t tmpfs tmpfs /run
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  hostname head
  ip link set lo up
  ip link add switch type bridge
  ip addr add "$subnet_head/24" dev switch
  ip link set switch up
  for ((k = 1; k <= $(find "$folder/nodes" -mindepth 1 -maxdepth 1 | wc -l); ++k)); do
    ip netns add "node$k"
    ip link add "port$k" master switch type veth peer name eth0 netns "node$k"
    ip link set "port$k" up
    ip -n "node$k" link set lo up
    ip -n "node$k" addr add "$network.$k/24" dev eth0
    ip -n "node$k" link set eth0 up
  done
  start_daemons
  touch "$folder/run/started"
  while :; do sleep 1000 & wait $! || true; done
}

# Runs in the background as long as the cluster does, and takes it down at the end.
guard() {
  local end=$((SECONDS + ${CLUSTER_TTL:-3600}))
  trap 'sweep; exit' TERM
  echo $$ >"$folder/run/guard.pid"
  if [ "$mode" = netns ]; then
    setpriv --pdeathsig KILL unshare --mount --net --uts --ipc --pid --fork --kill-child --mount-proc \
      "$0" "$folder" sandbox &
    echo $! >"$folder/run/sandbox.pid"
  else
    start_daemons || { sweep; exit 1; }
    touch "$folder/run/started"
  fi
  while [ "$SECONDS" -lt "$end" ] && { [ -z "${CLUSTER_OWNER:-}" ] || is_running "$CLUSTER_OWNER"; }; do
    [ "$mode" = local ] || is_running "$(content_of "$folder/run/sandbox.pid")" || break
    sleep 0.5 &
    wait $! || true
  done
  sweep
}

# What belongs to the cluster, in local mode; with a node's name what belongs to that node.
own_processes() {
  local file node=${1:-}
  for file in /proc/[0-9]*/environ; do
    grep -qzxF -e "CLUSTER_FOLDER=$folder" -e "SLURM_CONF=$folder/etc/slurm.conf" "$file" 2>/dev/null || continue
    if [ -n "$node" ]; then
      grep -qzxF "SLURMD_NODENAME=$node" "$file" || continue
    else
      grep -qzE '^(CLUSTER_FOLDER|SLURMD_NODENAME)=' "$file" || continue
    fi
    file=${file#/proc/}
    printf '%s\n' "${file%/environ}"
  done 2>/dev/null
}

kill_all() {  # kill_all COMMAND...: kills what the command lists until it lists nothing
  local round pids
  for round in 1 2 3 4 5; do
    mapfile -t pids < <("$@")
    [ "${#pids[@]}" -gt 0 ] || return 0
    kill -KILL "${pids[@]}" 2>/dev/null || true
    sleep 0.1
  done
  say "still there after $round rounds: ${pids[*]}"
}

sweep() {
  local sandbox
  sandbox=$(content_of "$folder/run/sandbox.pid")
  if [ -n "$sandbox" ] && grep -qzxF "$folder" "/proc/$sandbox/cmdline" 2>/dev/null; then
    kill -KILL "$sandbox"  # its child, process 1 of the namespaces, goes with it
    while is_running "$sandbox"; do sleep 0.05; done
  fi
  kill_all own_processes
  cp "$folder/etc/slurm.conf" "$folder/log/" 2>/dev/null || true
  rm -rf "${folder:?}"/{etc,run,munge,state,dev,nodes}
}

# Commands.

inside() {  # runs a command where the login node is
  local sandbox init
  sandbox=$(content_of "$folder/run/sandbox.pid")
  if [ -z "$sandbox" ]; then
    "$@"
    return
  fi
  read -r init <<<"$(cat "/proc/$sandbox/task/$sandbox/children")"
  nsenter --target "$init" --mount --uts --net --ipc --pid -- sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$@"
}

load_environment() {
  [ -f "$folder/etc/environment.sh" ] || fail "no cluster in $folder: start one with up"
  # shellcheck source=/dev/null
  source "$folder/etc/environment.sh"
}

idle_nodes() { inside sinfo --noheader --Node --states=idle --format=%N 2>/dev/null | grep -c '^node' || true; }

up() {
  nodes=${1:-} gpu_count=${CLUSTER_GPUS:-0}
  [[ $nodes =~ ^[1-9][0-9]?$ ]] || usage
  check_programs
  choose_mode
  [ ! -e "$folder/run" ] || fail "there is a cluster in $folder already: take it down first"
  [ ! -e "$folder" ] || [ -d "$folder/log" ] || [ -z "$(ls -A "$folder")" ] || fail "$folder is somebody else's"
  configure
  setsid "$0" "$folder" guard >"$folder/log/guard.log" 2>&1 </dev/null &
  local guard=$! end=$((SECONDS + 240))
  load_environment
  until [ -e "$folder/run/started" ] && [ "$(idle_nodes)" -eq "$nodes" ]; do
    if ! is_running $guard || [ "$SECONDS" -ge "$end" ]; then
      tail -n 5 "$folder"/log/*.log >&2
      down
      fail "the cluster did not start"
    fi
    sleep 0.1
  done
  say "$nodes nodes are idle ($mode, $folder)"
}

down() {
  local guard
  guard=$(content_of "$folder/run/guard.pid")
  if [ -n "$guard" ] && grep -qzxF "$folder" "/proc/$guard/cmdline" 2>/dev/null; then
    kill -TERM "$guard"
    while is_running "$guard"; do sleep 0.05; done
  fi
  [ ! -e "$folder/run" ] || sweep  # the guard was killed
}

job_state() { scontrol --oneliner show job "$1" | grep -o ' JobState=[A-Z_]*' | cut -d= -f2 | sort -u | paste -sd ' '; }

# Of an array, the states of all tasks that are not like each other.
wait_for_job() {
  local state='' end=$((SECONDS + ${2:-120}))
  while [ "$SECONDS" -lt "$end" ]; do
    state=$(inside "$0" "$folder" state "$1") || fail "no job $1"
    [[ $state =~ PENDING|RUNNING|COMPLETING|CONFIGURING|REQUEUE|SIGNALING|STOPPED ]] || { echo "$state" && return; }
    sleep 0.2
  done
  fail "job $1 has not ended (it is $state)"
}

power_off() {
  [ -d "$folder/nodes/node$1" ] || fail "no node $1"
  if [ "$mode" = netns ]; then
    kill_all ip netns pids "node$1"
  else
    kill_all own_processes "node$1"
  fi
}

# A boot clears what a killed job has left in the node's folders and memory.
revive_node() {
  rm -rf "${folder:?}/nodes/node$1"/{spool,tmp}/*
  inside "$0" "$folder" start "$1"
}

plug() {
  [ "$mode" = netns ] || fail "only nodes with a network of their own can be cut off" $cannot_run
  inside ip link set "port$1" "$2"
}

folder=${1:-} command=${2:-}
[[ $folder =~ ^/[^[:space:]]{1,59}$ ]] || usage
shift 2 || usage
mode=$(content_of "$folder/etc/mode")
case $command in
  up) up "$@" ;;
  guard) guard ;;
  sandbox) run_sandbox ;;
  down) down ;;
  start) start_node "$1" ;;
  power-off) power_off "$1" ;;
  state) job_state "$1" ;;
  exec | wait | kill | revive | cut | join)
    load_environment
    case $command in
      exec) inside "$@" ;;
      wait) wait_for_job "$@" ;;
      kill) inside "$0" "$folder" power-off "$1" ;;
      revive) revive_node "$1" ;;
      cut) plug "$1" down ;;
      join) plug "$1" up ;;
    esac
    ;;
  *) usage ;;
esac
