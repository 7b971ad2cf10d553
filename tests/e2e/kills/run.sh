#!/usr/bin/env bash
# Kills both sides with SIGKILL at random points while their people take
# referrals from the draft to the end, and compares the ledgers. COMITY_KILLS
# says how often (100), COMITY_SEED from which number. COMITY_BIN names the
# programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/e2e/scratch.sh
source "$here/../scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit'
pair_nodes
stop ng
stop ne
# From here on the driver starts and kills the nodes.
node --no-deprecation "$here/kills.js" "$source_dir/proto" "${COMITY_KILLS:-100}" "${COMITY_SEED:-20261203}"
for node in ng ne; do
  start $node
  comity --as $node/operators/audit audit verify >/dev/null
done
