#!/usr/bin/env bash
# Tries the image and Compose on a Docker engine, against the simulator: builds, scales, kills, stops and starts, and
# counts in the end what was lost and what was doubled. Takes about seven minutes; wants docker with compose 2, git, curl.
#
#   docker/try.sh          all of it
#   docker/try.sh build    the image, and how long that takes
#   docker/try.sh run      with the images that are there
#
# It runs beside whatever you have, as the Compose project ms1-try, but on the same ports of 127.0.0.1 (8080, 3000,
# 4300); it removes its containers and volumes in the end. It ends with 1 where something is not as docs/deployment.md
# says, and goes on until then.
set -euo pipefail
cd "$(dirname "$0")/.."
project=ms1-try
image=ms1-email-ingestor
messages=5000
workers="--scale processor=3 --scale ms4-sender=2"
work=$(mktemp -d)
failed=0

say() { printf '%5ss  %s\n' "$SECONDS" "$*"; }
# check WHAT COMMAND...: says whether the command succeeds
check() {
  local what=$1
  shift
  if "$@" > "$work/said" 2>&1; then
    say "ok    $what"
  else
    say "FAIL  $what"
    sed 's/^/              /' "$work/said" | tail -n 20
    failed=$((failed + 1))
  fi
}
# within SECONDS WHAT COMMAND...: the same, once it succeeds
within() {
  local end=$((SECONDS + $1)) began=$SECONDS what=$2
  shift 2
  until "$@" > "$work/said" 2>&1 || [ "$SECONDS" -ge "$end" ]; do sleep 1; done
  check "$what ($((SECONDS - began)) s)" "$@"
}
fails() { ! "$@"; }
is() {
  [ "$1" = "$2" ] || {
    echo "is \"$1\", not \"$2\""
    return 1
  }
}
is_empty() { is "$1" ""; }
# timed COMMAND...: leaves in `took` how many seconds it takes; nothing goes on without it
timed() {
  local TIMEFORMAT=%R
  { time "$@" > "$work/said" 2>&1; } 2> "$work/took" || {
    cat "$work/said" >&2
    exit 1
  }
  took=$(cat "$work/took")
}

