#!/bin/sh
# Starts Redis with a user for each role, who may do what docs/redis.md lists and no more (the file `rights` beside this
# one). The first start makes a password for each, and keeps it in a volume of that role alone, as the URL that its
# process reads: uid 1000 is the process's. `default` is for operators.
# redis-server reads them from its standard input: every process of the machine may see command lines. Its data is where
# this is started: the folder of the volume.
set -eu
umask 077
for user in default ingest-api poller processor ms4-sender ops-console; do
  url=/run/ms1/$user/redis-url
  [ ! -s "$url" ] || continue
  password=$(head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
  mkdir -p "/run/ms1/$user"
  printf 'redis://%s:%s@redis:6379' "$user" "$password" > "$url.new"
  chown 1000 "$url.new"
  mv "$url.new" "$url"
done
password_of() {
  sed 's/.*:\(.*\)@.*/\1/' "/run/ms1/$1/redis-url"
}
users() {
  echo "user default on >$(password_of default) ~* &* +@all"
  # Of the health check: it may do nothing else, so it needs no password.
  echo 'user health on nopass -@all +ping'
  while read -r role rights; do
    echo "user $role on >$(password_of "$role") $rights"
  done < "$(dirname "$0")/rights"
}
exec docker-entrypoint.sh redis-server - "$@" << END
$(users)
END
