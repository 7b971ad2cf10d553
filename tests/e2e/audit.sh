#!/usr/bin/env bash
# Exports logs and entries of a real node and verifies the files without it,
# with the program and with a second verifier; then damages them.
# COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"
serve_alone NE ANLTP moussa.d
comity operator add --dir ne --organisation ANLTP --role AUDITOR --person issa.a >/dev/null
auditor=(comity --as ne/operators/issa.a)
second() { node "$source_dir/tests/e2e/verifier/verify_log.mjs" "$@"; }

for i in $(seq 5); do
  printf 'x_local_reference,x_danger\nR%s,none\n' "$i" >cases.csv
  comity --as ne/operators/moussa.d case import cases.csv >/dev/null
done
"${auditor[@]}" audit export --output own.log >out
grep -q 'audit verify own.log --card CARD' out
# A listing that is cut says so.
[[ $("${auditor[@]}" audit show --limit 3 2>error | wc -l) -eq 3 ]]
grep -q '3 are shown, and there are more' error
# Where the file is verified there is no node, no profile, only the card.
stop ne
comity audit verify own.log --card ne/card.txt >out
grep -q '^verified' out
grep -qE '^OPERATOR_ACTION\s+[1-9]' out
second own.log ne/card.txt | has '^verified: comity/NE: [0-9]* entries, root '
[[ $(second own.log ne/card.txt | grep -oE '[0-9a-f]{64}') == $(awk '$1 == "root" {print $2}' out) ]]

# expect_both EXIT TEXT FILE CARD: what both verifiers say of a file.
refused_by_both() {
  local text=$1 status=0
  shift
  comity audit verify "$1" --card "$2" >out 2>&1 || status=$?
  if [[ $status -eq 0 ]] || ! grep -q -- "$text" out; then
    printf 'audit verify %s: exit %s, or no "%s" in:\n' "$*" "$status" "$text" >&2
    cat out >&2
    exit 1
  fi
  if second "$@" >/dev/null 2>&1; then
    echo "the second verifier takes $1" >&2
    exit 1
  fi
}
sed '$d' own.log >cut.log
refused_by_both 'the file ends after' cut.log ne/card.txt
{ cat own.log && tail -1 own.log; } >longer.log
refused_by_both 'more follows' longer.log ne/card.txt
{ head -n -2 own.log && tail -1 own.log && tail -2 own.log | head -1; } >order.log
refused_by_both 'do not lead to the signed head' order.log ne/card.txt
sed '10s/A/B/' own.log >changed.log
refused_by_both '' changed.log ne/card.txt
init ng --participant NG --organisation NAPTIP
refused_by_both 'not one of NG' own.log ng/card.txt
# Edits by a seed, each of which the second verifier finds; some are left for
# the program.
edits=${COMITY_EDITS:-400}
mkdir edits
node "$source_dir/tests/e2e/verifier/find_edits.mjs" own.log ne/card.txt \
  "$edits" "${COMITY_SEED:-20261130}" edits >out
grep -q "^$edits edits found" out
for file in edits/*; do refused_by_both '' "$file" ne/card.txt; done
status=0
comity audit verify own.log >out 2>&1 || status=$?
[[ $status -eq 2 ]] && grep -q -- '--card' out

# One entry, closed and opened.
start ne
index=$("${auditor[@]}" audit show --limit 500 | awk '/CASE_CREATE|CASE_IMPORT/ {print $1; exit}')
"${auditor[@]}" audit prove "$index" --output entry >/dev/null
(umask 022 && "${auditor[@]}" audit prove "$index" --open --output opened >/dev/null)
[[ $(stat -c %a opened) == 600 ]] || { echo "others may read what names a case" >&2; exit 1; }
comity audit verify entry --card ne/card.txt >out
grep -q '^kind' out
if grep -q 'actor' out; then echo "a closed entry tells who acted" >&2; exit 1; fi
comity audit verify opened --card ne/card.txt | has -E '^actor\s.*moussa.d'
second entry ne/card.txt >/dev/null
second opened ne/card.txt | has 'moussa.d'
sed '2s/A/B/' opened >forged
refused_by_both '' forged ne/card.txt
status=0
"${auditor[@]}" audit prove 999999 --output never >out 2>&1 || status=$?
[[ $status -ne 0 && ! -e never ]]
status=0
"${auditor[@]}" audit export --log comity/XX/YY --output never >out 2>&1 || status=$?
[[ $status -ne 0 && ! -e never ]] && grep -q 'it keeps comity/NE' out
