#!/usr/bin/env bash
# A commission follows two states through two years, one of which only one of
# them published, and a state counts its own cases at home. With a third they
# tell it their sum alone. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"

init ecowas --participant ECOWAS --commission
init_nodes
serve_nodes 'COORDINATOR coord' 'STATISTICIAN stat'
start ecowas
comity operator add --dir ecowas --organisation ORG --role COMMISSION --person analyst >/dev/null
comity partner card --dir ecowas >ecowas.card
in_force() {
  local admin files=("${@:2}")
  for admin in admin-1 admin-2; do
    comity --as "$1/operators/$admin" policy sign "${files[@]/#/$1-policy/}" >/dev/null
  done
  comity --as "$1/operators/admin-1" policy activate "${files[@]/#/$1-policy/}" >/dev/null
}
# Beside what the ready file opens: both sides' counts of referrals.
open_both_sides() {
  sed -i 's/"Q33\/1"/"Q33\/1", "R8\/1", "R9\/1"/' "$1-policy/agreements/ecowas-counts.textproto"
}
for node in ng ne; do
  add_partner $node ecowas
  add_partner ecowas $node
  copy_policies $node
  open_both_sides $node
  in_force $node agreements/ecowas-counts.textproto local/$node.textproto
done
copy_policies ecowas
open_both_sides ecowas
in_force ecowas agreements/ecowas-counts.textproto local/ecowas.textproto
all_agree() {
  [[ $(comity --as ecowas/operators/admin-1 status --probe | grep -c 'same digest on both sides') -eq 2 ]]
}
await all_agree

# cases NODE YEAR NUMBER: so many women who were found victims.
cases() {
  local i
  {
    echo 'x_local_reference,x_danger,x_registered_on,x_sex,vic_TraffickingStatus,vic_TypeOfExploitation'
    for i in $(seq "$3"); do echo "$1-$2-$i,none,$2-03-04,female,ActualVictimOfTrafficking,ForcedLabour"; done
  } >cases.csv
  comity --as "$1/operators/coord" case import cases.csv >/dev/null
}
cases ne 2017 30
cases ne 2018 40
cases ng 2017 50
cases ng 2018 60

# Exact at home, by four dimensions, published or not, and kept current.
statistician=(comity --as ne/operators/stat table count)
four=(--by 'sex,status,age_group,exploitation' --where year=2018)
tells $'^total\ttotal\ttotal\ttotal\t40$' "${statistician[@]}" "${four[@]}"
printed_rows=$(grep -c ActualVictim said)
[[ $printed_rows -eq 8 ]] || { echo "not every cell of four dimensions" >&2; cat said >&2; exit 1; }
comity --as ne/operators/coord case create x_local_reference=late x_registered_on=2018-06-01 x_sex=male >/dev/null
tells $'^male\t1$' "${statistician[@]}" --by sex --where year=2018
tells $'^total\t40$' "${statistician[@]}" --by sex --where year=2018 --where 'status=ActualVictimOfTrafficking|PossibleVictimOfTrafficking'
expect 2 'at most 4 dimensions' "${statistician[@]}" --by sex,status,age_group,exploitation,border --where year=2018
expect 3 LOCAL_ACCESS_DENIED comity --as ne/operators/coord table count --by sex --where year=2018

for year in 2017 2018; do comity --as ne/operators/stat table publish --period $year >/dev/null; done
comity --as ng/operators/stat table publish --period 2017 >/dev/null

# A table that nobody answered is none.
expect 3 'no member answered' comity --as ecowas/operators/analyst table ask --from NG --by sex --where year=2018

# A trend over other members is none, unless it keeps to those in all years.
trend=(comity --as ecowas/operators/analyst indicator trend Q1 --from 'NE,NG' --years 2017-2018)
expect 2 'NG in one only' "${trend[@]}"
tells '^over NE$' "${trend[@]}" --members-in-all
comity --json --as ecowas/operators/analyst indicator trend Q1 --from NE,NG --years 2017,2018 \
  --members-in-all >trend.json 2>/dev/null
