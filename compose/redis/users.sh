#!/bin/sh
# Makes the secrets of Redis' one user: NAME 'KEY PATTERN' [OTHER SECRET OF THE SERVICE]...
set -eu
name=$1 keys=$2
shift 2
"$(dirname "$0")/../secrets.sh" /secrets/service/redis-password "$@"
hash=$(printf %s "$(cat /secrets/service/redis-password)" | sha256sum | cut -d ' ' -f 1)
rm -f /secrets/redis/users.acl
cat > /secrets/redis/users.acl <<ACL
user default on nopass -@all +ping
user $name on #$hash ~$keys -@all +@read +@write +@scripting +@connection +time -@dangerous
ACL
