#!/bin/sh
# Makes a service's database, its users and their secrets, or brings them up to date: NAME [OTHER SECRET]...
# The service may change rows; only its migration may change tables.
set -eu
name=$1
shift
"$(dirname "$0")/../secrets.sh" /secrets/service/database-password /secrets/migration/database-password "$@"

umask 077
printf '[client]\nhost = mysql\nuser = root\npassword = "%s"\n' "$(cat /secrets/mysql/root-password)" > /tmp/root.cnf
mysql --defaults-extra-file=/tmp/root.cnf <<SQL
CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS $name@'%', ${name}_migration@'%';
ALTER USER $name@'%' IDENTIFIED BY '$(cat /secrets/service/database-password)',
    ${name}_migration@'%' IDENTIFIED BY '$(cat /secrets/migration/database-password)' REQUIRE SSL;
GRANT SELECT, INSERT, UPDATE, DELETE ON $name.* TO $name@'%';
GRANT ALL ON $name.* TO ${name}_migration@'%';
SQL