python3 - <<'PYTHON'
import json
trend = json.load(open("trend.json"))
assert trend["answers"] == ["2017", "2018"] and trend["members"] == ["NE"], trend
actual = [c for c in trend["cells"] if c["codes"] == ["ActualVictimOfTrafficking"]][0]
assert abs(actual["figures"][0] - 30) <= 8 and abs(actual["figures"][1] - 40) <= 8, actual
assert actual["error"] == 6 and actual["members"] == ["NE"], actual
PYTHON
expect 2 'name 2 to 30 years' comity --as ecowas/operators/analyst indicator trend Q1 --from NE --years 2018

# The same of releases that were kept.
ask=(comity --as ecowas/operators/analyst indicator ask Q1 --from 'NE,NG' --save)
"${ask[@]}" --year 2017 >/dev/null
"${ask[@]}" --year 2018 >/dev/null
compare=(comity --as ecowas/operators/analyst release compare)
expect 2 'NG in one only' "${compare[@]}" 1 2
tells '^over NE$' "${compare[@]}" 1 2 --members-in-all
comity --as ng/operators/stat table publish --period 2018 >/dev/null
"${ask[@]}" --year 2018 >/dev/null
tells '^over NE, NG$' "${compare[@]}" 1 3
expect 2 'NG in one only' "${compare[@]}" 1 2 3
expect 2 'named twice' "${compare[@]}" 1 1
tells '^over NE, NG$' "${trend[@]}"

# While one of two is silent, whoever waits at a terminal reads how many have
# answered; where there is none, and with -q, nothing of it is written.
kill -STOP "${serving[ng]}"
waits=(comity --as ecowas/operators/analyst table ask --from 'NE,NG' --by sex --where year=2018)
"${waits[@]}" >/dev/null 2>plain &
waiting=$!
python3 - "${waits[@]}" <<'PYTHON'
import os, pty, subprocess, sys

def at_a_terminal(command):
    ours, theirs = pty.openpty()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    return ours, child

def shown(ours, child):
    text = b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:  # nobody has the terminal any more
            more = b""
        if not more:
            child.wait()
            return text
        text += more

command = sys.argv[1:]
loud, quiet = at_a_terminal(command), at_a_terminal([command[0], "-q", *command[1:]])
text = shown(*loud)
assert b"asking NE, NG: 1 of 2 answered, " in text, text
assert shown(*quiet) == b""
PYTHON
kill -CONT "${serving[ng]}"
wait $waiting
[[ ! -s plain ]] || { cat plain >&2; exit 1; }

# What shares columns is counted for each asker, by published revision.
tells $'\t2018\t1\t0\t3$' comity --as ne/operators/stat budget show

# Both sides of the referrals between the two: nobody was referred, which looks
# like few; what the agreement does not open is told by neither.
reconcile=(comity --as ecowas/operators/analyst table reconcile)
tells '^from NG to NE$' "${reconcile[@]}" NE NG --year 2018 --by sent_quarter,decline_reason
[[ $(grep -c '^no cell to compare$' said) -eq 2 ]]
tells '^no figures of NG: ' "${reconcile[@]}" NE NG --year 2018 --by lane
expect 2 'name two states' "${reconcile[@]}" NE NE --year 2018

# Togo joins, and from now on the three tell the commission their sum alone.
init tg --participant TG
start tg
comity operator add --dir tg --organisation ORG --role COORDINATOR --person coord >/dev/null
comity operator add --dir tg --organisation ORG --role STATISTICIAN --person stat >/dev/null
comity partner card --dir tg >tg.card
for other in ng ne ecowas; do
  add_partner tg $other
  add_partner $other tg
done
add_partner ng ne
add_partner ne ng
copy_policies tg
sed 's/node: "NE"/node: "TG"/' ne-policy/local/ne.textproto >tg-policy/local/tg.textproto
# Columns whose codes are not all listed would tell who is there.
sed -e 's/^  revision: 1$/  revision: 2/' -e 's/k_threshold: 11/k_threshold: 11 aggregation: TOTAL_ONLY/' \
  -e 's/"Q3\/1", //' -e 's/"Q10\/1", //' -e 's/"Q13\/1", //' -e 's/"citizenship", //' \
  "$source_dir/policy/agreements/ecowas-counts.textproto" >sums.textproto
