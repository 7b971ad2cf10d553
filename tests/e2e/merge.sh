#!/usr/bin/env bash
# A shelter and the police of Niger registered one person each; the police's
# record was referred to Nigeria. A coordinator makes one case of both: both
# references lead to it, Nigeria hears what is different, the same files change
# nothing any more. Two real nodes, the command line alone. COMITY_BIN names the
# programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'CASE_WORKER worker' 'AUDITOR audit' 'DATA_PROTECTION_OFFICER dpo'
pair_nodes
holder=(comity --as ne/operators/coord)

header='x_local_reference,x_danger,prs_FirstName,prs_Gender,cas_Status'
printf '%s\nSH-7,none,Zara,Feminine,FollowUp\n' "$header" >shelter.csv
printf '%s\nPOL-12,none,Zahra,,Active\n' "$header" >police.csv
"${holder[@]}" case import shelter.csv >/dev/null
"${holder[@]}" case import police.csv >/dev/null
"${holder[@]}" consent record POL-12 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
referral=$("${holder[@]}" --json referral create --case POL-12 --to NG --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ne/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
"${holder[@]}" referral send "$referral" >/dev/null
await prints "$referral" comity --as ng/operators/coord inbox

says 'LOCAL_ACCESS_DENIED' comity --as ne/operators/worker case merge SH-7 POL-12 --preview
"${holder[@]}" case merge SH-7 POL-12 --preview >preview
grep -q 'DIFFERING *prs_FirstName' preview
grep -q 'choose: --field prs_FirstName=keep|other' preview
grep -q 'ONLY_KEPT *prs_Gender' preview
grep -q "would be this case's: $referral" preview
grep -q 'nothing was changed' preview
tells 'prs_FirstName: "Zahra"' "${holder[@]}" case show POL-12

expect 2 '--field prs_FirstName=keep|other --field cas_Status=keep|other' \
  "${holder[@]}" case merge SH-7 POL-12
tells 'POL-12 is part of SH-7 now' "${holder[@]}" case merge SH-7 POL-12 \
  --field prs_FirstName=keep cas_Status=keep
grep -q "told NG anew: STATUS (referral $referral)" said
await prints 'cas_Status: "FollowUp"' comity --as ng/operators/coord referral show "$referral"

tells 'POL-12 (case .*) was merged into it on 20.* by ORG/coord' "${holder[@]}" case show POL-12
tells SH-7 "${holder[@]}" case find --reference POL-12
says 'both names lead to one case' "${holder[@]}" case merge SH-7 POL-12
says '0 imported, 1 unchanged' "${holder[@]}" case import shelter.csv
says '0 imported, 1 unchanged' "${holder[@]}" case import police.csv
sed -i 's/Active/Closed/' police.csv
says 'was merged into another case on 20' "${holder[@]}" case import police.csv

# A withdrawal of hers reaches who was told by the police's record.
"${holder[@]}" consent withdraw SH-7 --channel CASE_WORKER >/dev/null
await prints 'the packet is erased' comity --as ng/operators/coord referral show "$referral"
says 'asked to erase\|was erased' comity --as ne/operators/dpo subject erase --case POL-12 --reason SUBJECT_REQUEST --confirm
says 'was erased on 20' "${holder[@]}" case show SH-7
says 'was erased on 20' "${holder[@]}" case show POL-12
comity --as ne/operators/audit audit verify >/dev/null
echo "one case of two, found by both references, told anew, withdrawn and erased"
