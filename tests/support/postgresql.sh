#!/usr/bin/env bash
# A PostgreSQL server for tests, in a folder of its own, that only this machine's users reach by a socket in it.
#   postgresql.sh start FOLDER [PID]   makes it where it is not yet; it ends with process PID, if one is named
#   postgresql.sh stop FOLDER          in an orderly way
#   postgresql.sh kill FOLDER          as a crash would
# URL: postgresql://postgres@/runs?host=FOLDER&run=NAME
set -euo pipefail

action=${1:?start, stop or kill}
folder=${2:?a folder}
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$programs" ] || { echo "postgresql.sh: no server is installed: apt-get install postgresql" >&2; exit 1; }

# The server refuses to run as root.
as_user=()
if [ "$(id -u)" -eq 0 ]; then
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  as_user=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups)
fi

control() { "${as_user[@]}" env -u PGDATA LC_ALL=C "$programs/pg_ctl" --silent -D "$folder/data" "$@"; }

case $action in
  start)
    mkdir -p "$folder"
    [ ${#as_user[@]} -eq 0 ] || chown "$user" "$folder"
    cd "$folder"
    fresh=
    if [ ! -d data ]; then
      fresh=yes
      "${as_user[@]}" env LC_ALL=C "$programs/initdb" -D data -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >initdb.log
      chmod a+rx .
    fi
    control -w -l "$folder/log" -o "-k '$folder' -c listen_addresses='' -c fsync=off" start
    [ -z "$fresh" ] || "${as_user[@]}" "$programs/psql" -q -h "$folder" -U postgres -c 'CREATE DATABASE runs' postgres
    if [ $# -gt 2 ]; then
      watched=$3
      (
        exec >/dev/null 2>&1 </dev/null
        while kill -0 "$watched"; do sleep 1; done
        control -m immediate stop
        rm -rf "$folder"
      ) &
    fi
    ;;
  stop) control -w -m fast stop ;;
  kill) control -w -m immediate stop ;;
  *) sed -n '3,5s/^# *//p' "$0" >&2; exit 2 ;;
esac
