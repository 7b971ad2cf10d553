#!/usr/bin/env bash
# Sourced by the tests here: a directory of the test's own, and what it starts.
# Both are gone at its end. COMITY_BIN names the programs.
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$COMITY_BIN:$PATH
work=$(mktemp -d)
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do
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

# serve_alone CODE ORGANISATION PERSON: one node with its local access in force
# and a coordinator, in a directory named like the code.
serve_alone() {
  local directory=${1,,} admin
  comity node init --participant "$1" --dir "$directory" --organisation "$2" >/dev/null 2>&1
  comityd --dir "$directory" 2>"$directory.log" &
  pids+=($!)
  await comity --as "$directory/operators/admin-1" status
  comity operator add --dir "$directory" --organisation "$2" --role COORDINATOR --person "$3" >/dev/null
  cp "$source_dir/policy/local/$directory.textproto" local.textproto
  for admin in admin-1 admin-2; do
    comity --as "$directory/operators/$admin" policy sign local.textproto >/dev/null
  done
  comity --as "$directory/operators/admin-1" policy activate local.textproto >/dev/null
}
