#!/usr/bin/env bash
# A Slurm cluster of one machine for tests: munged, slurmctld and slurmd with everything they write in a folder.
#   slurm.sh start FOLDER    then SLURM_CONF=FOLDER/slurm.conf makes sbatch, squeue and scancel mean it
#   slurm.sh stop FOLDER
# Needs root, slurm-wlm and munge. Times are short: a job over its limit is ended 5 s after SIGTERM.
set -euo pipefail

action=${1:?start or stop}
folder=$(realpath -m "${2:?a folder}")
PATH=$PATH:/usr/sbin:/sbin
host=$(hostname -s)

end() {  # a daemon by the file with its process number
  [ -s "$folder/$1.pid" ] || return 0
  local pid
  pid=$(cat "$folder/$1.pid")
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
}

case $action in
  start)
    for program in slurmctld slurmd munged; do
      command -v "$program" >/dev/null || { echo "slurm.sh: $program is missing: apt-get install slurm-wlm munge" >&2; exit 1; }
    done
    [ "$(id -u)" -eq 0 ] || { echo "slurm.sh: slurmd needs root" >&2; exit 1; }
    mkdir -p "$folder/state" "$folder/spool" "$folder/munge"
    chmod 755 "$folder" "$folder/munge"
    head -c 1024 /dev/urandom >"$folder/munge.key"
    chmod 400 "$folder/munge.key"
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge/socket" --pid-file="$folder/munged.pid" \
      --seed-file="$folder/munge.seed" --log-file="$folder/munge.log"
    port=$((20000 + $$ % 10000 * 2))
    cat >"$folder/slurm.conf" <<CONF
ClusterName=synthtest
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,defer=0
KillWait=5
MinJobAge=10
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=cpu Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
CONF
    export SLURM_CONF=$folder/slurm.conf
    slurmctld
    slurmd
    for _ in $(seq 300); do
      sinfo --noheader --format=%t 2>/dev/null | grep -Eq 'idle|mix|alloc' && exit 0
      sleep 0.1
    done
    echo "slurm.sh: the node did not come up; its logs:" >&2
    tail -n 20 "$folder"/slurmctld.log "$folder"/slurmd.log >&2
    exit 1
    ;;
  stop)
    export SLURM_CONF=$folder/slurm.conf
    scancel --user=root >/dev/null 2>&1 || true
    for daemon in slurmd slurmctld munged; do end "$daemon"; done
    ;;
  *) sed -n '3,4s/^# *//p' "$0" >&2; exit 2 ;;
esac