for node in ng ne tg ecowas; do cp sums.textproto $node-policy/agreements/ecowas-counts.textproto; done
in_force tg agreements/ecowas-counts.textproto local/tg.textproto
for node in ng ne ecowas; do in_force $node agreements/ecowas-counts.textproto; done
for node in ng ne tg; do
  cases $node 2016 40
  comity --as $node/operators/stat table publish --period 2016 >/dev/null
done
sums=(comity --as ecowas/operators/analyst table ask --from 'NE,NG,TG')
await prints $'^total\tin the sum\tin the sum\tin the sum' "${sums[@]}" --by sex --where year=2016

# Two told their own tables of 2018: the sum would show the third's.
expect 3 'what TG tells in a sum alone' "${sums[@]}" --by status --where year=2018
tells '^saved as release 4: .*3 of 3 members, their sum alone\.$' \
  "${sums[@]}" --by sex --where year=2016 --save --output sum.csv
grep -q $'^female\tin the sum\tin the sum\tin the sum\t[0-9]' said
grep -q '^NE+NG+TG,PERSONS,2016,1+1+1,cell-key/v1,11,24,female,[0-9]*,A,PERSONS$' sum.csv
grep -q '^NE+NG+TG,.*,male,,Q,PERSONS$' sum.csv
comity table audit sum.csv >/dev/null

# All margins of three dimensions together tell cells that no slice of it tells.
python3 - >cube.csv <<'PYTHON'
from itertools import product
codes = [["female", "male", "other", "unknown"], ["0-17", "18+", "disputed", "unknown"], ["recorded", "unknown"]]
layers = ["3222 2432 0043 0035".split(), "4100 2300 3542 4216".split()]
columns = "REF_AREA,INDICATOR,TIME_PERIOD,REVISION,METHOD,THRESHOLD,MAX_ERROR"
print(f"{columns},SEX,AGE_GROUP,STATEMENT,OBS_VALUE,OBS_STATUS")
for at in product(*[range(len(each) + 1) for each in codes]):
    total = [place == len(each) for place, each in zip(at, codes)]
    parts = product(*[range(len(each)) if is_total else [place]
                      for place, each, is_total in zip(at, codes, total)])
    figure = f"{sum(int(layers[k][i][j]) for i, j, k in parts)},A" if any(total) else ",Q"
    names = ["_T" if is_total else each[place] for place, each, is_total in zip(at, codes, total)]
    print(f"NE,PERSONS,2018,1,suppression/v1,11,0,{','.join(names)},{figure}")
PYTHON
expect 3 '32 hidden cell(s): 16 uncovered' comity table audit cube.csv --bounds
grep -q '^NARROWED .*: female, 0-17, recorded is 2 to 5$' out
tells '4.*2016.*3 of 3' comity --as ecowas/operators/analyst release list
tells 'The sum over NE, NG, TG alone is told' comity --as ecowas/operators/analyst release show 4
for file in sum.json sum.html; do
  comity --as ecowas/operators/analyst release export 4 --output $file >/dev/null
done
grep -q 'They tell their sum alone' sum.html
python3 - <<'PYTHON'
import json
answer = json.load(open("sum.json"))
women = [c for c in answer["cells"] if c["codes"] == ["female"]][0]
assert abs(int(women["sum"]) - 120) <= 24 and women["members"] == 3, women
for member in answer["members"]:
    assert member["in_sum_alone"] and not member["table"].get("cells"), member
    assert not member["table"].get("masked_words"), member
PYTHON

# The same sum is another release; a sum over other members is none.
"${sums[@]}" --by sex --where year=2016 --save >/dev/null
tells '^over NE+NG+TG$' "${compare[@]}" 4 5
expect 2 'three members or more' comity --as ecowas/operators/analyst table ask --from NE,NG --by sex --where year=2016
expect 3 REFUSED_AT_HOME comity --as ecowas/operators/analyst table ask --from NE,NG,GH --by age_group --where year=2016
