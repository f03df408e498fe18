#!/bin/sh
# Installs moto once, from PyPI, into the cache folder of this user, and prints where its server is.
set -eu
requirements="$(dirname "$0")/moto.txt"
folder="${ISTHMUS_CACHE:-$HOME/.cache/isthmus}/python-moto-$(cksum < "$requirements" | cut -d ' ' -f 1)"
if [ ! -e "$folder/complete" ]; then
  # in place, since the commands of an environment hold its path
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --only-binary :all: --no-deps -r "$requirements" >&2
  touch "$folder/complete"
fi
printf '%s\n' "$folder/bin/moto_server"
