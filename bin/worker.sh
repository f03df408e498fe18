# Sourced by the two commands: runs the one that `command` names with what it was given; `arguments` is for the usage.
root=$(dirname "$here")

usage() {
  echo "USAGE: $0 [-daemon] $arguments"
  exit 1
}

[ $# -ge 1 ] || usage

daemon=
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

# the Node.js that came with `npm ci`, else the one on the PATH when it is new enough
node=$root/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=$(command -v node || true)
  major=$([ -z "$node" ] || "$node" -p 'process.versions.node.split(".")[0]')
  if [ "${major:-0}" -lt 24 ]; then
    echo "Isthmus needs Node.js 24 or later (found: ${major:-none}). Run 'npm ci' in $root: it brings one." >&2
    exit 2
  fi
fi

# Every connector has threads: with glibc's defaults each thread's allocations stay with it. Measured with 30 threads, this takes a quarter
# off the memory while they run, and gives back twice as much of it when they end.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-4}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-65536}"

# Node.js undoes what nohup has done; the commands are told to leave hangups alone.
case "$(trap -p HUP)" in *"''"*) export ISTHMUS_NOHUP=1 ;; esac

# the log is on the terminal, and in a file of the folder that Java's scripts use; an empty ISTHMUS_LOG_FILE stands for none
logs=${LOG_DIR:-$root/logs}
export ISTHMUS_LOG_FILE="${ISTHMUS_LOG_FILE-$logs/connect.log}"

main=$root/packages/isthmus/src/bin/$command.ts
if [ -n "$daemon" ]; then
  export ISTHMUS_NOHUP=1
  mkdir -p "$logs"
  nohup "$node" "$main" "$@" >"$logs/$name.out" 2>&1 </dev/null &
else
  exec "$node" "$main" "$@"
fi
