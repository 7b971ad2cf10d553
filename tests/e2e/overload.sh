#!/usr/bin/env bash
# A partner calls a node ten times as often as it may, as two clients with its
# own valid certificate. Each of its calls is answered or refused by name, at
# the price of one entry a minute; another partner is served as ever, and the
# node takes no more memory or files for it. COMITY_BIN names the programs.
# How long others wait is measured by tests/benchmark/overload_benchmark.cc.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/e2e/scratch.sh
source "$here/scratch.sh"
cd "$work"
rate=20

init_nodes
init bj --participant BJ
sed -i "s/^max_calls_per_second_per_partner: .*/max_calls_per_second_per_partner: $rate/" ng/comityd.conf
grep -qx "max_calls_per_second_per_partner: $rate" ng/comityd.conf
serve_nodes 'AUDITOR audit'
start bj
comity partner card --dir bj >bj.card
admit_people ng
# Nigeria's node knows both and calls neither: what is counted is the test's.
add_partner ng ne
add_partner ng bj
address=$(sed -n 's/^federation_address: "\(.*\)"$/\1/p' ng/comityd.conf)
busy=${serving[ng]}

calls() { # calls NODE CALLS_PER_SECOND SECONDS: what became of them, as JSON
  node "$here/attacker/overload.mjs" "$address" "$1/run/identity.pem" "$2" "$3"
}
answered() { # answered NODE CALLS FILE: all were
  has "\"answered\":$2,\"overloaded\":0,\"other\":0" <"$3"
}
serves() {
  calls "$1" 5 1 >served
  answered "$1" 5 served
}
number() { # number NAME FILE...: the sum of what stands there under the name
  local name=$1
  shift
  sed -n "s/.*\"$name\":\([0-9]*\).*/\1/p" "$@" | awk '{ all += $1 } END { print all + 0 }'
}
kilobytes() {
  sed -n 's/^VmRSS:[ \t]*\([0-9]*\) kB/\1/p' "/proc/$busy/status"
}
files() {
  local all=("/proc/$busy/fd"/*)
  echo "${#all[@]}"
}
no_more_files() { [[ $(files) -le $1 ]]; }

# overload FROM: two clients for five seconds, and the other partner beside.
overload() {
  local each clients=()
  calls ne 5 5 >"$1.beside" &
  clients+=($!)
  for each in 1 2; do
    calls bj $((rate * 5)) 5 >"$1.$each" &
    clients+=($!)
  done
  for each in "${clients[@]}"; do wait "$each"; done
  cat "$1".*
  answered ne 25 "$1.beside"
}

await serves ne
await serves bj
overload first
await serves ne
# As it is once it has done all that before.
open=$(files)
held=$(kilobytes)
began=$SECONDS
overload second
lasted=$((SECONDS - began))
grown=$(($(kilobytes) - held))

refused=$(number overloaded first.[12] second.[12])
taken=$(number answered second.[12])
if [[ $(number other first.[12] second.[12]) -ne 0 ||
  $((refused + $(number answered first.[12] second.[12]))) -ne $((rate * 100)) ]]; then
  echo 'a call was neither answered nor refused by name' >&2
  exit 1
fi
# A pause saves up the calls of one second; seconds are counted in whole ones.
if [[ $taken -gt $((rate * (lasted + 2))) ]]; then
  echo "$taken calls of a partner were answered in $lasted seconds, of $rate a second" >&2
  exit 1
fi
if [[ $grown -gt 32768 ]]; then
  echo "the node holds $grown kB more" >&2
  exit 1
fi
await no_more_files $((open + 2))
await serves bj

# An orderly stop writes what was counted: no refusal had an entry of its own.
stop ng
start ng
comity --as ng/operators/audit audit show --limit 500 >entries
grep -o 'federation OVERLOADED [0-9]*' entries >counted
[[ $(wc -l <counted) -le 3 ]]
[[ $(awk '{ all += $3 } END { print all }' counted) -ge $refused ]]
comity --as ng/operators/audit audit verify >/dev/null
echo "$refused calls were refused by name, in $(wc -l <counted) entries; $grown kB more memory"
