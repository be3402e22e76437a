#!/bin/sh
# Makes the secrets of Redis' one user: NAME 'KEY PATTERN' [OTHER SECRET OF THE SERVICE]...
# Nobody can be the default user, but as that Redis itself reads its append-only file at the start: it may do all.
set -eu
name=$1 keys=$2
shift 2
"$(dirname "$0")/../secrets.sh" /secrets/service/redis-password "$@"
hash=$(printf %s "$(cat /secrets/service/redis-password)" | sha256sum | cut -d ' ' -f 1)
rm -f /secrets/redis/users.acl
cat > /secrets/redis/users.acl <<ACL
user default off ~* &* +@all
user probe on nopass -@all +ping
user $name on #$hash ~$keys -@all +@read +@write +@scripting +@transaction +@connection +time -@dangerous
ACL
