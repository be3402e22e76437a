#!/bin/sh
# Makes the secrets named by their paths, each once; what is there stays.
# A volume has the secrets of one owner and is mounted by nobody else, so any uid may read them.
set -eu
umask 222
for path in "$@"; do
    [ -s "$path" ] && continue
    head -c 32 /dev/urandom | base64 | tr -d '=\n' | tr '+/' '-_' > "$path.new"
    mv "$path.new" "$path"
done
