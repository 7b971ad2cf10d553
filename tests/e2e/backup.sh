#!/usr/bin/env bash
# Backs up a node that serves, loses it, and restores it into a blank directory:
# it serves again, what it had not told its partner arrives once, and when the
# backup is too old both sides are told and go on. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit'
pair_nodes

{
  echo 'x_local_reference,x_danger,x_registered_on,cas_Status'
  for i in 1 2 3; do echo "C$i,none,2026-01-02,Active"; done
} >cases.csv
holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)
"${holder[@]}" case import cases.csv >/dev/null
send() {
  local id
  "${holder[@]}" consent record "$1" --to NG --purpose SAFE_RETURN \
    --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
  id=$("${holder[@]}" --json referral create --case "$1" --to NG --purpose SAFE_RETURN |
    sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
  comity --as ne/operators/second referral clear "$id" --risk LOW --reflection-waived >/dev/null
  "${holder[@]}" referral send "$id" >/dev/null
  echo "$id"
}
delivered() { "${holder[@]}" --json referral show "$1" | has '"undelivered_events": 0'; }
arrived() { "${receiver[@]}" --json referral list | grep -c '"state": "RECEIVED"' || true; }

# Usage first.
expect 2 'chmod 600' comity backup --dir ne --to ne.backup --passphrase-file cases.csv
(umask 077 && echo short >short.key && echo another passphrase >wrong.key && head -c 24 /dev/urandom | base64 >backup.key)
expect 2 'shorter than' comity backup --dir ne --to ne.backup --passphrase-file short.key
expect 2 'does not belong' comity backup --dir ne --to ne/ne.backup --passphrase-file backup.key

# What waits in the outbox of the backup has long arrived when it is sent again.
stop ng
first=$(send C1)
(umask 022 && comity backup --dir ne --to ne.backup --passphrase-file backup.key >out)
grep -q 'read back, opened, and' out
[[ $(stat -c %a ne.backup) == 600 ]]
start ng
await delivered "$first"
[[ $(arrived) -eq 1 ]]
stop ne
mv ne ne.lost
began=$(date +%s)
expect 8 'the passphrase is not its own' comity restore ne.backup --dir ne --passphrase-file wrong.key
expect 8 'not signed by' comity restore ne.backup --dir ne --passphrase-file backup.key --card ng.card
[[ ! -e ne ]]
comity restore ne.backup --dir ne --passphrase-file backup.key --card ne.card >out 2>&1
grep -q "^fingerprint $(comity partner card --dir ne.lost --fingerprint)" out
grep -q 'revoked since is admitted again' out
expect 7 'is not empty' comity restore ne.backup --dir ne --passphrase-file backup.key
start ne
took=$(($(date +%s) - began))
[[ $took -lt 60 ]] || { echo "from a blank directory to serving in $took seconds" >&2; exit 1; }
comity --as ne/operators/audit audit show --limit 500 | has 'restored from the backup of'
await delivered "$first"
[[ $(arrived) -eq 1 ]]
receipts=$(comity --as ng/operators/audit --json audit show --log comity/NG/NE --limit 500 | grep -c '"kind": "RECEIPT"')
[[ $receipts -eq 1 ]] || { echo "$receipts receipts for one event" >&2; exit 1; }

# What the partner saw after the backup is missing: both sides are told.
second=$(send C2)
await delivered "$second"
stop ne
mv ne ne.lost2
comity restore ne.backup --dir ne --passphrase-file backup.key >/dev/null 2>&1
start ne
behind() { comity --as ne/operators/admin-1 status | has 'NOT OK.*own log'; }
await behind
expect 8 'comity partner add CARD --restored' comity --as ne/operators/admin-1 doctor
third=$(send C3)
comity --as ng/operators/admin-1 partner add ne.card --restored \
  --fingerprint "$(comity partner card --dir ne --fingerprint)" >/dev/null
await delivered "$third"
if behind; then comity --as ne/operators/admin-1 status; exit 1; fi
for node in ng ne; do comity --as $node/operators/audit audit verify >/dev/null; done
(umask 022 && "${holder[@]}" referral export "$third" --with-openings --output opened >/dev/null)
[[ $(stat -c %a opened) == 600 ]] || { echo "others may read what tells of a person" >&2; exit 1; }

# Niger's node gets another issuing CA and certificates of it; then the CA before
# ends with all that it issued.
reachable() { # reachable FROM TO
  comity --as "$1/operators/admin-1" --json status --probe |
    tr -d '\n' | has "\"participant\": \"$2\".*handshake answered"
}
pinned() { comity --as ng/operators/admin-1 --json status | has "$(comity partner card --dir ne --fingerprint)"; }
refused() { ! comity --as ne/operators/audit audit verify; }
ended=$(comity --json node renew-ca --dir ne | sed -n 's/.*"ended_serial": "\([0-9a-f]*\)".*/\1/p')
await pinned
expect 2 'comity node renew' comity node revoke "$ended" --dir ne
comity node renew --dir ne >/dev/null
comity operator renew --dir ne --person admin-1 >/dev/null
tells 'issuing CA revoked' comity node revoke "$ended" --dir ne
await refused
await reachable ne NG
await reachable ng NE
expect 6 'issued.txt' comity node revoke 00ff --dir ne
echo "blank directory to serving in $took seconds; nothing doubled; both sides went on"
