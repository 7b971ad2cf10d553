#!/usr/bin/env bash
# Two real nodes under an even load for as long as one likes, while policies
# flip, certificates are renewed and the partner restarts.
#
#   tests/benchmark/soak.sh [MINUTES] [CALLS_A_SECOND]     15 and 200
#
# Once a minute Niger's node, which is asked, closes and opens again by policy,
# both nodes' certificates are renewed, and Niger's node restarts. Fails if a
# call failed in any other way than that makes it fail; if open files grow; and,
# from 15 minutes on, if the asking node's memory grows by more than 1 % an
# hour. Prints what it found in any case.
set -euo pipefail
case "${1:-}" in
  --help | -h)
    sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
minutes=${1:-15}
rate=${2:-200}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
deploy/packages.sh build test benchmark
cmake --preset benchmark >/dev/null
cmake --build --preset benchmark --target comity comityd soak_load >&2
load=$root/build/benchmark/tests/benchmark/soak_load
COMITY_BIN=$root/build/benchmark/bin
export COMITY_BIN
# shellcheck source=tests/e2e/scratch.sh
source "$root/tests/e2e/scratch.sh"
cd "$work"

init_nodes
serve_nodes 'COORDINATOR coord' 'COORDINATOR second'
for pair in 'ng ne' 'ne ng'; do
  read -r own other <<<"$pair"
  add_partner "$own" "$other"
  copy_policies "$own"
  # A case is asked about more often than people would.
  sed -i 's/max_per_day: 200/max_per_day: 100000000/' "$own-policy/agreements/ng-ne-bilateral.textproto"
  activate_policies "$own"
done

reachable() { # reachable FROM TO
  comity --as "$1/operators/admin-1" --json status --probe |
    tr -d '\n' | has "\"participant\": \"$2\".*handshake answered"
}
await reachable ng NE
await reachable ne NG

# national FILE: the next revision of Niger's own rules.
revision=1
national() {
  revision=$((revision + 1))
  local admin file=national-$revision.textproto
  sed "s/^  revision: .*/  revision: $revision/" "$1" >"$file"
  for admin in admin-1 admin-2; do
    comity --as "ne/operators/$admin" policy sign "$file" >/dev/null
  done
  comity --as ne/operators/admin-1 policy activate "$file" >/dev/null
}
cat >closed.textproto <<'CLOSED'
schema: "comity.policy.v1"
national {
  node: "NE"
  revision: 1
  title: "Nothing leaves"
  deny {
    id: "closed"
    operation: [CASE_QUERY]
    reason: "Closed."
  }
}
CLOSED
open=ne-policy/national/ne.textproto

# Kind and time of what makes calls fail, begin and end.
now() { date +%s.%N; }
injected() { # injected KIND COMMAND...
  local begin
  begin=$(now)
  "${@:2}"
  echo "$1 $begin $(now)" >>injected
}
close_for_a_while() {
  national closed.textproto
  sleep 3
  national "$open"
}
restart() {
  stop ne
  start ne
}

# Every two seconds: time, node, memory of its own in kB, open files.
sample() {
  local node pid files
  while true; do
    for node in ng ne; do
      pid=$(cat "$node.pid")
      [[ -r /proc/$pid/status ]] || continue
      # One may be closed while it is looked at.
      files=$(find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l) || true
      echo "$(now) $node $(awk '/^RssAnon:/ { print $2 }' "/proc/$pid/status") $files"
    done
    sleep 2
  done
}
echo "${serving[ng]}" >ng.pid
echo "${serving[ne]}" >ne.pid
: >injected
sample >samples 2>/dev/null &
pids+=($!)
began=$SECONDS
"$load" ng/operators/coord ne/operators/coord ne/operators/second \
  "$rate" "$((minutes * 60))" errors >summary &
loading=$!
pids+=("$loading")

# at SECOND COMMAND...: then, counted from the load's begin.
at() {
  while ((SECONDS - began < $1)); do sleep 0.2; done
  "${@:2}"
}
for ((minute = 0; minute < minutes; minute++)); do
  at $((minute * 60 + 10)) injected closed close_for_a_while
  at $((minute * 60 + 22)) comity node renew --dir ng >/dev/null
  at $((minute * 60 + 26)) comity node renew --dir ne >/dev/null
  at $((minute * 60 + 35)) injected restarted restart
  echo "${serving[ne]}" >ne.pid
done
wait "$loading"

python3 - "$minutes" "$rate" <<'JUDGE'
import json, pathlib, sys

minutes, rate = int(sys.argv[1]), float(sys.argv[2])
ALLOWED = {
    "closed": {"NOT_AVAILABLE"},
    "restarted": {"PEER_UNREACHABLE", "DEADLINE_EXCEEDED", "OVERLOADED", "CONSISTENCY_UNPROVED"},
}
# How long after its end something may still be felt: a call's deadline, and a
# reconnection.
FELT = {"closed": 1, "restarted": 12}
lines = lambda name: [line.split() for line in pathlib.Path(name).read_text().splitlines()]
injected = [(kind, float(begin), float(end)) for kind, begin, end in lines("injected")]
faults = []

unexpected = {}
for begin, end, reason in lines("errors"):
    if not any(reason in ALLOWED[kind] and float(end) >= since and float(begin) <= until + FELT[kind]
               for kind, since, until in injected):
        unexpected[reason] = unexpected.get(reason, 0) + 1
if unexpected:
    faults.append(f"calls failed that nothing made fail: {unexpected}")

summary = json.loads(pathlib.Path("summary").read_text())
made = summary["answered"] + summary["failed"]
if made < 0.95 * rate * minutes * 60:
    faults.append(f"{made} calls were made, which is less than {rate:.0f} a second")

samples = [(float(time), node, int(kb), int(files)) for time, node, kb, files in
           (line for line in lines("samples") if len(line) == 4)]
for node in ("ng", "ne"):
    files = [each[3] for each in samples if each[1] == node]
    third = max(1, len(files) // 3)
    before, after = max(files[:third]), max(files[-third:])
    summary[f"{node}_open_files"] = [before, after]
    if after > before + 8:
        faults.append(f"open files of {node} grew from {before} to {after}")
# The asking node never restarts. What it takes in its first third is warmth.
own = [(time, kb) for time, node, kb, _ in samples if node == "ng"]
own = own[len(own) // 3:]
mean_time = sum(time for time, _ in own) / len(own)
mean = sum(kb for _, kb in own) / len(own)
spread = sum((time - mean_time) ** 2 for time, _ in own)
slope = sum((time - mean_time) * (kb - mean) for time, kb in own) / spread if spread else 0.0
summary["memory_mib"] = round(mean / 1024, 1)
summary["memory_percent_an_hour"] = round(slope * 3600 / mean * 100, 2)
if minutes >= 15 and summary["memory_percent_an_hour"] > 1:
    faults.append(f"memory grows by {summary['memory_percent_an_hour']} % an hour")

print(json.dumps(summary, indent=1))
for fault in faults:
    print("FAILED:", fault)
sys.exit(1 if faults else 0)
JUDGE
