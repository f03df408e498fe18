# Sourced by the commands: sets `node` to the Node.js that came with `npm ci`, else to the one on the PATH when it is new enough.
node=$root/node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=$(command -v node || true)
  major=$([ -z "$node" ] || "$node" -p 'process.versions.node.split(".")[0]')
  if [ "${major:-0}" -lt 24 ]; then
    echo "Isthmus needs Node.js 24 or later (found: ${major:-none}). Run 'npm ci' in $root: it brings one." >&2
    exit 2
  fi
fi
