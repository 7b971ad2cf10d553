#!/usr/bin/env bash
# Two nodes witness each other's logs: an export carries the partner's
# cosignature, which the program and a second verifier check without a node, and
# both sides compare what they hold. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"
init_nodes
serve_nodes 'COORDINATOR coord' 'AUDITOR auditor'
pair_nodes
for node in ng ne; do
  stop $node
  start $node
done
auditor=(comity --as ne/operators/auditor)
second() { node "$source_dir/tests/e2e/verifier/verify_log.mjs" "$@"; }

# A question that Niger refuses is an entry on both sides.
expect 6 'NOT_AVAILABLE' comity --as ng/operators/coord query NE \
  --pseudonym 00000000-0000-4000-8000-000000000001 --purpose SAFE_RETURN --want STATUS
all_cosigned() { "${auditor[@]}" audit witnesses | has 'cosigned \([1-9]\) of \1 entries'; }
await all_cosigned
"${auditor[@]}" audit witnesses | has 'no fork'

"${auditor[@]}" audit export --log comity/NE/NG --cosigned --output cosigned.log >/dev/null
comity audit verify cosigned.log --card ne.card --witness ng.card | has '^cosigned'
second cosigned.log ne.card ng.card | has ', cosigned 20'
# Who did not cosign it, another time, a log without it.
"${auditor[@]}" audit export --log comity/NE/NG --output plain.log >/dev/null
sed '7s/A/B/' cosigned.log >changed.log
if cmp -s cosigned.log changed.log; then echo "nothing was changed" >&2; exit 1; fi
refused_by_both() {
  if comity audit verify "$1" --card ne.card --witness "$2" >out 2>&1; then
    echo "audit verify takes $1 as cosigned by the owner of $2" >&2
    exit 1
  fi
  if second "$1" ne.card "$2" >/dev/null 2>&1; then
    echo "the second verifier takes $1 as cosigned by the owner of $2" >&2
    exit 1
  fi
}
refused_by_both cosigned.log ne.card
refused_by_both changed.log ng.card
refused_by_both plain.log ng.card
says 'its anchors' "${auditor[@]}" audit export --cosigned --output never
[[ ! -e never ]]

tells 'Nothing differs' "${auditor[@]}" audit reconcile NG
tells 'Nothing differs' comity --as ng/operators/auditor audit reconcile NE

# Niger replaces its log key, Nigeria its witness key: both verifiers take what
# the keys before signed by the new cards alone, and the nodes go on.
tells 'log key of ne replaced' comity node rotate-key log --dir ne
tells 'witness key of ng replaced' comity node rotate-key witness --dir ng
for node in ng ne; do
  comity partner card --dir $node >$node-new.card
  stop $node
  start $node
done
comity audit verify cosigned.log --card ne-new.card --witness ng-new.card | has '^cosigned'
second cosigned.log ne-new.card ng-new.card | has ', cosigned 20'
pinned() { comity --as "$1/operators/admin-1" --json status | has "$(comity partner card --dir "$2" --fingerprint)"; }
await pinned ng ne
await pinned ne ng
expect 2 'finish' comity node rotate-key log --dir ne
await prints 'rotate-key log --finish' comity --as ne/operators/admin-1 --json status
await prints 'rotate-key witness --finish' comity --as ng/operators/admin-1 --json status
comity node rotate-key log --finish --dir ne >/dev/null
comity node rotate-key witness --finish --dir ng >/dev/null
expect 6 'NOT_AVAILABLE' comity --as ng/operators/coord query NE \
  --pseudonym 00000000-0000-4000-8000-000000000001 --purpose SAFE_RETURN --want STATUS
"${auditor[@]}" audit verify >/dev/null
comity --as ng/operators/auditor audit verify >/dev/null
"${auditor[@]}" audit export --log comity/NE/NG --output later.log >/dev/null
second later.log ne-new.card >/dev/null

# Nigeria activates another revision of the agreement: both sides' status says
# so by itself, and so does Niger's once it follows.
revise() {
  local admin file=$1-policy/agreements/ng-ne-bilateral.textproto
  sed -i 's/revision: 1$/revision: 2/' "$file"
  rm -f "$file.signed"
  for admin in admin-1 admin-2; do
    comity --as "$1/operators/$admin" policy sign "$file" >/dev/null
  done
  comity --as "$1/operators/admin-1" policy activate "$file" >/dev/null
}
revise ng
for node in ng ne; do
  await prints 'NOT OK.*agreement ng-ne-bilateral.*the digests differ, as of' \
    comity --as $node/operators/admin-1 status
done
tells 'next: comity policy compare NG ng-ne-bilateral' comity --as ne/operators/admin-1 inbox
revise ne
for node in ng ne; do
  await prints 'ok.*agreement ng-ne-bilateral.*the same digest on both sides, as of' \
    comity --as $node/operators/admin-1 status
done
# Niger replaces its root: Nigeria follows by itself, and the old root ends once
# nothing stands under it alone.
second later.log ne/card.txt >/dev/null
tells 'root of ne replaced' comity node rotate-root --dir ne --new-root-dir ne-next-root
second later.log ne/card.txt >/dev/null
await pinned ng ne
expect 2 'comes first' comity node rotate-root --finish --dir ne --new-root-dir ne-next-root
comity node renew --dir ne >/dev/null
for person in admin-1 admin-2 coord auditor; do
  comity operator renew --dir ne --person $person >/dev/null
done
expect 6 'NOT_AVAILABLE' comity --as ng/operators/coord query NE \
  --pseudonym 00000000-0000-4000-8000-000000000001 --purpose SAFE_RETURN --want STATUS
# Once comityd serves with the renewed one for sure.
await comity node rotate-root --finish --dir ne --new-root-dir ne-next-root
await pinned ng ne
expect 6 'NOT_AVAILABLE' comity --as ng/operators/coord query NE \
  --pseudonym 00000000-0000-4000-8000-000000000001 --purpose SAFE_RETURN --want STATUS
await "${auditor[@]}" audit verify
second later.log ne/card.txt >/dev/null
