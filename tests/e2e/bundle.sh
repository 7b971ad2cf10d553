#!/usr/bin/env bash
# A referral goes from Niger to Nigeria and back to its acceptance by courier,
# between two running nodes that never reach each other. COMITY_BIN names the
# programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
# Each listens elsewhere than its card says: no call arrives.
sed -i 's/^federation_address: .*/federation_address: "127.0.0.1:0"/' {ng,ne}/comityd.conf
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit'
pair_nodes

holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)
# in_state STATE COMMAND...: what that side's referral has come to.
in_state() { "${@:2}" referral show "$id" | has "^referral .* $1\$"; }

"${holder[@]}" case create x_local_reference=A1 prs_FirstName=Efua cas_Status=Active >/dev/null
"${holder[@]}" case screen A1 --none >/dev/null
"${holder[@]}" consent record A1 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
id=$("${holder[@]}" --json referral create --case A1 --to NG --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ne/operators/second referral clear "$id" --risk LOW --reflection-waived >/dev/null
tells 'nothing waits for NG' "${holder[@]}" bundle write --to NG --out early.bundle
[[ ! -e early.bundle ]]
"${holder[@]}" referral send "$id" >/dev/null

# The first courier loses it; the second one's copy is read.
tells '1 event(s) and 0 receipt(s)' "${holder[@]}" bundle write --to NG --out lost.bundle
tells '1 event(s) and 0 receipt(s)' "${holder[@]}" bundle write --to NG --out one.bundle
if grep -aqE 'Efua|SAFE_RETURN' one.bundle; then
  echo 'a bundle shows what it carries' >&2
  exit 1
fi
expect 8 'the bundle is for NG, from NE; this is NE' "${holder[@]}" bundle read one.bundle
head -c 9000 one.bundle >cut.bundle
expect 8 'cut off' "${receiver[@]}" bundle read cut.bundle
grep -q 'copy the file again' out
{ head -c 9000 one.bundle; printf 'ZZZZ'; tail -c +9005 one.bundle; } >damaged.bundle
expect 8 'damaged on its way' "${receiver[@]}" bundle read damaged.bundle
[[ $(wc -l <out) -eq 3 ]]
tells '1 event(s) stored' "${receiver[@]}" bundle read one.bundle
in_state RECEIVED "${receiver[@]}"
tells 'nothing new' "${receiver[@]}" bundle read one.bundle
tells 'nothing new' "${receiver[@]}" bundle read lost.bundle
tells 'NG .*1 event(s) wait for its receipt' "${holder[@]}" status

# Accepted, and both know.
"${receiver[@]}" referral accept "$id" >/dev/null
tells '1 event(s) and 1 receipt(s)' "${receiver[@]}" bundle write --to NE --out two.bundle
tells '1 event(s) stored, 0 refused, 1 receipt(s) stored' "${holder[@]}" bundle read two.bundle
in_state ACCEPTED "${holder[@]}"
in_state ACCEPTED "${receiver[@]}"

# She withdraws; the erasure is confirmed by courier too.
"${holder[@]}" consent withdraw A1 --channel SHELTER >/dev/null
"${holder[@]}" bundle write --to NG --out three.bundle >/dev/null
tells '1 event(s) stored, 0 refused, 1 receipt(s) stored' "${receiver[@]}" bundle read three.bundle
in_state WITHDRAWN "${receiver[@]}"
"${receiver[@]}" bundle write --to NE --out four.bundle >/dev/null
if prints 'ERASED' "${holder[@]}" consent show A1; then
  echo 'erasure is told before it was confirmed' >&2
  exit 1
fi
"${holder[@]}" bundle read four.bundle >/dev/null
tells 'ERASED' "${holder[@]}" consent show A1
"${holder[@]}" bundle write --to NG --out five.bundle >/dev/null
"${receiver[@]}" bundle read five.bundle >/dev/null

# Both dossiers tell the same, and both sides' logs were proved all the way.
timeline() { "$@" referral timeline "$id" | cut -f 1-4,6-; }
[[ $(timeline "${holder[@]}") == "$(timeline "${receiver[@]}")" ]] ||
  { echo 'the two timelines differ' >&2; exit 1; }
for node in ng ne; do
  comity --as $node/operators/audit audit verify >/dev/null
  tells '0 waiting for proof' comity --as $node/operators/admin-1 status
done
"${holder[@]}" referral export "$id" --output dossier.txt >/dev/null
comity referral verify dossier.txt --card ne.card --card ng.card >/dev/null

# A certificate of Niger's is revoked: Nigeria hears it by courier too.
comity node revoke ne/operators/second/certificate.pem --dir ne >/dev/null
with_news() { "${holder[@]}" bundle write --to NG --out news.bundle | has 'and news of the own certificates'; }
await with_news
tells 'news of the certificates of NE was taken over' "${receiver[@]}" bundle read news.bundle
tells 'nothing new' "${receiver[@]}" bundle read news.bundle
echo "by courier alone: sent, accepted, withdrawn and erased; both sides tell the same"
