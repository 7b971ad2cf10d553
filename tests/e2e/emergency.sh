#!/usr/bin/env bash
# Her life is in danger and nobody could ask her: two persons declare an
# emergency, a third and a fourth approve one question, the least is told, and
# what was told is reviewed on both sides. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
# The hook of Niger's node hears what there is to look at, and nothing of whom.
cat >hook <<HOOK
#!/bin/sh
printf '%s\n' "\$*" >>"$work/told"
HOOK
chmod 700 hook
sed -i "s|^notify_hook: .*|notify_hook: \"$work/hook\"|" ne/comityd.conf
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'COORDINATOR third' \
  'DATA_PROTECTION_OFFICER dpo' 'AUDITOR audit'
add_partner ng ne
add_partner ne ng
comity policy new --template emergency --party NE,NG --title Flood --output flood.textproto >/dev/null
for node in ng ne; do
  mkdir $node-policy
  cp flood.textproto $node-policy/
  for kind in local national-default; do
    comity policy new --template $kind --party ${node^^} --title "Rules of ${node^^}" \
      --output $node-policy/$kind.textproto >/dev/null
  done
  for admin in admin-1 admin-2; do
    comity --as $node/operators/$admin policy sign $node-policy/*.textproto >/dev/null
  done
  comity --as $node/operators/admin-1 policy activate $node-policy/*.textproto >/dev/null
done
holder() { comity --as "ne/operators/$1" "${@:2}"; }
asker() { comity --as "ng/operators/$1" "${@:2}"; }
# field NAME: of the JSON that comes in, the first.
field() { sed -n "s/.*\"$1\": \"\(.*\)\",\{0,1\}/\1/p" | head -1; }

# A person who agreed to be referred, and whom nobody asked about more.
holder coord case create x_local_reference=NE-1 prs_FirstName=Halima cas_Status=Active \
  x_age_class=Adult x_services_needed=Health >/dev/null
holder coord case screen NE-1 --none >/dev/null
holder coord consent record NE-1 --to NG --purpose PROTECTION \
  --groups CASE_REF,STATUS,DEMOGRAPHIC --language ha --channel SHELTER >/dev/null
referral=$(holder coord --json referral create --case NE-1 --to NG --purpose PROTECTION | field referral_id)
holder second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
expect 4 'APPROVALS_MISSING' holder coord referral send "$referral"
holder second approve "$(holder second --json approve | field approval_id)" >/dev/null
holder coord referral send "$referral" >/dev/null
await prints 'RECEIVED' asker coord referral show "$referral"

# Another person of the asking side looks at each question first; without an
# emergency nothing is told all the same, and not why.
ask=(asker coord query NE --referral "$referral" --purpose PROTECTION --basis VITAL_INTEREST --want)
approved() { "$1" second approve "$("$1" second --json approve | field approval_id)" >/dev/null; }
unanswered() {
  expect 4 'APPROVALS_MISSING' "${ask[@]}" "$@"
  approved asker
  expect 6 'NOT_AVAILABLE' "${ask[@]}" "$@"
}
expect 4 'APPROVALS_MISSING' "${ask[@]}" NEEDS
approval=$(asker second --json approve | field approval_id)
expect 3 '' asker coord approve "$approval"
approved asker
expect 6 'NOT_AVAILABLE' "${ask[@]}" NEEDS

# Two persons declare it; the hours and the reason are from closed lists.
declare=(comity --as ne/operators/coord emergency declare --agreement ne-ng-emergency --partner NG)
expect 2 '72' "${declare[@]}" --hours 73 --reason DANGER_TO_LIFE
expect 2 'MISSING_CHILD' "${declare[@]}" --hours 24 --reason HURRY
expect 3 'AGREEMENT_NOT_IN_FORCE' holder coord emergency declare --agreement no-such --partner NG --hours 24 --reason DANGER_TO_LIFE
emergency=$("${declare[@]}" --hours 24 --reason DANGER_TO_LIFE --json | field emergency_id)
expect 3 '' holder coord emergency confirm "$emergency"
unanswered NEEDS
tells "$emergency" holder second inbox
holder second emergency confirm "$emergency" >/dev/null
tells 'IN_FORCE' holder dpo emergency list

# Now the least is told, to be erased after a week, and each use is reviewed.
expect 3 'IDENTITY_RELEASE' "${ask[@]}" NEEDS,IDENTITY
expect 4 'APPROVALS_MISSING' "${ask[@]}" NEEDS
approved asker
says 'released: NEEDS' "${ask[@]}" NEEDS
printed 'erased after 7 day'
printed 'a review is open'
if grep -q 'Halima' out; then
  echo 'an emergency let a name go' >&2
  exit 1
fi
# The hook heard targets, kinds and entries.
await grep -q '^AUDITOR_AT_HOLDER RELEASED comity/NE#' told
if grep -vE '^[A-Z_]+ (RELEASED|REVIEW_OPENED) comity/NE#[0-9]+$' told; then
  echo 'the hook heard more than it may' >&2
  exit 1
fi

# Who protects data reviews it, on both sides, once; only the side that told it
# can want it erased.
for side in holder asker; do
  tells 'notice .* REVIEW_OPENED' "$side" dpo inbox
  review=$("$side" dpo --json inbox | field review_id)
  expect 3 'EMERGENCY_REVIEW' "$side" coord emergency review "$review" --finding JUSTIFIED
  expect 2 'NOT_JUSTIFIED' "$side" dpo emergency review "$review" --finding FINE
  expect 6 'no such review' "$side" dpo emergency review "$emergency" --finding JUSTIFIED
  if [[ $side == asker ]]; then
    expect 2 'the side that told it' asker dpo emergency review "$review" --finding PARTNER_TO_ERASE
  fi
  "$side" dpo emergency review "$review" --finding JUSTIFIED >/dev/null
  expect 7 'reviewed already' "$side" dpo emergency review "$review" --finding JUSTIFIED
  expect 0 '' "$side" dpo inbox
  if grep -q '^review' out; then exit 1; fi
done

# Over is over.
says 'ENDED' holder coord emergency end "$emergency"
expect 7 'over already' holder coord emergency end "$emergency"
expect 7 'no longer waits' holder second emergency confirm "$emergency"
unanswered NEEDS
for node in ng ne; do
  comity --as $node/operators/audit audit verify >/dev/null
done
