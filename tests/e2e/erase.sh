#!/usr/bin/env bash
# A person who was referred from Niger to Nigeria has herself erased while
# Nigeria is away: her name is in no file and no later backup, the logs verify,
# and Nigeria answers on its return. Two real nodes, the command line alone.
# COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

# holds DIRECTORY WHAT: some file of it has her "key" (wrapped), or her "name".
holds() {
  python3 - "$@" <<'SEARCH'
import pathlib, sys
what = b"Zanaidou" if sys.argv[2] == "name" else pathlib.Path("wrapped_key").read_bytes()
sys.exit(not any(what in path.read_bytes() for path in pathlib.Path(sys.argv[1]).rglob("*") if path.is_file()))
SEARCH
}

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit' 'DATA_PROTECTION_OFFICER dpo'
pair_nodes
holder=(comity --as ne/operators/coord)
dpo=(comity --as ne/operators/dpo)

"${holder[@]}" case create x_local_reference=C1 prs_SecondName=Zanaidou cas_Status=Active >/dev/null
"${holder[@]}" case screen C1 --none >/dev/null
"${holder[@]}" consent record C1 --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
referral=$("${holder[@]}" --json referral create --case C1 --to NG --purpose SAFE_RETURN |
  sed -n 's/.*"referral_id": "\(.*\)",/\1/p')
comity --as ne/operators/second referral clear "$referral" --risk LOW --reflection-waived >/dev/null
"${holder[@]}" referral send "$referral" >/dev/null
await prints "$referral" comity --as ng/operators/coord inbox
says Zanaidou "${holder[@]}" case show C1

# The same search finds the wrapped key before; a name outside the store, too.
python3 - ne/data/store.db <<'KEY'
import pathlib, sqlite3, sys
row = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT wrapped_key FROM cases").fetchone()
pathlib.Path("wrapped_key").write_bytes(row[0])
KEY
holds ne key || { echo "the search finds no key before the erasure" >&2; exit 1; }
mkdir planted && echo 'of Zanaidou' >planted/note
holds planted name || { echo "the search finds no name" >&2; exit 1; }

says 'nothing has a date' "${dpo[@]}" retention show
says 'LOCAL_ACCESS_DENIED' "${holder[@]}" subject erase --case C1 --reason SUBJECT_REQUEST --confirm
says 'the ground is SUBJECT_REQUEST' "${dpo[@]}" subject erase --case C1 --reason NO_REASON --confirm
says 'nothing was erased; with --confirm would go' "${dpo[@]}" subject erase --case C1 --reason SUBJECT_REQUEST
"${dpo[@]}" case hold C1 --ground COURT_ORDER --days 30 >/dev/null
says 'kept on the ground COURT_ORDER until 20' "${dpo[@]}" subject erase --case C1 --reason SUBJECT_REQUEST --confirm
"${dpo[@]}" case hold C1 --lift >/dev/null

stop ng
says 'asked to erase: NG' "${dpo[@]}" subject erase --case C1 --reason SUBJECT_REQUEST --confirm
printed 'proof: entry comity/NE#'
printed 'has not reached NG yet'
says 'was erased on 20.* ground SUBJECT_REQUEST' "${holder[@]}" case show C1
says 'was erased on 20' "${holder[@]}" case create x_local_reference=C1
says 'NG has not answered; due by' "${dpo[@]}" subject erase --case C1 --show
start ng
await prints 'answered: DOSSIER ERASED' "${dpo[@]}" subject erase --case C1 --show
says '"ground": "SUBJECT_REQUEST"' "${dpo[@]}" --json subject erase --show
says 'the packet is erased' comity --as ng/operators/coord referral show "$referral"

# The entry proves it to anybody who has the card.
entry=$("${dpo[@]}" --json subject erase --case C1 --show | sed -n 's/.*"log_entry_id": "comity\/NE#\(.*\)",/\1/p')
comity --as ne/operators/audit audit prove "$entry" --open --output entry >/dev/null
says 'SUBJECT_ERASE SUBJECT_REQUEST' comity audit verify entry --card ne/card.txt
# An entry about her from before tells who acted, and nobody else.
about=$(comity --as ne/operators/audit audit show --limit 500 | awk '/CASE_CREATE/ {print $1; exit}')
comity --as ne/operators/audit audit prove "$about" --open --output before >/dev/null
says '(erased)' comity audit verify before --card ne/card.txt
printed 'ORG/coord'
node "$source_dir/tests/e2e/verifier/verify_log.mjs" before ne/card.txt >/dev/null

# A copy with all keys, and a later backup: she is in neither.
for node in ng ne; do
  comity --as $node/operators/audit audit verify >/dev/null
done
cp -r ne copy
echo 'correct horse battery' >passphrase
chmod 600 passphrase
comity backup --dir ne --to ne.backup --passphrase-file passphrase >/dev/null
comity restore ne.backup --dir restored --passphrase-file passphrase >/dev/null
for directory in ne copy restored; do
  for what in key name; do
    if holds $directory $what; then echo "her $what is still in $directory" >&2; exit 1; fi
  done
done
says 'nothing is due' "${dpo[@]}" retention run
says 'nothing is due' "${dpo[@]}" retention run --clock-is-right
echo "erased, asked for and answered; nobody finds her in copy or backup, logs whole"
