#!/usr/bin/env bash
# A medical report of 20 MiB goes with a referral from Niger to Nigeria, whose
# nodes die on the way, and goes again when she takes consent back. Two real
# nodes, the command line alone. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit' 'DATA_PROTECTION_OFFICER dpo'
pair_nodes
holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)

"${holder[@]}" case create x_local_reference=C1 cas_Status=Active >/dev/null
"${holder[@]}" case screen C1 --none >/dev/null
"${holder[@]}" consent record C1 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS,MEDICAL,IDENTITY --language ha --channel SHELTER >/dev/null

# What is no document is said at once, and nothing of it stays.
name='Zubaidatu scan.pdf'
attach=("${holder[@]}" case attach C1 "$name" --kind MEDICAL_REPORT --group MEDICAL)
expect 6 'cannot read' "${attach[@]}"
: >"$name"
expect 2 'is empty' "${attach[@]}"
echo 'a text' >"$name"
expect 2 'no PDF, JPEG or PNG' "${attach[@]}"
{ printf '%%PDF-1.7\n'; head -c $((20 * 1024 * 1024 - 8)) /dev/urandom; } >"$name"
expect 2 'at most 20 MiB' "${attach[@]}"
truncate -s $((20 * 1024 * 1024)) "$name"
expect 2 'is a PDF, and no PNG' "${attach[@]}" --media-type PNG
expect 2 'says who she is' "${holder[@]}" case attach C1 "$name" --kind PHOTO --group MEDICAL --without-name
expect 6 'NOT_FOUND' "${holder[@]}" case attach C9 "$name" --kind OTHER --group MEDICAL
says 'no documents' "${holder[@]}" case attachments C1

# 20 MiB to the byte are attached, and read back whole.
"${attach[@]}" >said
document=$(sed -n 's/^document \([^:]*\):.*/\1/p' said)
says "MEDICAL_REPORT.*20971520 bytes" "${holder[@]}" case attachments C1
"${holder[@]}" case attachment get C1 "$document" --out back.pdf >/dev/null
cmp "$name" back.pdf
[[ $(stat -c %a back.pdf) == 600 ]] || { echo "others can read her report" >&2; exit 1; }
expect 7 'nothing is overwritten' "${holder[@]}" case attachment get C1 "$document" --out back.pdf

# Nothing is offered before the referral is accepted.
referral=$("${holder[@]}" --json referral create --case C1 --to NG --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ne/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
"${holder[@]}" referral send "$referral" >/dev/null
expect 7 'once it is accepted' "${holder[@]}" referral attach "$referral" "$document"
await prints "$referral" "${receiver[@]}" inbox
"${receiver[@]}" referral accept "$referral" --services Health >/dev/null
await prints 'ACCEPTED' "${holder[@]}" referral show "$referral"
tells 'offered as' "${holder[@]}" referral attach "$referral" "$document"
# What the own side keeps is said with its reason, and what to do.
printf '%%PDF-1.7 where she lives' >where.pdf
where=$("${holder[@]}" case attach C1 where.pdf --kind OTHER --group LOCATION |
  sed -n 's/^document \([^:]*\):.*/\1/p')
expect 3 'her consent does not cover LOCATION; comity consent record' "${holder[@]}" referral attach "$referral" "$where"
"${holder[@]}" case detach C1 "$where" >/dev/null
expect 7 'offers this document already' "${holder[@]}" referral attach "$referral" "$document"
await prints 'MEDICAL_REPORT' "${receiver[@]}" referral attachments "$referral"
offer=$("${receiver[@]}" referral attachments "$referral" | cut -f 1)

# The holder dies while it is fetched, then the receiver; what came stays.
get=("${receiver[@]}" referral attachment get "$referral" "$offer" --out)
"${get[@]}" first.pdf >/dev/null 2>&1 &
fetching=$!
stop ne KILL
wait "$fetching" || true
start ne
"${get[@]}" second.pdf >/dev/null 2>&1 &
fetching=$!
stop ng KILL
wait "$fetching" || true
start ng
await "${get[@]}" whole.pdf
cmp "$name" whole.pdf
[[ $(stat -c %a whole.pdf) == 600 ]] || { echo "others can read her report" >&2; exit 1; }
says 'fetched' "${receiver[@]}" referral attachments "$referral"

# A case that the receiver makes of the packet has it too.
"${receiver[@]}" case create x_local_reference=N1 --referral "$referral" >/dev/null
says 'MEDICAL_REPORT.*20971520 bytes' "${receiver[@]}" case attachments N1
copy=$("${receiver[@]}" case attachments N1 | cut -f 1)
"${receiver[@]}" case attachment get N1 "$copy" --out copy.pdf >/dev/null
cmp "$name" copy.pdf

# What is offered and fetched later comes into the case as well.
printf '%%PDF-1.7 a second opinion' >second-opinion.pdf
later=$("${holder[@]}" case attach C1 second-opinion.pdf --kind MEDICAL_REPORT --group MEDICAL |
  sed -n 's/^document \([^:]*\):.*/\1/p')
"${holder[@]}" referral attach "$referral" "$later" >/dev/null
listed() { [[ $("${receiver[@]}" referral attachments "$referral" | wc -l) == "$1" ]]; }
await listed 2
next=$("${receiver[@]}" referral attachments "$referral" | cut -f 1 | grep -v "$offer")
"${receiver[@]}" referral attachment get "$referral" "$next" --out opinion.pdf >/dev/null
says 'MEDICAL_REPORT.*25 bytes' "${receiver[@]}" case attachments N1

# The file's name is nowhere at either node.
if grep -rqa 'Zubaidatu' ne ng ne.log ng.log; then echo "her name left by a file's name" >&2; exit 1; fi

# She is told of it, and takes her consent to the group back.
says 'document: medical report' comity --as ne/operators/dpo subject report C1 --lang en
"${holder[@]}" consent withdraw C1 --groups MEDICAL --channel SHELTER >/dev/null
await prints 'answered: ATTACHMENT ERASED' "${holder[@]}" consent show C1
expect 6 'NOT_FOUND' "${get[@]}" late.pdf
says 'no documents are offered' "${receiver[@]}" referral attachments "$referral"
says 'no documents' "${receiver[@]}" case attachments N1
says 'it was offered in referral' "${holder[@]}" case detach C1 "$document"
"${holder[@]}" case detach C1 "$later" >/dev/null
says 'no documents' "${holder[@]}" case attachments C1

for node in ng ne; do
  comity --as $node/operators/audit audit verify >/dev/null
done
echo "20 MiB came byte for byte across two deaths, and went with her consent: logs whole"
