#!/usr/bin/env bash
# What a node takes that has nothing to do: its memory, and its programs' size.
#
#   tests/benchmark/footprint.sh BIN OUT.json
set -euo pipefail
COMITY_BIN=$(realpath "$1")
out=$(realpath "$2")
export COMITY_BIN
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/scratch.sh"
cd "$work"

serve_alone NE ANLTP moussa.d
pid=${serving[ne]}
# kb LINE: of the node's memory; of no other process that it might be.
kb() {
  awk -v line="$1:" '$1 == line { print $2 }' "/proc/$pid/status"
}
mib() {
  awk -v size="$1" -v unit="$2" 'BEGIN { printf "%.2f", size / unit }'
}
# The connections of the administrators who set it up end meanwhile.
sleep 5
idle=$(mib "$(kb VmRSS)" 1024)
own=$(mib "$(kb RssAnon)" 1024)
threads=$(awk '$1 == "Threads:" { print $2 }' "/proc/$pid/status")
stripped() {
  strip -o "$1.stripped" "$COMITY_BIN/$1"
  mib "$(stat -c %s "$1.stripped")" 1048576
}
daemon=$(stripped comityd)
client=$(stripped comity)
row() {
  printf '{"name":"%s","value":%s,"unit":"%s","better":"less","target":%s,"ratio":false}' "$@"
}
{
  printf '{"program":"footprint","rows":[\n'
  row 'comityd, idle memory' "$idle" MiB 64
  printf ',\n'
  row 'comityd, idle memory of its own' "$own" MiB null
  printf ',\n'
  row 'comityd, threads' "$threads" threads null
  printf ',\n'
  row 'comityd, stripped' "$daemon" MiB null
  printf ',\n'
  row 'comity, stripped' "$client" MiB null
  printf '\n]}\n'
} >"$out"
cat "$out"