compose() { docker compose --progress quiet --project-name $project --file docker/compose.yaml --env-file "$work/env" "$@"; }
ms1() { compose run --rm -T ms1 "$@"; }
clean_up() {
  [ ! -e "$work/env" ] || compose --profile '*' down --volumes --timeout 30 > /dev/null 2>&1 || true
  docker image rm $image:changed > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'say "cannot go on after line $LINENO"' ERR

build() {
  git clone --quiet . "$work/clone"
  local how
  how="--file $work/clone/docker/Dockerfile --build-arg REVISION=$(git rev-parse HEAD)"
  timed docker build $how --no-cache --tag $image "$work/clone"
  say "built from a clean clone without a cache in $took s"
  docker build $how --target simulator --tag $image-simulator "$work/clone" > /dev/null 2>&1
  echo '// changed' >> "$work/clone/packages/runtime/src/index.ts"
  timed docker build $how --tag $image:changed "$work/clone"
  say "built again after a line was changed in $took s"
  say "$(docker image inspect $image --format '{{.Size}} bytes with its base, user {{.Config.User}}, revision {{index .Config.Labels "org.opencontainers.image.revision"}}')"
  check 'it says what it is' docker run --rm --entrypoint sh $image -c 'test -s sbom.cdx.json'
  check 'it has neither bundler nor simulator' docker run --rm --entrypoint sh $image -c \
    '! ls -d apps/simulator packages/testkit node_modules/esbuild node_modules/@faker-js node_modules/typescript'
}

# --- asking ---
simulator() { # METHOD PATH [BODY]
  curl --silent --show-error --fail --max-time 10 --request "$1" "http://127.0.0.1:4300/control/$2" \
    --header 'Authorization: Bearer simulator-demo-token' --header 'Content-Type: application/json' \
    ${3:+--data "$3"}
}
stored() { simulator GET status | sed 's/.*"stored":\([0-9]*\),"graph".*/\1/'; }
stored_at_least() { [ "$(stored)" -ge "$1" ]; }
containers() { compose ps --all --quiet "$@"; }
one_of() { containers "$1" | sed -n 1p; }
health_of() { docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1"; }
all_healthy() {
  local id
  for id in $(containers "$@"); do
    [ "$(health_of "$id")" = healthy ] || {
      docker inspect --format '{{.Name}} {{json .State}}' "$id"
      return 1
    }
  done
}
# What each process says at its own address in the network, asked by another container.
all_ready() {
  local id targets=""
  for id in $(containers ingest-api poller processor ms4-sender ops-console); do
    targets="$targets $(docker inspect --format '{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id")"
    targets="$targets $(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$id" | sed -n 's/^HEALTH_PORT=//p')"
  done
  # shellcheck disable=SC2086
  docker run --rm --network ${project}_default --entrypoint bash $image -c '
    while [ $# -gt 0 ]; do
      exec 3<> "/dev/tcp/$2/$3" || { echo "$1 does not answer"; exit 1; }
      printf "GET /readyz HTTP/1.0\r\n\r\n" >&3
      answer=$(cat <&3)
      case $answer in "HTTP/1.1 200"*) ;; *) echo "$1: $answer"; exit 1 ;; esac
      shift 3
    done' _ $targets
}
published_answer() {
  simulator GET status > /dev/null
  is "$(curl -sf --max-time 5 -X POST 'http://127.0.0.1:8080/webhooks/graph?validationToken=said')" said
  is "$(curl -s --max-time 5 -o /dev/null -w '%{http_code}' http://127.0.0.1:3000/api/queues)" 401
}
# Healthy has to mean that it works; all of it has to.
is_well() {
  within 90 "$1: every container is healthy" all_healthy
  within 60 "$1: and ready, at its address" all_ready
  check "$1: the webhook, the console and the simulator answer on the host" published_answer
}
# What the simulator's own ledgers say, read by the code with which npm start audits.
ledgers() {
  docker run --rm --network none --volume ${project}_simulator:/ledgers:ro \
    --volume "$PWD/tools/fleet:/app/tools/fleet:ro" $image-simulator --input-type=module --eval "
      import { WitnessLedgers } from '/app/tools/fleet/witness-ledgers.ts';
      const ledgers = new WitnessLedgers('/ledgers', { seed: 1, messages: $messages });
      ledgers.refresh();
      const [lost, doubled] = [ledgers.missing().length, ledgers.doubled().length];
      console.log(ledgers.injected + ' injected, ' + lost + ' lost, ' + doubled + ' doubled, '
        + ledgers.phantoms().length + ' made up');"
}

# --- from inside ---
inside() { docker exec "$(one_of "$1")" bash -c "$2"; }
looks_from_inside() {
  check 'inside: user 1000' is "$(inside processor 'id -u')" 1000
  check 'inside: the root is read-only' inside processor '! touch /app/x 2> /dev/null && ! touch /tmp/x 2> /dev/null'
  check 'inside: no capability, no new privileges' is \
    "$(inside processor "sed -n 's/^CapEff:\t//p;s/^NoNewPrivs:\t//p' /proc/self/status | tr '\n' ' '")" '0000000000000000 1 '
  check 'inside: 1 GB of memory' is "$(inside processor 'node --print "process.constrainedMemory()"')" 1073741824
  check 'inside: at most 100 processes' is \
    "$(inside processor 'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2> /dev/null')" 100
  check 'secrets: the console has its password as a file' is \
    "$(inside ops-console 'cat /run/secrets/ops_console_password')" "$(cat "$work/password")"
  check 'secrets: and nobody has it in an environment' is_empty \
    "$(docker inspect $(containers) | grep -F "$(cat "$work/password")" || true)"
  check 'secrets: a processor has no password of the console' inside processor '! ls /run/secrets/ops_console_password'
  check 'secrets: each role has its own user of Redis' is \
    "$(inside processor 'sed "s,redis://\(.*\):.*@.*,\1," /run/ms1/redis-url')" processor
  check 'limits: logs are rotated' is "$(docker inspect --format '{{index .HostConfig.LogConfig.Config "max-size"}}' "$(one_of poller)")" 10m
}

