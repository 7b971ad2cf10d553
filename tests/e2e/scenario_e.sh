#!/usr/bin/env bash
# A survivor asks who saw her data, then withdraws (domain.md section 8,
# scenario E): her lawyer in Romania brings her reference; she is told what
# Romania and Moldova did, takes back a part and then all of it, and a court
# keeps what it needs. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

for node in ro md; do
  init $node --participant ${node^^} --organisation ORG
  start $node
  for each in 'COORDINATOR coord' 'COORDINATOR second' 'DATA_PROTECTION_OFFICER dpo' \
    'SURVIVOR_REPRESENTATIVE lawyer' 'AUDITOR audit' 'STATISTICIAN stat'; do
    read -r role person <<<"$each"
    comity operator add --dir $node --organisation ORG --role "$role" --person "$person" >/dev/null
  done
  comity partner card --dir $node >$node.card
  mkdir $node-policy
  for kind in local national-default; do
    comity policy new --template $kind --party ${node^^} --title "Rules of ${node^^}" \
      --output $node-policy/$kind.textproto >/dev/null
  done
done
admin() { comity --as "$1/operators/admin-$2" "${@:3}"; }
add_partner ro md
add_partner md ro
comity policy new --template bilateral --party 'RO,MD' --id ro-md --title 'Romania-Moldova' \
  --from "$(date -u +%Y-01-01)" --until "$(date -u -d '+2 years' +%Y-01-01)" --output ro-md.textproto >/dev/null
sed -i 's/^  party: .*/&\n  party_name { party: "MD" name: "Republic of Moldova" }/' ro-md.textproto
for node in ro md; do
  cp ro-md.textproto $node-policy/
  for number in 1 2; do admin $node $number policy sign $node-policy/*.textproto >/dev/null; done
  admin $node 1 policy activate $node-policy/*.textproto >/dev/null
done

holder=(comity --as ro/operators/coord)
receiver=(comity --as md/operators/coord)
dpo=(comity --as ro/operators/dpo)
lawyer=(comity --as ro/operators/lawyer)
stat=(comity --as ro/operators/stat)
in_state() { "${@:3}" referral show "$2" >said && grep -q "^referral .* $1\$" said; }

# What happened before: she was referred, helped in Moldova, and counted.
"${holder[@]}" case create x_local_reference=R1 prs_FirstName=Ileana cas_Status=Active \
  x_services_needed=Health x_registered_on=2018-03-04 >/dev/null
"${holder[@]}" case screen R1 --none >/dev/null
"${holder[@]}" consent record R1 --to MD --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS,DEMOGRAPHIC,NEEDS --language ro --channel SHELTER >/dev/null
referral=$("${holder[@]}" --json referral create --case R1 --to MD --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ro/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
"${holder[@]}" referral send "$referral" >/dev/null
await in_state RECEIVED "$referral" "${receiver[@]}"
"${receiver[@]}" referral accept "$referral" --services Health >/dev/null
"${receiver[@]}" case create --referral "$referral" x_local_reference=MD-1 >/dev/null
await in_state ACCEPTED "$referral" "${holder[@]}"
"${stat[@]}" table publish --period 2018 >/dev/null

# Who learnt what, of both sides: by whom is said by office, not by name, and
# the file is for her alone.
"${dpo[@]}" -q subject report R1 --lang en --output statement.txt
[[ $(stat -c %a statement.txt) == 600 ]] || { echo 'others can read her statement' >&2; exit 1; }
says 'Told to Republic of Moldova (MD): referral sent' cat statement.txt
printed 'data told: '
if grep -q 'ORG/coord\|ORG/second\|Ileana' statement.txt; then
  echo 'her statement names an officer, or her' >&2
  exit 1
fi
says 'Told by RO: referral sent' "${dpo[@]}" subject ask "$referral" --lang en
says 'NOT_FOUND' "${dpo[@]}" subject report R9
says 'LOCAL_ACCESS_DENIED' comity --as ro/operators/audit subject report R1

# A part of it, by her lawyer: gone in Moldova, and she is helped as before.
"${lawyer[@]}" consent withdraw R1 --groups NEEDS --channel LAWYER >/dev/null
await prints 'answered: CASE ERASED' "${holder[@]}" consent show R1
says 'Active' "${receiver[@]}" case show MD-1
if grep -q Health out; then
  echo 'what was withdrawn is still there' >&2
  exit 1
fi
in_state ACCEPTED "$referral" "${receiver[@]}"

# All of it: a court in Moldova keeps the case, and says so with its reason.
comity --as md/operators/dpo case hold MD-1 --ground COURT_ORDER --days 30 >/dev/null
"${lawyer[@]}" consent withdraw R1 --channel LAWYER >/dev/null
await prints 'answered: CASE KEPT: COURT_ORDER until' "${holder[@]}" consent show R1
says 'answered: DOSSIER ERASED' "${holder[@]}" referral show "$referral"
says 'NOT_FOUND' "${receiver[@]}" case show MD-1
says 'Republic of Moldova (MD) has answered' "${dpo[@]}" subject report R1 --lang en

# What was published stays as it was; the logs hold, and tell nobody her name.
says '2018 revision 1$' "${stat[@]}" table periods
for node in ro md; do
  comity --as $node/operators/audit audit verify >/dev/null
  comity --as $node/operators/audit audit show --limit 500 >log.txt
  if grep -q Ileana log.txt; then
    echo "the log of $node names her" >&2
    exit 1
  fi
done
echo 'she was told who saw what; both sides show what is gone and what a court keeps'
