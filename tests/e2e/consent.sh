#!/usr/bin/env bash
# A person who was referred from Niger to Nigeria takes her consent back: first
# one group, then all, while Nigeria is away. Two real nodes, the command line
# alone. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"


init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit' 'DATA_PROTECTION_OFFICER dpo' \
  'SURVIVOR_REPRESENTATIVE lawyer' 'STATISTICIAN stat'
pair_nodes
holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)

# She consents, is referred, and Nigeria makes a case of her packet.
"${holder[@]}" case create x_local_reference=C1 cas_Status=Active x_services_needed=Health >/dev/null
"${holder[@]}" case screen C1 --none >/dev/null
"${holder[@]}" consent record C1 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS,NEEDS --language ha --interpreter --channel SHELTER >/dev/null
says 'can withdraw through SHELTER' "${holder[@]}" consent show C1
referral=$("${holder[@]}" --json referral create --case C1 --to NG --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ne/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
"${holder[@]}" referral send "$referral" >/dev/null
await prints "$referral" "${receiver[@]}" inbox
"${receiver[@]}" referral accept "$referral" --services Health >/dev/null
"${receiver[@]}" case create --referral "$referral" x_local_reference=NG-1 >/dev/null
says 'Health' "${receiver[@]}" case show NG-1
await prints 'ACCEPTED' "${holder[@]}" referral show "$referral"

# Her lawyer takes one group back: it is gone in Nigeria within 5 seconds, the
# rest goes on.
SECONDS=0
comity --as ne/operators/lawyer consent withdraw C1 --groups NEEDS --channel LAWYER >/dev/null
await prints 'answered: CASE ERASED' "${holder[@]}" consent show C1
[[ $SECONDS -le 5 ]] || { echo "the answer took $SECONDS seconds" >&2; exit 1; }
says 'Active' "${receiver[@]}" case show NG-1
if grep -q Health out; then echo "what was withdrawn is still there" >&2; exit 1; fi
says 'ACCEPTED' "${receiver[@]}" referral show "$referral"

# A court wants the case kept. She takes all back while Nigeria is away.
comity --as ng/operators/dpo case hold NG-1 --ground COURT_ORDER --days 30 >/dev/null
says 'LOCAL_ACCESS_DENIED' "${receiver[@]}" case hold NG-1 --lift
stop ng
says 'has not reached NG yet' "${holder[@]}" consent withdraw C1 --channel SHELTER
says 'live now: none' "${holder[@]}" consent show C1
says 'NG has not answered; due by' "${holder[@]}" referral show "$referral"
start ng
await prints 'answered: CASE KEPT: COURT_ORDER until' "${holder[@]}" consent show C1
says 'answered: DOSSIER ERASED' "${holder[@]}" referral show "$referral"
says 'NOT_FOUND' "${receiver[@]}" case show NG-1
says 'the packet is erased' "${receiver[@]}" referral show "$referral"
says 'NOT_AVAILABLE' "${receiver[@]}" query NE --referral "$referral" \
  --purpose SAFE_RETURN --want STATUS

# The court is done: the case goes too, and people answer for their paper.
comity --as ng/operators/dpo case hold NG-1 --lift >/dev/null
"${receiver[@]}" referral erased "$referral" --copies PAPER --outcome ERASED >/dev/null
await prints 'answered: PAPER ERASED' "${holder[@]}" consent show C1
says 'answered: CASE ERASED' "${holder[@]}" consent show C1
if grep -q 'has not answered' out; then echo "an answer is still owed" >&2; exit 1; fi

# She asks who learnt what, in her language, of both sides; a file of hers is hers.
dpo=(comity --as ne/operators/dpo)
says 'Communiqué à Nigéria : orientation envoyée' "${dpo[@]}" subject report C1 --lang fr
says 'données communiquées : ' "${dpo[@]}" subject report C1 --lang fr
says 'le dossier qui en a été fait: conservé, décision' "${dpo[@]}" subject report C1 --lang fr
"${dpo[@]}" -q subject report C1 --redact partners,times --output statement.txt
[[ $(stat -c %a statement.txt) == 600 ]] || { echo "others can read her statement" >&2; exit 1; }
says 'Left out for your safety' cat statement.txt
if grep -q 'Nigeria\|20[0-9][0-9]-' <(sed 1,3d statement.txt); then echo "it was not left out" >&2; exit 1; fi
says 'Told by Niger: referral sent' "${dpo[@]}" subject ask "$referral"
says 'LOCAL_ACCESS_DENIED' comity --as ne/operators/audit subject report C1

# Her case worker mends her record; two who mend the same do not overwrite each other.
says 'changed cas_Status; version' "${holder[@]}" case edit C1 --set cas_Status=FollowUp
says 'VERSION_CONFLICT' "${holder[@]}" case edit C1 --set cas_Status=Closed --if-version 1
says 'FollowUp' "${holder[@]}" case show C1
says 'reaches the case until' "${holder[@]}" case delegate C1 --to SHELTER/hawa.m \
  --until "$(date -u -d '+7 days' +%F)"
says 'envoyée\|consentement retiré' "${holder[@]}" referral list --lang fr

# Another one does not want to be counted any more: what was published waits for
# the next revision, which is without her.
stat=(comity --as ne/operators/stat)
"${holder[@]}" case create x_local_reference=C2 x_registered_on=2018-03-04 >/dev/null
"${stat[@]}" table publish --period 2018 >/dev/null
"${holder[@]}" consent record C2 --to NG --purpose STATISTICS --groups STATUS \
  --language ha --channel SHELTER >/dev/null
says '2018 revision 1$' "${stat[@]}" table periods
"${holder[@]}" consent withdraw C2 --channel SHELTER >/dev/null
says '2018 revision 1  closed: a person was erased or is counted no more' "${stat[@]}" table periods
"${stat[@]}" table publish --period 2018 >/dev/null
says '2018 revision 2$' "${stat[@]}" table periods

# Nothing about her leaves any more, and the proof of it all holds.
says 'REFERRAL_STATE_CONFLICT' "${receiver[@]}" referral decline "$referral" --reason NO_CAPACITY
for node in ng ne; do
  comity --as $node/operators/audit audit verify >/dev/null
done
echo "withdrawn in part and whole, kept and erased: both sides agree, logs whole"
