#!/usr/bin/env bash
# Sourced by the tests here: a directory of the test's own, and what it starts.
# Both are gone at its end; what the nodes said last is shown if it fails.
# COMITY_BIN names the programs.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$COMITY_BIN:$PATH
work=$(mktemp -d)
pids=()
declare -A serving=() # nodes that `start` started, by directory
finish() {
  local status=$? pid
  if [[ $status -ne 0 ]]; then tail -n 5 "$work"/*.log >&2 || true; fi
  for pid in "${pids[@]}" "${serving[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

# await COMMAND...: until it succeeds, for 20 seconds at most.
await() {
  for _ in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    read -rt 0.2 <> <(:) || true
  done
  echo "did not succeed: $*" >&2
  "$@" >&2 || true
  exit 1
}

# init NODE OPTION...: makes a node in the directory, whose ports nobody else is
# given until the test ends.
init() {
  local held
  comity node init --dir "$@" >out 2>&1 || { cat out >&2; exit 1; }
  exec {held}< <(exec "$source_dir/tests/e2e/hold_ports.py" "$1/comityd.conf")
  pids+=($!)
  read -r <&"$held"
}

# start NODE: serves what is in its directory; stop NODE [SIGNAL]: ends it.
start() {
  comityd --dir "$1" 2>>"$1.log" &
  serving[$1]=$!
  await answers_or_ended "$1"
  kill -0 "${serving[$1]}"
}
answers_or_ended() {
  comity --as "$1/operators/admin-1" status || ! kill -0 "${serving[$1]}"
}
stop() {
  kill "-${2:-TERM}" "${serving[$1]}"
  wait "${serving[$1]}" 2>/dev/null || true
  unset "serving[$1]"
}

# Nigeria's node and Niger's, in ng and ne. init_nodes makes them; serve_nodes
# 'ROLE PERSON'... starts them, with these people of each; pair_nodes lets them
# know each other, with the ready policies in force.
init_nodes() {
  local node
  for node in ng ne; do
    init $node --participant ${node^^}
  done
}
serve_nodes() {
  local node each role person
  for node in ng ne; do
    start $node
    for each in "$@"; do
      read -r role person <<<"$each"
      comity operator add --dir $node --organisation ORG --role "$role" --person "$person" >/dev/null
    done
    comity partner card --dir $node >$node.card
  done
}
pair_nodes() {
  local pair own other
  for pair in 'ng ne' 'ne ng'; do
    read -r own other <<<"$pair"
    add_partner "$own" "$other"
    copy_policies "$own"
    activate_policies "$own"
  done
}

# serve_alone CODE ORGANISATION PERSON: one node with its local access in force
# and a coordinator, in a directory named like the code.
serve_alone() {
  local directory=${1,,}
  init "$directory" --participant "$1" --organisation "$2"
  start "$directory"
  comity operator add --dir "$directory" --organisation "$2" --role COORDINATOR --person "$3" >/dev/null
  admit_people "$directory"
}

# admit_people NODE: puts its local access in force, and nothing else.
admit_people() {
  local admin
  cp "$source_dir/policy/local/$1.textproto" local.textproto
  rm -f local.textproto.signed
  for admin in admin-1 admin-2; do
    comity --as "$1/operators/$admin" policy sign local.textproto >/dev/null
  done
  comity --as "$1/operators/admin-1" policy activate local.textproto >/dev/null
}

# add_partner OWN OTHER: pins the other's card, of its file OTHER.card.
add_partner() {
  comity --as "$1/operators/admin-1" partner add "$2.card" \
    --fingerprint "$(comity partner card --dir "$2" --fingerprint)" >/dev/null
}

# copy_policies OWN: the ready files, in OWN-policy; activate_policies OWN: puts
# what stands there in force between Nigeria and Niger.
copy_policies() {
  cp -r "$source_dir/policy" "$1-policy"
}
activate_policies() {
  local admin
  local files=("$1-policy/agreements/ng-ne-bilateral.textproto"
    "$1-policy/national/$1.textproto" "$1-policy/local/$1.textproto")
  for admin in admin-1 admin-2; do
    comity --as "$1/operators/$admin" policy sign "${files[@]}" >/dev/null
  done
  comity --as "$1/operators/admin-1" policy activate "${files[@]}" >/dev/null
}

# expect CODE TEXT COMMAND...: it ends with that code and says so.
expect() {
  local code=$1 text=$2 status=0
  shift 2
  "$@" >out 2>&1 </dev/null || status=$?
  if [[ $status -ne $code ]] || ! grep -q -- "$text" out; then
    printf '%s: exit %s, not %s, or no "%s" in:\n' "$*" "$status" "$code" "$text" >&2
    cat out >&2
    exit 1
  fi
}

# says TEXT COMMAND...: the text is in what the command prints, however it ends;
# printed TEXT: in what the last `says` printed, too.
says() {
  local text=$1
  shift
  "$@" >out 2>&1 || true
  printed "$text" "$@"
}
printed() {
  grep -q -- "$1" out || { printf '%s: no "%s" in:\n' "${*:2}" "$1" >&2; cat out >&2; exit 1; }
}
# tells TEXT COMMAND...: the command succeeds and prints the text.
tells() {
  "${@:2}" >said
  grep -q -- "$1" said || { printf '%s: no "%s" in:\n' "${*:2}" "$1" >&2; cat said >&2; exit 1; }
}
# has PATTERN: reads all that a pipe brings, unlike grep -q, which ends it early
# and lets the command before it fail.
has() { grep "$@" >/dev/null; }
# prints TEXT COMMAND...: whether it does, for `await`.
prints() { "${@:2}" 2>&1 | has -- "$1"; }
