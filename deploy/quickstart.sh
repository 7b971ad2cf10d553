#!/usr/bin/env bash
# Builds Comity and runs its main job on this machine: two states and a
# commission on loopback, a referral, a question, a regional table, and the
# proof of all of it. Each step prints the command that it runs.
#
#   deploy/quickstart.sh                as root on Debian 12; ends by itself
#   deploy/quickstart.sh --keep         leaves the nodes running and says how to go on
#   deploy/quickstart.sh --region see   instead: ten states of South-Eastern Europe and
#                                       their secretariat, tables of two real years
#   COMITY_BIN=DIR                      use the programs in DIR and build nothing
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=no
region=west
while [[ $# -gt 0 ]]; do
  case "$1" in
    --keep) keep=yes ;;
    --region)
      region=${2:-}
      [[ $# -eq 1 ]] || shift
      ;;
    --help | -h)
      sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) region= ;;
  esac
  shift
done
if [[ $region != west && $region != see ]]; then
  echo "usage: deploy/quickstart.sh [--keep] [--region see]" >&2
  exit 2
fi

if [[ -z "${COMITY_BIN:-}" ]]; then
  "$source_dir/deploy/packages.sh" build
  cd "$source_dir"
  cmake --preset release >/dev/null
  cmake --build --preset release --target comity comityd
  COMITY_BIN=$source_dir/build/release/bin
fi
PATH=$COMITY_BIN:$PATH

# Eleven nodes on one machine may take their time, but not for ever.
if [[ $region == see && -z "${COMITY_BOUNDED:-}" ]]; then
  [[ $keep == no ]] || set -- --keep
  COMITY_BOUNDED=yes COMITY_BIN=$COMITY_BIN exec timeout --foreground --kill-after=30 "${COMITY_LIMIT:-900}" \
    "$source_dir/deploy/quickstart.sh" --region see "$@"
fi

work=$(mktemp -d)
cd "$work"
pids=()

