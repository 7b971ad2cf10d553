#!/usr/bin/env bash
# A referral goes from Niger to a Nigeria whose node nobody can call, and on to
# its acceptance and withdrawal: Nigeria collects its mail, also after both sides
# were killed. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init ne --participant NE
init ng --participant NG --outbound-only
grep -qx 'outbound_only: true' ng/comityd.conf
grep -qx 'federation_address: ""' ng/comityd.conf
grep -qx 'endpoints: ' ng/card.txt
sed -i 's/^collect_seconds: .*/collect_seconds: 1/' ng/comityd.conf
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit'
add_partner ng ne
tells 'it collects its mail' comity --as ne/operators/admin-1 partner add ng.card \
  --fingerprint "$(comity partner card --dir ng --fingerprint)"
for node in ng ne; do
  copy_policies $node
  activate_policies $node
done

holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)
# in_state STATE COMMAND...: what that side's referral has come to.
in_state() { prints "^referral .* $1\$" "${@:2}" referral show "$id"; }
both() {
  await in_state "$1" "${holder[@]}"
  await in_state "$1" "${receiver[@]}"
}
delivered() { prints "\"undelivered_events\": 0" "$@" --json referral show "$id"; }
# send CASE: refers her; the referral's id is in `id`.
send() {
  "${holder[@]}" case create "x_local_reference=$1" cas_Status=Active >/dev/null
  "${holder[@]}" case screen "$1" --none >/dev/null
  "${holder[@]}" consent record "$1" --to NG --purpose SAFE_RETURN \
    --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
  id=$("${holder[@]}" --json referral create --case "$1" --to NG --purpose SAFE_RETURN |
    sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
  comity --as ne/operators/second referral clear "$id" --risk LOW --reflection-waived >/dev/null
  "${holder[@]}" referral send "$id" >/dev/null
}

# Collected, accepted, and both know.
send A1
both RECEIVED
await prints 'collects its mail, last 20' comity --as ne/operators/admin-1 partner list
"${receiver[@]}" referral accept "$id" >/dev/null
both ACCEPTED
await delivered "${holder[@]}"
await delivered "${receiver[@]}"

# It may ask, and cannot be asked: that is said at once, in three lines.
ask=(--referral "$id" --purpose SAFE_RETURN --want STATUS)
await prints 'Active' "${receiver[@]}" query NE "${ask[@]}"
expect 3 'error: PARTNER_COLLECTS' "${holder[@]}" query NG "${ask[@]}"
grep -q 'NG cannot be asked' out
grep -q 'comity referral ask ID' out
[[ $(wc -l <out) -eq 3 ]]

# She withdraws; the proof that Nigeria erased comes by itself.
"${holder[@]}" consent withdraw A1 --channel SHELTER >/dev/null
await prints 'ERASED' "${holder[@]}" consent show A1
both WITHDRAWN

# Nigeria is killed with mail on its way, then Niger; nothing is lost or doubled.
stop ng KILL
send A2
start ng
both RECEIVED
stop ne KILL
start ne
both RECEIVED
await delivered "${holder[@]}"
receipts=$(comity --as ng/operators/audit --json audit show --log comity/NG/NE --limit 500 |
  grep -c '"kind": "RECEIPT"')
# The two packets and the withdrawal.
[[ $receipts -eq 3 ]] || { echo "$receipts receipts for three events" >&2; exit 1; }

# While it is suspended nothing reaches it; afterwards all does.
tells 'nothing reaches it but by bundle' comity --as ne/operators/admin-1 partner suspend NG --why drill
send A3
expect 6 'NOT_FOUND' "${receiver[@]}" referral show "$id"
comity --as ne/operators/admin-1 partner resume NG >/dev/null
both RECEIVED

# Nigeria's node gets an address, and Niger its card: now it is called.
init spare --participant XX
address=$(sed -n 's/^federation_address: "\(.*\)"$/\1/p' spare/comityd.conf)
expect 7 'say so already' comity node outbound-only --dir ng
expect 2 'HOST:PORT' comity node callable --dir ng --address here
stop ng
tells "partners call $address" comity node callable --dir ng --address "$address"
grep -qx 'outbound_only: false' ng/comityd.conf
grep -qx 'collect_seconds: 1' ng/comityd.conf
start ng
comity partner card --dir ng >ng.card
add_partner ne ng
send A4
both RECEIVED

# And back: it collects at once, also from a partner that has the card of before.
stop ng
tells 'collects its mail' comity node outbound-only --dir ng
start ng
send A5
both RECEIVED
comity partner card --dir ng >ng.card
add_partner ne ng
await prints 'collects its mail' comity --as ne/operators/admin-1 partner list

# Both sides' logs are proved all the way, and nothing is to be mended.
for node in ng ne; do
  await prints '0 waiting for proof' comity --as $node/operators/admin-1 status
  comity --as $node/operators/audit audit verify >/dev/null
  await comity --as $node/operators/admin-1 doctor
done
echo "collected, accepted, withdrawn and erased; killed twice, nothing lost or doubled"
