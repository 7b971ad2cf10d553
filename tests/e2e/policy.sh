#!/usr/bin/env bash
# Two administrators of each side take an agreement from one revision to the
# next, roll it back, switch both nodes at one moment, and do it wrong on
# purpose. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'AUDITOR audit'
pair_nodes
admin() { comity --as "$1/operators/admin-$2" "${@:3}"; }
# Each reaches the other once gRPC has read the new anchors.
await admin ng 1 policy compare NE ng-ne-bilateral
await admin ne 1 policy compare NG ng-ne-bilateral
first=ng-policy/agreements/ng-ne-bilateral.textproto
# revision NUMBER LIMIT: the agreement with another limit, in NUMBER.textproto.
revision() {
  sed "s/^  revision: .*/  revision: $1/; s/max_per_day: 200/max_per_day: $2/" "$first" >"$1.textproto"
}

# Who may not, what is not there, and one signature twice.
revision 2 100
expect 3 'administrators sign policy files, and ORG/coord is COORDINATOR' \
  comity --as ng/operators/coord policy sign 2.textproto
[[ ! -e 2.textproto.signed ]] || { echo 'a coordinator signed' >&2; exit 1; }
expect 6 'named by their path' admin ng 1 policy sign nowhere.textproto
expect 4 'signed by 0 administrator' admin ng 1 policy activate 2.textproto
for _ in 1 2; do
  expect 0 'signed by COORDINATION/admin-1$' admin ng 1 policy sign 2.textproto
done
expect 4 'signed by 1 administrator' admin ng 1 policy activate 2.textproto
expect 0 'signed by COORDINATION/admin-1, COORDINATION/admin-2$' admin ng 2 policy sign 2.textproto

# What is changed after it was signed is signed by nobody.
revision 2 50
expect 3 'was changed after it was signed' admin ng 1 policy activate 2.textproto
expect 0 '2 signature(s) of what it said before are gone' admin ng 1 policy sign 2.textproto
expect 4 'signed by 1 administrator' admin ng 1 policy activate 2.textproto
admin ng 2 policy sign 2.textproto >/dev/null
expect 3 'no POLICY_ACTIVATE' comity --as ng/operators/coord policy activate 2.textproto
expect 0 'revision 2' admin ng 1 policy activate 2.textproto
expect 7 'comity policy rollback' admin ng 1 policy activate 2.textproto

# It stops until both hold the same; both versions are shown, line by line.
expect 3 'max_per_day = 50' admin ng 1 policy compare NE ng-ne-bilateral
printed 'max_per_day = 200'
expect 0 'revision 1' admin ng 2 policy rollback ng-ne-bilateral
expect 6 'no revision of agreement ng-ne-bilateral before' admin ng 2 policy rollback ng-ne-bilateral
expect 0 'the same digest on both sides' admin ng 1 policy compare NE ng-ne-bilateral

# Both switch at one moment, from a proposal that the other side reads.
revision 3 20
admin ng 1 policy propose 3.textproto >/dev/null
digest=$(comity policy digest 3.textproto | grep -oE '[0-9a-f]{64}')
expect 0 'revision 3 .* proposed' admin ne 1 policy compare NG ng-ne-bilateral --output theirs.textproto
cmp 3.textproto theirs.textproto
for number in 1 2; do
  admin ng $number policy sign --proposal "$digest" >/dev/null
  admin ne $number policy sign theirs.textproto >/dev/null
done
expect 2 'with its zone' admin ng 1 policy activate --proposal "$digest" --switch-at tomorrow
expect 2 'must lie ahead' admin ng 1 policy activate --proposal "$digest" --switch-at 2020-01-01T00:00:00Z
at=$(date -u -d '+5 seconds' +%Y-%m-%dT%H:%M:%SZ)
expect 0 "from $at" admin ng 1 policy activate --proposal "$digest" --switch-at "$at"
expect 0 "from $at" admin ne 1 policy activate theirs.textproto --switch-at "$at"
switched() {
  for node in ng ne; do admin $node 1 policy list | has 'revision 3.*in force' || return 1; done
}
await switched
expect 0 'the same digest on both sides' admin ne 1 policy compare NG ng-ne-bilateral
admin ng 1 policy log | has 'revision 1.*rolled back to'

# Programs read what was signed and what is wrong with a file.
field() { # field EXPRESSION: of the object on standard input
  python3 -c "import json, sys; print(eval(sys.argv[1], {'it': json.load(sys.stdin)}))" "$1"
}
revision 4 10
[[ $(comity --json --as ng/operators/admin-1 policy sign 4.textproto |
  field 'it["files"][0]["signers"]') == "['COORDINATION/admin-1']" ]]
sed 's/max_per_day: 10/max_per_dya: 10/' 4.textproto >wrong.textproto
comity --json policy check 4.textproto wrong.textproto 2>error >found && exit 1
[[ $(field 'it["files"][0]["revision"], it["findings"][0]["file"]' <found) == "(4, 'wrong.textproto')" ]]
has 'POLICY_INVALID' <error

# What both sides of a referral count is told to nobody unsaid.
sed 's/"Q33\/1"/"Q33\/1", "R8\/1", "R9\/1"/' \
  "$source_dir/policy/agreements/ecowas-counts.textproto" >sides.textproto
comity policy lint sides.textproto | has 'tells ECOWAS what was received.*both-sides-told'

# An emergency names itself and begins now.
comity policy new --template emergency --party NG,NE --title Flood --output flood.textproto >/dev/null
comity policy check flood.textproto | has 'agreement ne-ng-emergency@1'
expect 2 'needs --id, --from, --until' comity policy new --template bilateral --party NG,NE --title Flood
for node in ng ne; do comity --as $node/operators/audit audit verify >/dev/null; done
echo 'two revisions, a roll-back and a switch of both sides; nothing counted that should not'