stop_nodes() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
finish() {
  local status=$?
  if [[ $keep == no || $status -ne 0 ]]; then
    stop_nodes
    if [[ $status -eq 0 ]]; then
      rm -rf "$work"
    else
      tail -n 2 "$work"/*.log >&2 || true
      echo "the demonstration stopped early; its files are in $work" >&2
    fi
  fi
}
trap finish EXIT

title() { printf '\n== %s\n' "$*"; }
# Prints a command and runs it.
run() {
  printf '$ %s\n' "$*"
  "$@"
}
# The same for a command that must be refused.
refused() {
  printf '$ %s\n' "$*"
  local status=0
  "$@" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    echo "this should have been refused" >&2
    exit 1
  fi
  printf '(refused, exit %s)\n' "$status"
}
# Runs a command again until it says what is awaited, for 20 seconds at most.
await() {
  local what=$1
  shift
  for _ in $(seq 100); do
    if "$@" 2>/dev/null | grep -q "$what"; then return 0; fi
    read -rt 0.2 <> <(:) || true
  done
  echo "did not see \"$what\" from: $*" >&2
  exit 1
}

# Serves a node from here on, right after it was made: its ports are free ones,
# and until it listens the system may give them to the next node as well.
start() {
  printf '$ comityd --dir %s &\n' "$1"
  comityd --dir "$1" 2>"$1.log" &
  pids+=($!)
}
await_serving() {
  local node
  for node in "$@"; do
    await 'entries can be written' comity --as "$node/operators/admin-1" status
  done
}
card() {
  printf '$ comity partner card --dir %s > %s.card\n' "$1" "$1"
  comity partner card --dir "$1" >"$1.card"
}
# pair OWN OTHER: pins the other's card.
pair() {
  run comity --as "$1/operators/admin-1" partner add "$2.card" \
    --fingerprint "$(comity partner card --dir "$2" --fingerprint)"
}
# in_force NODE FILE...: signs files of NODE-policy twice and activates them.
in_force() {
  local node=$1 admin files=("${@:2}")
  for admin in admin-1 admin-2; do
    run comity --as "$node/operators/$admin" policy sign "${files[@]/#/$node-policy/}"
  done
  run comity --as "$node/operators/admin-1" policy activate "${files[@]/#/$node-policy/}"
}
# expand STATE YEAR: its published counts as synthetic cases, in STATE-YEAR.csv.
expand() {
  run python3 "$source_dir/deploy/demo/expand_cases.py" --state "$1" --year "$2" --output "$1-$2.csv"
}
# What --keep leaves behind.
leave_running() {
  title "The nodes are running"
  echo "Their directories are in $work. Talk to them, for example:"
  echo "  export PATH=$COMITY_BIN:\$PATH; cd $work"
  echo "  $1"
  echo "Stop them with:"
  echo "  kill ${pids[*]}; rm -rf $work"
}

if [[ $region == see ]]; then
  # shellcheck source=deploy/demo/see_region.sh
  source "$source_dir/deploy/demo/see_region.sh"
  exit
fi

title "Three participants make their nodes"
run comity node init --participant NG --name Nigeria --dir ng --organisation NAPTIP
start ng
run comity node init --participant NE --name Niger --dir ne --organisation ANLTP
start ne
run comity node init --participant ECOWAS --dir ecowas --organisation COMMISSION --commission
start ecowas
await_serving ng ne ecowas

title "Their people get certificates"
run comity operator add --dir ng --organisation NAPTIP --role COORDINATOR --person amina.b
run comity operator add --dir ng --organisation NAPTIP --role STATISTICIAN --person chidi.s
run comity operator add --dir ng --organisation NAPTIP --role AUDITOR --person ngozi.a
run comity operator add --dir ne --organisation ANLTP --role COORDINATOR --person moussa.d
run comity operator add --dir ne --organisation ANLTP --role COORDINATOR --person zara.k
run comity operator add --dir ne --organisation ANLTP --role STATISTICIAN --person hadiza.s
run comity operator add --dir ne --organisation ANLTP --role AUDITOR --person issa.a
run comity operator add --dir ecowas --organisation COMMISSION --role COMMISSION --person analyst
run comity operator add --dir ecowas --organisation COMMISSION --role AUDITOR --person auditor

title "They pair: cards are exchanged, fingerprints compared over another channel"
for node in ng ne ecowas; do card $node; done
pair ng ne && pair ne ng
pair ng ecowas && pair ecowas ng
pair ne ecowas && pair ecowas ne

title "Two administrators of each sign the policy files, and they come into force"
for node in ng ne ecowas; do cp -r "$source_dir/policy" "$node-policy"; done
in_force ng agreements/ng-ne-bilateral.textproto agreements/ecowas-counts.textproto \
  national/ng.textproto local/ng.textproto
in_force ne agreements/ng-ne-bilateral.textproto agreements/ecowas-counts.textproto \
  national/ne.textproto local/ne.textproto
in_force ecowas agreements/ecowas-counts.textproto local/ecowas.textproto
await 'same digest on both sides' comity --as ng/operators/admin-1 status --probe
run comity --as ng/operators/admin-1 status --probe
run comity --as ng/operators/admin-1 policy show --lang fr ng-ne-bilateral

title "Each state imports its cases and publishes the year"
for state in NG NE; do expand $state 2018; done
run comity --as ng/operators/amina.b case import NG-2018.csv
run comity --as ne/operators/moussa.d case import NE-2018.csv
run comity --as ng/operators/chidi.s table publish --period 2018
run comity --as ne/operators/hadiza.s table publish --period 2018
run comity --as ne/operators/hadiza.s table count --by sex,age_group --where year=2018

title "1. A referral from Niger to Nigeria"
case=NE-2018-000001
run comity --as ne/operators/moussa.d case screen $case --none
echo "Without consent nothing is even drafted:"
refused comity --as ne/operators/moussa.d referral create --case $case --to NG --purpose SAFE_RETURN
run comity --as ne/operators/moussa.d consent record $case --to NG --purpose SAFE_RETURN \
  --groups CASE_REF,STATUS,DEMOGRAPHIC,NEEDS --language ha --channel SHELTER
run comity --as ne/operators/moussa.d referral create --case $case --to NG --purpose SAFE_RETURN
referral=$(comity --json --as ne/operators/moussa.d referral list |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["referrals"][0]["referral_id"])')
echo "Another person than the one who drafted it must clear its risk before it may leave:"
refused comity --as ne/operators/moussa.d referral send "$referral"
run comity --as ne/operators/zara.k referral clear "$referral" --risk MEDIUM --reflection-waived
run comity --as ne/operators/moussa.d referral send "$referral"
await "$referral" comity --as ng/operators/amina.b inbox
run comity --as ng/operators/amina.b inbox
run comity --as ng/operators/amina.b referral show "$referral"
run comity --as ng/operators/amina.b referral accept "$referral" --services Health,Legal
await ACCEPTED comity --as ne/operators/moussa.d referral show "$referral"
echo "She has consented to the referral, not yet to her name:"
refused comity --as ng/operators/amina.b query NE --referral "$referral" \
  --purpose SAFE_RETURN --want IDENTITY,CONTACT_POINT
run comity --as ne/operators/moussa.d consent record $case --to NG --purpose SAFE_RETURN \
  --groups IDENTITY,CONTACT_POINT --language ha --channel SHELTER
run comity --as ng/operators/amina.b query NE --referral "$referral" \
  --purpose SAFE_RETURN --want IDENTITY,CONTACT_POINT
await CONSENT_RECORDED comity --as ng/operators/amina.b referral show "$referral"
run comity --as ne/operators/moussa.d referral show "$referral"

title "2. A question that the agreement allows, and one that it does not"
run comity --as ng/operators/amina.b query NE --referral "$referral" \
  --purpose SAFE_RETURN --want STATUS,NEEDS
refused comity --as ng/operators/amina.b query NE --referral "$referral" \
  --purpose PROSECUTION_SUPPORT --want STATUS,NEEDS

title "3. The commission's regional tables"
published() {
  python3 - "$source_dir/deploy/demo/unodc_detected_victims.csv" "$1" <<'PYTHON'
import csv, sys
rows = [r for r in csv.DictReader(open(sys.argv[1]))
        if r["country"] in ("NG", "NE") and r["year"] == "2018"]
column, other = (("sex", "age") if sys.argv[2] == "sex" else ("age", "sex"))
sums = {}
for r in rows:
    if r[other] == "total":
        sums[r[column]] = sums.get(r[column], 0) + int(r["count"])
print("published by UNODC, NG + NE, 2018:",
      ", ".join(f"{k} {v:,}" for k, v in sorted(sums.items())))
PYTHON
}
ask=(comity --as ecowas/operators/analyst table ask --from 'NG,NE' --where year=2018)
run "${ask[@]}" --by sex
published sex
run "${ask[@]}" --by age_group
published age
echo "Each figure is protected: it lies at most 8 from the count, and nothing under 11 is shown."
echo "A cell without a figure is zero, few, or hidden so that no other can be computed."
run "${ask[@]}" --by sex,age_group --output "$work/victims.csv"
run comity --as ecowas/operators/analyst indicator ask Q4 --from 'NG,NE' --year 2018 --save --output "$work/report.html"
run comity --as ecowas/operators/analyst release list
echo "How recruiters were related to victims is no table that the agreement names:"
refused comity --as ecowas/operators/analyst indicator ask Q8 --from 'NG,NE' --year 2018
run comity --as ng/operators/ngozi.a budget show
echo "One small cell without a figure is not enough: Albania 2017 as published, before the auditor."
python3 - "$source_dir/deploy/demo/unodc_detected_victims.csv" > "$work/published.csv" <<'PYTHON'
import csv, sys
print("Iso3_code,Indicator,Dimension,Category,Sex,Age,Year,txtVALUE")
for r in csv.DictReader(open(sys.argv[1])):
    if r["country"] == "AL" and r["year"] == "2017":
        cells = [r[c].replace("total", "Total") for c in ("sex", "age")]
        print(",".join(["ALB,Detected victims,Total,Total", *cells, r["year"], r["count"]]))
PYTHON
refused comity table audit "$work/published.csv"
echo "What left these nodes passes:"
run comity table audit "$work/victims.csv"

title "4. Proof: every node recomputes its logs and holds its partners' heads"
run comity --as ng/operators/ngozi.a audit verify
run comity --as ne/operators/issa.a audit verify
run comity --as ecowas/operators/auditor audit verify
run comity --as ne/operators/issa.a audit show --limit 12
echo "What Niger told Nigeria, as a file that anybody verifies who has Niger's card; no node is asked:"
run comity --as ne/operators/issa.a audit export --log comity/NE/NG --output ne-ng.log
run comity audit verify ne-ng.log --card ne/card.txt

if [[ $keep == yes ]]; then
  leave_running "comity --as ng/operators/amina.b inbox"
else
  title "Done: everything that was started is stopped"
fi
