#!/usr/bin/env bash
# Kills sender and receiver in turn (kill -9) while referrals are delivered, and
# expects that nothing is lost and nothing doubled. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"
count=12

crash() {
  stop "$1" KILL
  start "$1"
}

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second' 'AUDITOR audit'
pair_nodes

{
  echo 'x_local_reference,x_danger,x_registered_on,cas_Status'
  for i in $(seq $count); do echo "C$i,none,2026-01-02,Active"; done
} >cases.csv
holder=(comity --as ne/operators/coord)
receiver=(comity --as ng/operators/coord)
"${holder[@]}" case import cases.csv >/dev/null
ids=()
for i in $(seq $count); do
  "${holder[@]}" consent record "C$i" --to NG --purpose SAFE_RETURN \
    --groups CASE_REF,STATUS --language ha --channel SHELTER >/dev/null
  ids+=("$("${holder[@]}" --json referral create --case "C$i" --to NG --purpose SAFE_RETURN |
    sed -n 's/.*"referral_id": "\(.*\)",/\1/p')")
  comity --as ne/operators/second referral clear "${ids[-1]}" --risk LOW --reflection-waived >/dev/null
done

crashes=0
for i in "${!ids[@]}"; do
  "${holder[@]}" referral send "${ids[$i]}" >/dev/null
  case $((i % 4)) in
    1) crash ng ;;
    3) crash ne ;;
    *) continue ;;
  esac
  crashes=$((crashes + 1))
done

delivered() {
  local id
  for id in "${ids[@]}"; do
    "${holder[@]}" --json referral show "$id" | has '"undelivered_events": 0' || return 1
  done
}
await delivered
arrived=$("${receiver[@]}" --json referral list | grep -c '"state": "RECEIVED"')
[[ $arrived -eq $count ]] || { echo "$arrived of $count referrals arrived" >&2; exit 1; }
says '1 are shown, and there are more' "${receiver[@]}" referral list --limit 1

# What a log says of `kind`, by request id, each entry once.
ledger() {
  comity --as "$1/operators/audit" --json audit show --log "$2" --limit 500 |
    sed -n 's/.*"kind": "\(.*\)",/\1/p; s/.*"request_id": "\(.*\)",/\1/p' |
    paste - - | sed -n "s/^$3\t//p" | sort
}
# The dossier's events with their receipts as one side holds them.
dossier() {
  comity --as "$1/operators/coord" --json referral show "$2" |
    grep -E '"(event_id|author|kind|occurred_at|delivered_at|log_index)"'
}
equal() {
  [[ $2 == "$3" ]] || { printf '%s\n%s\n-- but --\n%s\n' "$1" "$2" "$3" >&2; exit 1; }
}
# Both ledgers tell of the same events, none lost and none doubled: as logged by
# their author, as answered and receipted by their receiver, and as the receipts
# came back.
sent=$(ledger ne comity/NE/NG EVENT)
equal "events that $count referrals sent" "$count" "$(sort -u <<<"$sent" | wc -l)"
equal 'receipts that NG logged' "$sent" "$(ledger ng comity/NG/NE RECEIPT)"
equal 'events that NG answered' "$sent" "$(ledger ng comity/NG ANSWERED)"
equal 'receipts that NE received' "$sent" "$(ledger ne comity/NE RECEIPT_RECEIVED)"
for id in "${ids[@]}"; do
  events=$(dossier ne "$id")
  equal "events of $id" 1 "$(grep -c '"event_id"' <<<"$events")"
  grep -q '"delivered_at"' <<<"$events" || { echo "$id has no receipt" >&2; exit 1; }
  equal "the dossier $id" "$events" "$(dossier ng "$id")"
done
comity --as ng/operators/audit audit verify >/dev/null
comity --as ne/operators/audit audit verify >/dev/null
echo "$count referrals, $crashes crashes: nothing lost, nothing doubled, logs whole"