# A process that hangs is not healthy.
tells_what_hangs() {
  local id
  id=$(one_of processor)
  docker exec "$id" bash -c 'kill -STOP -1'
  within 90 'a processor that hangs becomes unhealthy' is_unhealthy "$id"
  docker exec "$id" bash -c 'kill -CONT -1'
  within 60 'and healthy when it goes on' all_healthy processor
}
is_unhealthy() { is "$(health_of "$1")" unhealthy; }
has_restarted() { [ "$(docker inspect --format '{{.RestartCount}} {{.State.Running}}' "$1")" = "$2 true" ]; }

run() {
  check 'an empty configuration is refused' fails docker compose --file docker/compose.yaml --env-file /dev/null config --quiet
  echo 'a-password-of-the-try' > "$work/password"
  chmod 755 "$work"
  chmod 444 "$work/password"
  { grep -v '^OPS_CONSOLE_PASSWORD=' docker/simulator.env; echo "OPS_CONSOLE_PASSWORD_FILE=$work/password"; } > "$work/env"
  # shellcheck disable=SC2086
  timed compose up --detach --wait $workers
  say "up --wait with 3 processors and 2 senders in $took s"
  is_well 'start'
  looks_from_inside

  local id role before session
  session=$(ms1 sessions start --name try --json 2> "$work/said" | sed -n 's/^ *"id": "\(.*\)",$/\1/p' | sed -n 1p)
  say "session $session of $messages messages, 80 a second"
  simulator POST inject "{\"messages\": $messages, \"seed\": 1, \"perSecond\": 80}" > /dev/null
  for role in processor ms4-sender poller ingest-api ops-console redis; do
    before=$(stored)
    id=$(one_of $role)
    docker kill --signal KILL "$id" > /dev/null
    docker start "$id" > /dev/null
    within 60 "$role is killed and started, and mail goes on" stored_at_least $((before + 100))
  done
  id=$(one_of processor)
  before=$(docker inspect --format '{{.RestartCount}}' "$id")
  docker exec "$id" bash -c 'kill -KILL -1' || true
  within 60 'a processor that dies is started again by itself' has_restarted "$id" $((before + 1))
  within 60 'and healthy again' all_healthy processor
  compose stop redis
  within 60 'without Redis nobody is ready' fails all_ready
  within 60 'without Redis every process is alive and healthy' all_healthy ingest-api poller processor ms4-sender ops-console
  compose start redis
  is_well 'Redis is back'
  within 300 "all $messages are stored" stored_at_least $messages
  check 'the session finds every message' ms1 sessions close "$session"
  ms1 sessions show "$session" --wait || failed=$((failed + 1))
  tells_what_hangs

  for role in $(compose config --services | grep -v -x -e ms1 -e prometheus -e grafana); do
    compose restart "$role"
    is_well "$role restarted"
  done
  compose down
  # shellcheck disable=SC2086
  timed compose up --detach --wait $workers
  say "down, and up --wait in $took s"
  is_well 'up again'
  check 'the session is known' ms1 sessions show "$session"
  simulator POST inject '{"messages": 200, "seed": 2}' > /dev/null
  within 120 'mail goes on' stored_at_least $((messages + 200))
  ms1 audit || failed=$((failed + 1))
  check "$(ledgers)" is "$(ledgers)" "$messages injected, 0 lost, 0 doubled, 0 made up"
}

case ${1:-all} in
  build) build ;;
  run) run ;;
  all)
    build
    run
    ;;
  *)
    sed -n '2,12p' "$0"
    exit 2
    ;;
esac
say "$failed failed"
exit $((failed > 0))
