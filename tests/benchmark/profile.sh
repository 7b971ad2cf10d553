#!/usr/bin/env bash
# Where the time of a case query goes: its CPU by stage, of both ends, with 64
# questions on their way. Needs perf (Debian: linux-perf), and to be allowed to
# use it.
#
#   tests/benchmark/profile.sh [SECONDS]     10
#
# The samples stay in build/benchmark/profile.data, for perf report.
set -euo pipefail
case "${1:-}" in
  --help | -h)
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
seconds=${1:-10}
command -v perf >/dev/null || {
  echo "perf is not installed (Debian: linux-perf)" >&2
  exit 2
}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
deploy/packages.sh build test benchmark
cmake --preset benchmark >/dev/null
cmake --build --preset benchmark --target query_benchmark >&2
data=build/benchmark/profile.data

# It is ended in the middle; its stores go with it.
TMPDIR=$(mktemp -d)
export TMPDIR
pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true; rm -rf "$TMPDIR"' EXIT
exec {said}< <(exec build/benchmark/tests/benchmark/query_benchmark --profile)
pid=$!
read -r <&"$said"
# What is called first is not what is called always.
sleep 5
# The stack of each sample, for Debian's libraries keep no frame pointers.
perf record -q -e cpu-clock -F 199 --call-graph dwarf,16384 -o "$data" -p "$pid" -- sleep "$seconds"
kill "$pid"
pid=
perf script -i "$data" --no-inline -F comm,ip,sym,dso 2>/dev/null |
  python3 tests/benchmark/stages.py
