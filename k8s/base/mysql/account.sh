#!/bin/bash
# Makes a service's database and its users, or brings them up to date: NAME.
# The service may change rows; only its migration may change tables.
set -euo pipefail
name=$1
umask 077
printf '[client]\nhost = mysql\nuser = root\npassword = "%s"\n' "$(cat /secrets/mysql/root-password)" > /tmp/root.cnf
until mysqladmin --defaults-extra-file=/tmp/root.cnf --connect-timeout=5 ping --silent; do
    ((SECONDS < 300)) || { echo "MySQL does not answer" >&2; exit 1; }
    sleep 1
done
mysql --defaults-extra-file=/tmp/root.cnf <<SQL
CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS $name@'%', ${name}_migration@'%';
ALTER USER $name@'%' IDENTIFIED BY '$(cat /secrets/service/database-password)',
    ${name}_migration@'%' IDENTIFIED BY '$(cat /secrets/migration/database-password)' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON $name.* TO $name@'%';
GRANT ALL ON $name.* TO ${name}_migration@'%';
SQL
