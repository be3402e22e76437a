#!/usr/bin/env bash
# Runs the blog and its MySQL with plain docker commands. It can be run again at any time; the data stay.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: deploy.sh --network NAME --mysql IMAGE (--password-file FILE | --password PASSWORD) --flask IMAGE [--prune]

  --network NAME        network of the two containers, made if absent; their names and volumes begin with it
  --mysql IMAGE         such as mysql:9.7
  --password-file FILE  has the password of MySQL's root; that of the first run is kept
  --password PASSWORD   the same, but others on this machine can see it while the script runs
  --flask IMAGE         image of the blog-service
  --prune               replace both containers even if nothing changed, then remove unused images of the blog

The blog answers at http://127.0.0.1:8000 (PORT and BIND_ADDRESS change that).
TEXT
}

fail() { echo "error: $*" >&2; exit 1; }

network='' mysql='' password='' flask='' prune=''
while [ $# -gt 0 ]; do
    option=$1
    case $option in
        --prune) prune=yes; shift; continue ;;
        --help) usage; exit ;;
        --network | --mysql | --password-file | --password | --flask) ;;
        *) usage >&2; fail "unknown option $option" ;;
    esac
    [ -n "${2-}" ] || fail "$option needs a value"
    case $option in
        --network) network=$2 ;;
        --mysql) mysql=$2 ;;
        --flask) flask=$2 ;;
        --password) password=$2 ;;
        --password-file)
            [ -r "$2" ] || fail "$2 cannot be read"
            password=$(cat "$2")
            [ -n "$password" ] || fail "$2 is empty" ;;
    esac
    shift 2
done
[ -n "$network" ] || fail "--network is missing"
[ -n "$mysql" ] || fail "--mysql is missing"
[ -n "$flask" ] || fail "--flask is missing"
[ -n "$password" ] || fail "--password-file is missing"
[[ $network =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$ ]] || fail "$network is no name of a network"
docker info >/dev/null 2>&1 || fail "no Docker engine answers"

compose=$(cd "$(dirname "$0")/../../../compose" && pwd)
hardened=(--read-only --cap-drop=ALL --security-opt=no-new-privileges --pids-limit=128 --tmpfs=/tmp:mode=1777)
kept=(--detach --restart=unless-stopped --log-opt=max-size=8m --log-opt=max-file=2)
root_secrets=$network-mysql-secrets service_secrets=$network-blog-secrets migration_secrets=$network-migration-secrets

find_image() {
    docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null ||
        fail "image $1 is not here and cannot be pulled"
}

# Keeps a container that runs the same image; one that does not is removed.
runs() {
    [ "$(docker container inspect --format '{{.State.Running}} {{.Image}}' "$1" 2>/dev/null)" = \
        "true $(docker image inspect --format '{{.Id}}' "$2")" ] && [ -z "$prune" ] && return 0
    docker rm --force "$1" >/dev/null 2>&1 || true
    return 1
}

wait_healthy() {
    local deadline=$((SECONDS + 120))
    until [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]; do
        [ $SECONDS -lt $deadline ] || { docker logs --tail 20 "$1" >&2; fail "$1 did not become healthy"; }
        sleep 0.5
    done
}

# The password goes through standard input: neither a command line nor an environment has it.
keep_password() {
    # shellcheck disable=SC2016 # for the container's shell
    printf '%s\n' "$password" | docker run --rm --interactive --network=none --user=0:0 "${hardened[@]}" \
        --volume="$root_secrets:/secrets" --entrypoint=/bin/sh "$mysql" -c '
            read -r given
            [ -s /secrets/root-password ] || { umask 222; printf %s "$given" > /secrets/root-password; }
            [ "$(cat /secrets/root-password)" = "$given" ]' ||
        fail "the password is not that of the first run, which MySQL's data still have"
}

start_mysql() {
    runs "$network-mysql" "$mysql" && return
    docker run "${kept[@]}" "${hardened[@]}" --name="$network-mysql" --network="$network" --network-alias=mysql \
        --user=999:999 --tmpfs=/var/run/mysqld:uid=999,gid=999,mode=0755 --memory=512m --stop-timeout=60 \
        --env=MYSQL_ROOT_PASSWORD_FILE=/run/secrets/root-password \
        --volume="$root_secrets:/run/secrets:ro" --volume="$network-mysql-data:/var/lib/mysql" \
        --health-cmd='mysqladmin ping --silent --host=127.0.0.1' --health-interval=10s --health-timeout=5s \
        --health-start-period=60s --health-start-interval=1s \
        "$mysql" --innodb-buffer-pool-size=64M --performance-schema=OFF --disable-log-bin --mysqlx=OFF \
        --skip-name-resolve --loose-innodb-numa-interleave=OFF >/dev/null
}

make_database() {
    docker run --rm "${hardened[@]}" --network="$network" --user=0:0 --volume="$compose:/compose:ro" \
        --volume="$root_secrets:/secrets/mysql:ro" --volume="$service_secrets:/secrets/service" \
        --volume="$migration_secrets:/secrets/migration" \
        --entrypoint=/bin/sh "$mysql" /compose/mysql/account.sh blog /secrets/service/flask-key
}

database=(--env=MYSQL_HOSTNAME=mysql --env=MYSQL_DB_NAME=blog
    --env=MYSQL_FLASK_PASSWORD_FILE=/run/secrets/database-password)

migrate() {
    docker run --rm "${hardened[@]}" "${database[@]}" --network="$network" --env=MYSQL_FLASK_USER=blog_migration \
        --volume="$migration_secrets:/run/secrets:ro" "$flask" -m blog_service.migrate
}

start_blog() {
    runs "$network-blog" "$flask" && return
    docker run "${kept[@]}" "${hardened[@]}" "${database[@]}" --name="$network-blog" --network="$network" \
        --memory=192m --stop-timeout=40 --publish="${BIND_ADDRESS:-127.0.0.1}:${PORT:-8000}:8000" \
        --env=SERVE_PORT=8000 --env=MYSQL_FLASK_USER=blog \
        --env=FLASK_APP_SECRET_KEY_FILE=/run/secrets/flask-key \
        --volume="$service_secrets:/run/secrets:ro" "$flask" >/dev/null
}

find_image "$mysql"
find_image "$flask"
docker network inspect "$network" >/dev/null 2>&1 || docker network create "$network" >/dev/null
keep_password
start_mysql
wait_healthy "$network-mysql"
make_database
migrate
start_blog
wait_healthy "$network-blog"
[ -z "$prune" ] || docker image prune --force --filter=label=org.opencontainers.image.title=blog-service >/dev/null
echo "The blog runs: http://${BIND_ADDRESS:-127.0.0.1}:${PORT:-8000}"
