#!/usr/bin/env bash
# "Does anyone know this girl?" (domain.md section 8, scenario B, without
# matching): Serbia holds a child who says little. It puts a pseudonymous
# referral to Moldova and to Romania; Romania does not know her, Moldova asks,
# and takes it on with the guardians of both sides. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

for node in rs md ro; do
  init $node --participant ${node^^} --organisation ORG
  start $node
  for each in 'COORDINATOR coord' 'COORDINATOR second' 'GUARDIAN guardian' 'AUDITOR audit'; do
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
# Serbia has an agreement with each of the two, and they have none.
for other in md ro; do
  add_partner rs $other
  add_partner $other rs
  comity policy new --template bilateral --party "RS,${other^^}" --id rs-$other --title "Serbia-${other^^}" \
    --from "$(date -u +%Y-01-01)" --until "$(date -u -d '+2 years' +%Y-01-01)" --output rs-$other.textproto >/dev/null
  # The parties say how one of them is called; its code stays beside that.
  if [[ $other == md ]]; then
    sed -i 's/^  party: .*/&\n  party_name { party: "MD" name: "Republic of Moldova" fr: "République de Moldova" }/' rs-md.textproto
  fi
  cp rs-$other.textproto rs-policy/
  cp rs-$other.textproto $other-policy/
done
for node in rs md ro; do
  for number in 1 2; do admin $node $number policy sign $node-policy/*.textproto >/dev/null; done
  admin $node 1 policy activate $node-policy/*.textproto >/dev/null
done

holder=(comity --as rs/operators/coord)
in_state() { "${@:3}" referral show "$2" >said && grep -q "^referral .* $1\$" said; }
field() { sed -n "s/.*\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" | head -1; }

# What is known of her stays at home, but for her age band and what she needs.
"${holder[@]}" case create x_local_reference=G1 prs_FirstName=Mirela x_age_class=Child \
  x_age_band=9--17 cas_Status=Active x_services_needed=Legal cco_CaseComment='maybe from Soroca' >/dev/null
"${holder[@]}" case screen G1 --none >/dev/null
# A child is asked for by her guardian.
declare -A referral pseudonym
for other in md ro; do
  expect 3 'CONSENT_MISSING' "${holder[@]}" referral create --case G1 --to ${other^^} --purpose SAFE_RETURN \
    --basis GUARDIAN_CONSENT
  "${holder[@]}" consent record G1 --to ${other^^} --purpose SAFE_RETURN --guardian 'Her guardian at court' \
    --groups CASE_REF,STATUS,DEMOGRAPHIC,NEEDS --language ro --channel GUARDIAN >/dev/null
  drafted=$("${holder[@]}" --json referral create --case G1 --to ${other^^} --purpose SAFE_RETURN \
    --basis GUARDIAN_CONSENT)
  referral[$other]=$(field referral_id <<<"$drafted")
  pseudonym[$other]=$(field pseudonym <<<"$drafted")
  comity --as rs/operators/second referral clear "${referral[$other]}" --risk HIGH --reflection-waived >/dev/null
  "${holder[@]}" referral send "${referral[$other]}" >/dev/null
  await in_state RECEIVED "${referral[$other]}" comity --as $other/operators/coord
done
tells 'RS -> Republic of Moldova (MD)' "${holder[@]}" referral list
tells 'RS -> RO' "${holder[@]}" referral list
tells 'République de Moldova (MD)' "${holder[@]}" referral show "${referral[md]}" --lang fr
tells '^Republic of Moldova (MD)' admin rs 1 partner list
tells 'MD is called "Republic of Moldova"; fr "République de Moldova"' comity policy show rs-md.textproto
# The two cannot find out that they were asked about the same girl.
[[ ${pseudonym[md]} != "${pseudonym[ro]}" && ${referral[md]} != "${referral[ro]}" ]]
for other in md ro; do
  comity --as $other/operators/coord --json referral show "${referral[$other]}" >seen-$other
  if grep -qE 'Mirela|Soroca|G1' seen-$other; then
    echo "${other^^} was told who she is" >&2
    exit 1
  fi
done
if grep -qE "${pseudonym[md]}|${referral[md]}" seen-ro; then
  echo 'one partner sees what the other one was asked' >&2
  exit 1
fi
# Nobody else's referral is found, by its id or otherwise.
expect 6 '' comity --as ro/operators/coord referral show "${referral[md]}"

# Romania does not know her; Moldova asks for what bears on it, and learns no
# more than consent covers.
comity --as ro/operators/coord referral decline "${referral[ro]}" --reason NOT_ELIGIBLE >/dev/null
await in_state DECLINED "${referral[ro]}" "${holder[@]}"
comity --as md/operators/coord referral ask "${referral[md]}" --groups NEEDS,MIGRATION >/dev/null
await in_state NEEDS_INFO "${referral[md]}" "${holder[@]}"
tells 'told: NEEDS; refused: MIGRATION' "${holder[@]}" referral answer "${referral[md]}"
await in_state RECEIVED "${referral[md]}" comity --as md/operators/coord
expect 6 'NOT_AVAILABLE' comity --as md/operators/coord query RS --referral "${referral[md]}" \
  --purpose SAFE_RETURN --basis GUARDIAN_CONSENT --want IDENTITY

# It takes her on; the plan for a child stands once both guardians signed.
comity --as md/operators/coord referral accept "${referral[md]}" --services Legal --reception SHELTER >/dev/null
await in_state ACCEPTED "${referral[md]}" "${holder[@]}"
comity --as md/operators/coord referral plan propose "${referral[md]}" --action Legal:MD >/dev/null
await prints 'version 1' "${holder[@]}" referral show "${referral[md]}"
"${holder[@]}" referral plan accept "${referral[md]}" --version 1 >/dev/null
"${holder[@]}" referral plan answer "${referral[md]}" --version 1 --agrees >/dev/null
comity --as rs/operators/guardian referral approve "${referral[md]}" --version 1 >/dev/null
in_state ACCEPTED "${referral[md]}" "${holder[@]}"
comity --as md/operators/guardian referral approve "${referral[md]}" --version 1 >/dev/null
await in_state PLAN_AGREED "${referral[md]}" "${holder[@]}"

# Her guardian takes back what was asked of Romania: it is gone there.
"${holder[@]}" referral withdraw "${referral[ro]}" --channel GUARDIAN >/dev/null
await prints '"erased": true' comity --as ro/operators/coord --json referral show "${referral[ro]}"
in_state PLAN_AGREED "${referral[md]}" "${holder[@]}"
for node in rs md ro; do comity --as $node/operators/audit audit verify >/dev/null; done
echo "one country knew her, one did not, and neither learnt who she is"
