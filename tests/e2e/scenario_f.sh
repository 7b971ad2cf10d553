#!/usr/bin/env bash
# An emergency partner in an afternoon (domain.md section 8, scenario F):
# Moldova and Poland, strangers in the morning, exchange cards, agree on an
# emergency agreement from the template, try it with a person who does not
# exist, and refer the first one. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

for node in md pl; do
  init $node --participant ${node^^} --organisation ORG
  start $node
  for each in 'COORDINATOR coord' 'COORDINATOR second' 'CASE_WORKER worker' 'AUDITOR audit' \
    'DATA_PROTECTION_OFFICER dpo' 'STATISTICIAN stats'; do
    read -r role person <<<"$each"
    comity operator add --dir $node --organisation ORG --role "$role" --person "$person" >/dev/null
  done
  comity partner card --dir $node >$node.card
done
admin() { comity --as "$1/operators/admin-${2:-1}" "${@:3}"; }
today=$(date -u +%Y-%m-%d)
day() { date -u -d "$1" +%Y-%m-%d; }

# The card is pinned by the fingerprint that was read out, and by no other.
expect 2 'fingerprint' admin md 1 partner add pl.card \
  --fingerprint "$(comity partner card --dir md --fingerprint)"
add_partner md pl
add_partner pl md

# The agreement ends by itself, and nothing makes it last.
made=(comity policy new --template emergency --party 'MD,PL' --id md-pl-emergency
  --title 'Moldova-Poland emergency' --instrument 'Exchange of letters' --from "$today")
expect 2 'at most 90 days' "${made[@]}" --until "$(day '+200 days')"
"${made[@]}" --output md-pl.textproto >/dev/null
grep -q "valid_until: \"$(day '+30 days')T00:00:00Z\"" md-pl.textproto
comity policy check md-pl.textproto >/dev/null

# One administrator alone puts nothing in force; both countries' two do.
for node in md pl; do
  mkdir $node-policy
  cp md-pl.textproto $node-policy/
  for kind in local national-default; do
    comity policy new --template $kind --party ${node^^} --title "Rules of ${node^^}" \
      --output $node-policy/$kind.textproto >/dev/null
  done
  admin $node 1 policy sign $node-policy/*.textproto >/dev/null
  expect 4 'two are needed' admin $node 1 policy activate $node-policy/*.textproto
  admin $node 2 policy sign $node-policy/*.textproto >/dev/null
  admin $node 1 policy activate $node-policy/*.textproto >/dev/null
done
[[ $(comity policy digest md-policy/md-pl.textproto | cut -d ' ' -f 1) == \
  "$(comity policy digest pl-policy/md-pl.textproto | cut -d ' ' -f 1)" ]]

holder=(comity --as md/operators/coord)
receiver=(comity --as pl/operators/coord)
in_state() { "${@:3}" referral show "$2" >said && grep -q "^referral .* $1\$" said; }

# refer CASE: from the case to the acceptance, by people of both sides.
refer() {
  local approval
  "${holder[@]}" case create x_local_reference="$1" prs_FirstName=Oksana cas_Status=Active \
    x_age_class=Adult x_services_needed=Health >/dev/null
  expect 3 'SCREENING_MISSING' "${holder[@]}" referral create --case "$1" --to PL --purpose PROTECTION
  "${holder[@]}" case screen "$1" --none >/dev/null
  "${holder[@]}" consent record "$1" --to PL --purpose PROTECTION \
    --groups CASE_REF,STATUS,DEMOGRAPHIC,NEEDS,CONTACT_POINT --language uk --channel SHELTER >/dev/null
  referral=$("${holder[@]}" --json referral create --case "$1" --to PL --purpose PROTECTION |
    sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
  comity --as md/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
  # A second person looks at each one, also in a hurry.
  expect 4 'APPROVALS_MISSING' "${holder[@]}" referral send "$referral"
  approval=$(comity --as md/operators/second --json approve |
    sed -n 's/.*"approval_id": "\(.*\)",/\1/p' | head -1)
  expect 3 '' "${holder[@]}" approve "$approval"
  comity --as md/operators/second approve "$approval" >/dev/null
  "${holder[@]}" referral send "$referral" >/dev/null
  await in_state RECEIVED "$referral" "${receiver[@]}"
  "${receiver[@]}" referral accept "$referral" --services Health --reception SHELTER >/dev/null
  await in_state ACCEPTED "$referral" "${holder[@]}"
}

# First a person who does not exist, cancelled again; then a real one.
refer SYNTHETIC-1
"${holder[@]}" referral cancel "$referral" --reason PERSON_DECIDED >/dev/null
await in_state CANCELLED "$referral" "${receiver[@]}"
refer MD-1
tells 'Health' "${receiver[@]}" referral show "$referral"
if prints 'Oksana' "${receiver[@]}" --json referral show "$referral"; then
  echo 'an emergency agreement let a name go' >&2
  exit 1
fi
# What is told is bound: erased after 30 days, passed on to nobody, and the data
# protection officers of both sides see it.
tells '"no_onward_transfer": true' "${receiver[@]}" --json referral show "$referral"
tells "\"erase_at\": \"$(day '+30 days')" "${receiver[@]}" --json referral show "$referral"
for node in md pl; do
  await prints 'notice' comity --as $node/operators/dpo inbox
done

# No lists, no counts, no name, nothing for another purpose.
expect 3 'NO_GRANT' "${receiver[@]}" query MD --referral "$referral" --purpose PROSECUTION_SUPPORT --want STATUS
expect 3 'NO_GRANT\|AGREEMENT_NOT_IN_FORCE' "${receiver[@]}" query MD --referral "$referral" \
  --purpose PROTECTION --want IDENTITY
expect 3 '' comity --as pl/operators/stats table ask --from MD --by sex --where year=2018

for node in md pl; do
  comity --as $node/operators/audit audit verify >/dev/null
  tells 'AGREEMENT\|POLICY' comity --as $node/operators/audit audit show --limit 500
done
echo "two strangers referred a person within $SECONDS seconds; their agreement ends in 30 days"
