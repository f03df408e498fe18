#!/usr/bin/env bash
# Runs a standalone worker: the name and the arguments of the Apache distribution.
set -euo pipefail

command=connect-standalone
name=connectStandalone # of the log that -daemon writes
arguments='connect-standalone.properties [connector1.properties connector2.json ...]'

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=worker.sh
. "$here/worker.sh"
