#!/usr/bin/env bash
# Puts back what backup.sh wrote, in place of what is there: restore.sh FOLDER
set -euo pipefail
folder=$(realpath "${1:?error: name the folder of a backup}")
cd "$(dirname "$0")/.."
gzip --test "$folder/mysql.sql.gz" "$folder/redis.tar.gz"

docker compose --progress=quiet stop ip-service redis blog-service config-service
gunzip < "$folder/redis.tar.gz" |
    docker compose --progress=quiet run --rm --no-deps -T --entrypoint sh redis -c 'rm -rf /data/* && tar -xC /data'

docker compose --progress=quiet up --detach --wait mysql
# shellcheck disable=SC2016 # the container's shell reads the password
gunzip < "$folder/mysql.sql.gz" |
    docker compose exec -T mysql sh -c 'MYSQL_PWD=$(cat /run/secrets/root-password) exec mysql --host=127.0.0.1 --user=root'

docker compose --progress=quiet up --detach --wait
