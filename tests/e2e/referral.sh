#!/usr/bin/env bash
# Refers a woman home from Niger to Nigeria, from the draft to the handover and
# on, by the program, at two real nodes (domain.md section 8, scenario A).
# COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

declare -A organisation=([ng]=NAPTIP [ne]=ANLTP)
for node in ng ne; do
  init $node --participant ${node^^} --organisation "${organisation[$node]}"
  start $node
  comity partner card --dir $node >$node.card
done
person() { comity operator add --dir "$1" --organisation "${organisation[$1]}" --role "$2" --person "$3" >/dev/null; }
person ne CASE_WORKER fati.w
person ne COORDINATOR moussa.d
person ng COORDINATOR amina.b
person ng CASE_WORKER halima.w
for pair in 'ng ne' 'ne ng'; do
  read -r own other <<<"$pair"
  add_partner "$own" "$other"
  copy_policies "$own"
  # Scenario A tells of her health, once she consents to that.
  sed -i 's/release: \[CASE_REF, STATUS, DEMOGRAPHIC, NEEDS\]/release: [CASE_REF, STATUS, DEMOGRAPHIC, NEEDS, MEDICAL]/;t' \
    "$own-policy/agreements/ng-ne-bilateral.textproto"
  activate_policies "$own"
done

worker=(comity --as ne/operators/fati.w)
holder=(comity --as ne/operators/moussa.d)
receiver=(comity --as ng/operators/amina.b)
carer=(comity --as ng/operators/halima.w)

# both STATE: what each side comes to.
in_state() { "${@:2}" referral show "$id" | has "^referral .* $1\$"; }
both() {
  await in_state "$1" "${holder[@]}"
  await in_state "$1" "${receiver[@]}"
}
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }

# Her case, her consent, the draft: a case worker's.
"${worker[@]}" case create x_local_reference=A1 prs_FirstName=Efua prs_Gender=Feminine \
  x_age_class=Adult cas_Status=Active x_health_summary='pregnancy care' >/dev/null
