#!/usr/bin/env bash
# Sourced by deploy/quickstart.sh --region see: ten states of South-Eastern
# Europe, each with the victims that it reported to UNODC, and the secretariat
# of their coordinators, which holds no case and asks for tables alone.
# shellcheck disable=SC2154  # source_dir, work and keep are quickstart.sh's
set -euo pipefail
states=(AL BA BG HR MD ME MK RO RS SI)
years=(2014 2018) # of which all ten reported

# What every state does is shown for the first one.
shown() {
  if [[ $state == "${states[0]}" ]]; then run "$@"; else "$@" >/dev/null; fi
}
node_of() { printf '%s' "${1,,}"; }

title "Ten states and their secretariat make their nodes"
nodes=()
for state in "${states[@]}"; do
  node=$(node_of "$state")
  nodes+=("$node")
  shown comity node init --participant "$state" --dir "$node" --organisation COORDINATOR 2>init.log
  start "$node"
done
run comity node init --participant SEE --name 'Secretariat of the coordinators' --dir see \
  --organisation SECRETARIAT --commission
start see
await_serving "${nodes[@]}" see

title "Their people get certificates"
for state in "${states[@]}"; do
  node=$(node_of "$state")
  shown comity operator add --dir "$node" --organisation COORDINATOR --role COORDINATOR --person coordinator
  shown comity operator add --dir "$node" --organisation COORDINATOR --role STATISTICIAN --person statistician
  shown comity operator add --dir "$node" --organisation COORDINATOR --role AUDITOR --person auditor
done
run comity operator add --dir see --organisation SECRETARIAT --role COMMISSION --person analyst
run comity operator add --dir see --organisation SECRETARIAT --role AUDITOR --person auditor
echo "The other nine states do the same."

title "Each state pairs with the secretariat, and with no other state: counts need no more"
for node in "${nodes[@]}" see; do comity partner card --dir "$node" >"$node.card"; done
for state in "${states[@]}"; do
  node=$(node_of "$state")
  if [[ $state == "${states[0]}" ]]; then
    pair "$node" see && pair see "$node"
  else
    pair "$node" see >/dev/null && pair see "$node" >/dev/null
  fi
done

title "One agreement for counts, made from the template, and each state's own rules"
parties=$(IFS=,; printf '%s' "${states[*]}")
run comity policy new --template counts --party "$parties,SEE" --commission SEE --id see-counts \
  --title 'Yearly figures for the coordinators of South-Eastern Europe' \
  --instrument 'Demonstration agreement, without force in law' \
  --from "$(date -u +%Y-%m-%d)" --until "$(date -u -d '+2 years' +%Y-%m-%d)" --output see-counts.textproto
run comity policy check see-counts.textproto
for state in "${states[@]}"; do
  node=$(node_of "$state")
  mkdir "$node-policy"
  cp see-counts.textproto "$node-policy/"
  for kind in local national-default; do
    shown comity policy new --template $kind --party "$state" --title "Rules of $state" \
      --output "$node-policy/$kind.textproto"
  done
  if [[ $state == "${states[0]}" ]]; then
    in_force "$node" see-counts.textproto local.textproto national-default.textproto
  else
    in_force "$node" see-counts.textproto local.textproto national-default.textproto >/dev/null
  fi
done
mkdir see-policy
cp see-counts.textproto see-policy/
sed 's/"ECOWAS"/"SEE"/' "$source_dir/policy/local/ecowas.textproto" >see-policy/local.textproto
in_force see see-counts.textproto local.textproto
all_agree() {
  [[ $(comity --as see/operators/admin-1 status --probe | grep -c 'same digest on both sides') -eq ${#states[@]} ]] &&
    echo 'all agree'
}
await 'all agree' all_agree

title "Each state imports what it counted and publishes the years"
echo "Sex, age, citizenship and form of exploitation are as published; all else is drawn."
for state in "${states[@]}"; do
  node=$(node_of "$state")
  for year in "${years[@]}"; do
    if [[ $state == "${states[0]}" ]]; then expand "$state" "$year"; else expand "$state" "$year" >/dev/null; fi
    shown comity --as "$node/operators/coordinator" case import "$state-$year.csv"
    shown comity --as "$node/operators/statistician" table publish --period "$year"
    comity --as "$node/operators/statistician" --json table count --by sex --where "year=$year" >"home-$state-$year.json"
  done
done

title "The secretariat's tables of ten states"
ask=(comity --as see/operators/analyst)
beside() {
  python3 "$source_dir/deploy/demo/beside_published.py" --states "$parties" --year "$1" --home . "$2"
}
for year in "${years[@]}"; do
  run "${ask[@]}" table ask --from @members --where "year=$year" --by sex,age_group --output "$work/see-$year.csv"
  for column in sex age_group; do
    "${ask[@]}" --json table ask --from @members --where "year=$year" --by $column >"$column.json"
    beside "$year" "$column.json"
  done
done
echo "The nodes hold as many persons as were published, counted by each state at home."
echo "Each state's figure is protected: it lies at most 8 from its count, and nothing under 11 is shown,"
echo "so a sum over states is a lower bound where some of them show nothing."
run "${ask[@]}" indicator ask Q4 --from @members --year "${years[-1]}"
run "${ask[@]}" indicator trend Q4 --from @members --years "${years[0]},${years[-1]}"

title "Proof: the files that left pass the auditor, and the logs hold"
for year in "${years[@]}"; do run comity table audit "$work/see-$year.csv"; done
for state in "${states[@]}"; do
  shown comity --as "$(node_of "$state")/operators/auditor" audit verify
done
run comity --as see/operators/auditor audit verify

if [[ $keep == yes ]]; then
  leave_running "comity --as see/operators/analyst table ask --from @members --where year=2018 --by sex"
else
  title "Done after $SECONDS seconds: everything that was started is stopped"
fi
