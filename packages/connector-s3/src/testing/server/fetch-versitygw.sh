#!/bin/sh
# Builds the S3 server of the tests once, with Go, into the cache folder of this user, and prints where it is.
set -eu
version=1.8.0
folder="${ISTHMUS_CACHE:-$HOME/.cache/isthmus}/versitygw-$version"
if [ ! -x "$folder/versitygw" ]; then
  mkdir -p "$folder"
  unfinished=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf "$unfinished"' EXIT
  GOBIN="$unfinished" go install "github.com/versity/versitygw/cmd/versitygw@v$version" >&2
  mv "$unfinished/versitygw" "$folder/versitygw"
fi
printf '%s\n' "$folder/versitygw"