"${worker[@]}" case screen A1 --none >/dev/null
"${worker[@]}" consent record A1 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS,DEMOGRAPHIC,NEEDS --language ha --channel SHELTER >/dev/null
id=$("${worker[@]}" --json referral create --case A1 --to NG --purpose SAFE_RETURN --reason MigrationOrChangeOfLocation |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
expect 3 'CLEARANCE_MISSING' "${holder[@]}" referral send "$id"
expect 3 'LOCAL_ACCESS_DENIED' "${worker[@]}" referral clear "$id" --risk LOW --reflection-waived
tells 'clear' "${holder[@]}" inbox
"${holder[@]}" referral clear "$id" --risk MEDIUM --reflection-until "$(at '+20 days')" >/dev/null
"${holder[@]}" referral send "$id" >/dev/null
both RECEIVED
tells 'reason *MigrationOrChangeOfLocation' "${receiver[@]}" referral show "$id"

# One question: her health is told once she consents to that alone.
"${receiver[@]}" referral ask "$id" --groups MEDICAL >/dev/null
both NEEDS_INFO
tells 'told: ; refused: MEDICAL' "${worker[@]}" referral answer "$id"
both RECEIVED
"${worker[@]}" consent record A1 --to NG --purpose SAFE_RETURN --groups MEDICAL --language ha --channel SHELTER >/dev/null
"${receiver[@]}" referral ask "$id" --groups MEDICAL >/dev/null
both NEEDS_INFO
tells 'told: MEDICAL; refused: $' "${worker[@]}" referral answer "$id"
both RECEIVED
tells 'pregnancy care' "${receiver[@]}" referral show "$id"
if prints 'Efua' "${receiver[@]}" --json referral show "$id"; then
  echo 'her name left before acceptance' >&2
  exit 1
fi

# Accepted; she rejects the first plan and agrees to the second.
"${receiver[@]}" referral accept "$id" --services Health,Legal --reception SHELTER >/dev/null
both ACCEPTED

# She was told wrong: the correction reaches who was told, and nobody else.
tells 'NG holds an older value of MEDICAL' "${worker[@]}" case edit A1 --set x_health_summary='twins expected'
tells 'told NG anew: MEDICAL' "${worker[@]}" case correct A1 --set x_health_summary='twins expected'
tells 'no partner was told of it' "${worker[@]}" case correct A1 --set prs_MobilePhone=+22790000000
await prints 'twins expected' "${receiver[@]}" referral show "$id"
if prints 'pregnancy care' "${receiver[@]}" --json referral show "$id"; then
  echo 'the older value stands beside the corrected one' >&2
  exit 1
fi
tells 'corrected *MEDICAL' "${receiver[@]}" referral show "$id"

"${receiver[@]}" referral plan propose "$id" --action Livelihood:NG >/dev/null
has_plan() { "${@:2}" referral show "$id" | has "plan *version $1"; }
await has_plan 1 "${holder[@]}"
"${holder[@]}" referral plan accept "$id" --version 1 >/dev/null
"${worker[@]}" referral plan answer "$id" --version 1 --refuses >/dev/null
"${holder[@]}" referral plan propose "$id" --action Health:NG:2036-01-15 --action Legal:NE >/dev/null
await has_plan 2 "${receiver[@]}"
"${receiver[@]}" referral plan accept "$id" --version 2 >/dev/null
await prints 'accepted by the other side' "${holder[@]}" referral show "$id"
expect 7 'the latest plan is version 2' "${worker[@]}" referral plan answer "$id" --version 1 --agrees
"${worker[@]}" referral plan answer "$id" --version 2 --agrees --follow-up >/dev/null
both PLAN_AGREED

# What risk is there? Nobody travels while that is asked, and she decides knowing the answer.
journey=(--departs "$(at '+4 days')" --arrives "$(at '+5 days')" --assessed "$(at '-1 day')" --mode ROAD --arrival SHELTER
  --escorted)
expect 2 'ISO 3166-2' "${worker[@]}" referral risk ask "$id" --place 'Kano, at her aunt'
"${worker[@]}" referral risk ask "$id" --place NG-KN >/dev/null
expect 7 'has not answered' "${holder[@]}" referral schedule "$id" "${journey[@]}" --reconfirmed "$(at '-1 hour')"
await prints 'NG-KN' "${receiver[@]}" referral show "$id"
"${carer[@]}" referral risk answer "$id" --threat MEDIUM --family NOT_SAFE --until "$(at '+20 days')" >/dev/null
await prints 'threat MEDIUM' "${holder[@]}" referral show "$id"
expect 7 'knowing' "${holder[@]}" referral schedule "$id" "${journey[@]}" --reconfirmed "$(at '-1 hour')"
answered=$(date +%s)
later() { [[ $(date +%s) -gt $answered ]]; }
await later

# The journey. Three days' notice are needed.
expect 7 '72 hours of notice' "${holder[@]}" referral schedule "$id" --departs "$(at '+2 days')" \
  --arrives "$(at '+3 days')" --reconfirmed "$(at '-1 hour')" --assessed "$(at '-1 day')"
"${holder[@]}" referral schedule "$id" "${journey[@]}" --reconfirmed "$(at now)" >/dev/null
both RETURN_SCHEDULED
tells 'HANDOVER by NG until' "${receiver[@]}" referral show "$id"
"${worker[@]}" referral departed "$id" >/dev/null
both IN_TRANSIT
tells 'waits for you' "${receiver[@]}" inbox
tells 'waits for the partner' "${holder[@]}" referral list --waiting
expect 7 'the receiver' "${holder[@]}" referral arrived "$id" --at "$(at now)"
"${receiver[@]}" referral arrived "$id" --at "$(at '-1 minute')" --place SHELTER >/dev/null
both HANDED_OVER
"${carer[@]}" referral assist "$id" >/dev/null
both IN_ASSISTANCE
"${carer[@]}" referral follow-up "$id" --status WELL --in-her-words >/dev/null
"${carer[@]}" referral feedback "$id" --agreed "$(at '-1 hour')" --answer SAFE=YES \
  --answer NEEDS_MET=PARTLY >/dev/null
await prints 'se sent en sécurité: oui' "${holder[@]}" referral show "$id" --lang fr
tells 'la personne : d.accord' "${holder[@]}" referral show "$id" --lang fr
tells 'versão 2: ela concorda; relatórios de acompanhamento' "${holder[@]}" referral timeline "$id" --lang pt

# She wants no more reports, and goes on consenting to all else.
tells '1 report(s) came before and stay' "${worker[@]}" referral withdraw "$id" --follow-ups --channel SHELTER
await prints 'wants no follow-up any more' "${receiver[@]}" referral show "$id"
expect 7 'wants no follow-up reports any more' "${carer[@]}" referral follow-up "$id" --status WELL
tells 'FOLLOW_UP_STOPPED' "${receiver[@]}" inbox
tells 'FOLLOW_UP_STOPPED' "${holder[@]}" referral timeline "$id"
"${receiver[@]}" referral close "$id" --outcome INCLUDED >/dev/null
both CLOSED

# Both dossiers tell the same.
timeline() { "$@" referral timeline "$id" | cut -f 1-4,6-; }
[[ $(timeline "${holder[@]}") == "$(timeline "${receiver[@]}")" ]] ||
  { echo 'the two timelines differ' >&2; exit 1; }
[[ $(timeline "${holder[@]}" | wc -l) -eq 24 ]]

# So do both ledgers, for whoever has the two files and the cards. What one side
# cut off is named.
same_ledgers() {
  rm -f ne.dossier ng.dossier
  "${holder[@]}" referral export "$id" --output ne.dossier >/dev/null
  "${receiver[@]}" referral export "$id" --output ng.dossier >/dev/null
  comity referral compare ne.dossier ng.dossier --card ne.card --card ng.card
}
await prints 'Nothing differs' same_ledgers
sed "$(grep -n '^event ' ne.dossier | tail -n 1 | cut -d : -f 1),\$d" ne.dossier >cut.dossier
tells 'is in ng.dossier alone' comity referral compare cut.dossier ng.dossier --card ne.card --card ng.card

# And what one side counts as sent, the other one counts as received.
for node in ng ne; do person $node STATISTICIAN $node.stat; done
count() {
  comity --as "$1/operators/$1.stat" table count --measure "$2" --where "year=$(date -u +%Y)" --by "$3"
}
by=sent_quarter,decision,decline_reason
sent=$(count ne REFERRALS $by)
grep -q $'^total\ttotal\ttotal\t1$' <<<"$sent"
[[ $sent == "$(count ng REFERRALS_RECEIVED $by)" ]] || { echo 'the two counts differ' >&2; exit 1; }
sent=$(count ne REFERRALS referral_reason)
grep -q $'^MigrationOrChangeOfLocation\t1$' <<<"$sent"
[[ $sent == "$(count ng REFERRALS_RECEIVED referral_reason)" ]] || { echo 'the reasons differ' >&2; exit 1; }
for node in ng ne; do
  person $node AUDITOR audit
  comity --as $node/operators/audit audit verify >/dev/null
done
echo "from the draft to the closure: both sides tell the same"
