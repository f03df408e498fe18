#!/bin/sh
# Installs moto once, from PyPI, into the cache folder of this user, and prints the folder of its packages.
set -eu
requirements="$(dirname "$0")/moto.txt"
folder="${ISTHMUS_CACHE:-$HOME/.cache/isthmus}/moto-$(cksum < "$requirements" | cut -d ' ' -f 1)"
if [ ! -d "$folder" ]; then
  mkdir -p "$(dirname "$folder")"
  unfinished=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$unfinished"' EXIT
  python3 -m venv "$unfinished/venv"
  "$unfinished/venv/bin/python" -m pip install --quiet --only-binary :all: --no-deps \
    --target "$unfinished/packages" -r "$requirements" >&2
  # another process may have been faster
  mv "$unfinished/packages" "$folder" 2> /dev/null || [ -d "$folder" ]
fi
printf '%s\n' "$folder"
