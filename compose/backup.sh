#!/usr/bin/env bash
# Writes what MySQL and Redis hold into a new folder: backup.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-backups/$(date -u +%Y-%m-%dT%H%M%SZ)}

[ ! -e "$folder" ] || { echo "error: $folder exists already" >&2; exit 1; }
umask 077
mkdir -p "$(dirname "$folder")"
mkdir "$folder.part"

# shellcheck disable=SC2016 # the container's shell reads the password
docker compose exec -T mysql sh -c 'MYSQL_PWD=$(cat /run/secrets/root-password) exec mysqldump \
    --host=127.0.0.1 --user=root --single-transaction --add-drop-database --databases blog config' |
    gzip > "$folder.part/mysql.sql.gz"

# The files are as after a power cut, which they survive; while it pauses, no new part of them begins.
docker compose --progress=quiet pause redis
trap 'docker compose --progress=quiet unpause redis' EXIT
docker compose --progress=quiet run --rm --no-deps -T --entrypoint tar redis -cC /data . </dev/null |
    gzip > "$folder.part/redis.tar.gz"
mv "$folder.part" "$folder"
echo "$folder"
