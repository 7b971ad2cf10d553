#!/usr/bin/env bash
# Starts one node and lets a client that shares no code with it call the
# operator API from the published protos. COMITY_BIN names the programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$here/../../.." && pwd)
PATH=$COMITY_BIN:$PATH
work=$(mktemp -d)
pid=
finish() {
  if [[ -n $pid ]]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
cd "$work"

comity node init --participant NG --dir ng --organisation NAPTIP >/dev/null 2>&1
comityd --dir ng 2>ng.log &
pid=$!
for _ in $(seq 50); do
  if comity --as ng/operators/admin-1 status >/dev/null 2>&1; then break; fi
  read -rt 0.2 <> <(:) || true
done
comity operator add --dir ng --organisation NAPTIP --role COORDINATOR --person coord >/dev/null
cp "$source_dir/policy/local/ng.textproto" local.textproto
for admin in admin-1 admin-2; do
  comity --as "ng/operators/$admin" policy sign local.textproto >/dev/null
done
comity --as ng/operators/admin-1 policy activate local.textproto >/dev/null
address=$(sed -n 's/^operator_address: "\(.*\)"$/\1/p' ng/comityd.conf)
node "$here/client.js" "$source_dir/proto" ng/operators/coord "$address" NG
