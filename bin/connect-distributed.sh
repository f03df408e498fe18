#!/usr/bin/env bash
# Runs a worker of a group: the name and the arguments of the Apache distribution.
set -euo pipefail

command=connect-distributed
name=connectDistributed # of the log that -daemon writes
arguments='connect-distributed.properties'

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=worker.sh
. "$here/worker.sh"
