#!/usr/bin/env bash
# Runs a standalone worker: the name and the arguments of the Apache distribution.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname "$here")

usage() {
  echo "USAGE: $0 [-daemon] connect-standalone.properties [connector1.properties connector2.json ...]"
  exit 1
}

[ $# -ge 1 ] || usage

daemon= name=connectStandalone
while [ $# -gt 0 ]; do
  case $1 in
    -daemon) daemon=true; shift ;;
    -name) [ $# -ge 2 ] || usage; name=$2; shift 2 ;;
    -loggc) shift ;; # a flag of the JVM's; accepted so that scripts of the Apache distribution run as they are
    -help) shift; set -- --help "$@" ;;
    -h | --help | --version) daemon=; break ;;
    *) break ;;
  esac
done

# shellcheck source=node.sh
. "$here/node.sh"

main=$root/packages/isthmus/src/bin/connect-standalone.ts
if [ -n "$daemon" ]; then
  export ISTHMUS_NOHUP=1
  logs=${LOG_DIR:-$root/logs}
  mkdir -p "$logs"
  nohup "$node" "$main" "$@" >"$logs/$name.out" 2>&1 </dev/null &
else
  exec "$node" "$main" "$@"
fi
