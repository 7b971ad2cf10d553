#!/usr/bin/env bash
# Starts one node and lets a client that shares no code with it call the
# operator API from the published protos. COMITY_BIN names the programs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/e2e/scratch.sh
source "$here/../scratch.sh"
cd "$work"

serve_alone NG NAPTIP coord
address=$(sed -n 's/^operator_address: "\(.*\)"$/\1/p' ng/comityd.conf)
node "$here/client.js" "$source_dir/proto" ng/operators/coord "$address" NG
