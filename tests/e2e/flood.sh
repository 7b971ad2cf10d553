#!/usr/bin/env bash
# A partner's node floods another with its own valid certificate. Each flood is
# cut before it costs much, the third suspends the partner, and what is sent to
# it still goes. COMITY_BIN names the programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/e2e/scratch.sh
source "$here/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'AUDITOR audit'
pair_nodes
address=$(sed -n 's/^federation_address: "\(.*\)"$/\1/p' ng/comityd.conf)
flooded=${serving[ng]}

# Kilobytes that the node has held at most.
peak() {
  sed -n 's/^VmHWM:[ \t]*\([0-9]*\) kB/\1/p' "/proc/$flooded/status"
}

# flood MODE FROM: cut, long before its 64 MB are through.
flood() {
  local before after result bytes
  before=$(peak)
  result=$(node "$here/attacker/flood.mjs" "$1" "$address" ne/run/identity.pem "$2")
  after=$(peak)
  echo "$result, and at most $((after - before)) kB more memory"
  bytes=${result#*'"bytes":'}
  bytes=${bytes%%,*}
  if [[ $result != *'"cut":true'* || $bytes -gt 33554432 || $((after - before)) -gt 65536 ]]; then
    echo "the flood was not contained" >&2
    exit 1
  fi
}

reachable() { # reachable FROM TO
  comity --as "$1/operators/admin-1" --json status --probe |
    tr -d '\n' | has "\"participant\": \"$2\".*handshake answered"
}
suspended() {
  comity --as ng/operators/admin-1 partner list | has "^NE.*suspended .*3 floods"
}

await reachable ne NG
# Each from another address: one that floods is not let in again for a while.
flood reset 127.0.0.2
flood continuation 127.0.0.3
suspended && { echo 'suspended after two floods' >&2; exit 1; }
flood body 127.0.0.4
await suspended
comity --as ng/operators/audit audit show --limit 500 | grep -c 'connection of NE cut: a flood of' |
  grep -qx 3
expect 0 PARTNER_SUSPENDED comity --as ng/operators/admin-1 --json status
await reachable ng NE
reachable ne NG && { echo 'a suspended partner was served' >&2; exit 1; }

expect 0 'taken again' comity --as ng/operators/admin-1 partner resume NE
await reachable ne NG
expect 6 'is not suspended' comity --as ng/operators/admin-1 partner resume NE
flood settings 127.0.0.5
flood ping 127.0.0.6
# One that floods is not let in again for a while.
flood reset 127.0.0.5
# Others are served all the time.
await reachable ne NG

expect 0 'refused from now on' comity --as ng/operators/admin-1 partner suspend NE --why 'key lost'
expect 0 'key lost' comity --as ng/operators/admin-1 partner list
expect 7 'suspended already' comity --as ng/operators/admin-1 partner suspend NE
expect 6 'is no partner' comity --as ng/operators/admin-1 partner suspend GH
comity --as ng/operators/audit audit verify >/dev/null
echo 'every flood was cut; the partner was suspended and taken back'
