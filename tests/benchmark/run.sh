#!/usr/bin/env bash
# Builds the benchmarks, runs them, and prints their table: what was measured,
# each ratio against its baseline in the same run.
#
#   tests/benchmark/run.sh [--quick | --large] [--out RESULT.json]
#
# About ten minutes; --quick two, --large (10,000,000 cases) much longer. The
# result goes to build/benchmark/result.json unless --out says where. A program
# that does not build or fails is named, and the others run all the same; exit 1
# then. Stores lie in TMPDIR, which should be on the disk that is meant.
set -euo pipefail

size=
result=build/benchmark/result.json
while (($# > 0)); do
  case "$1" in
    --help | -h)
      sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    --quick | --large) size=$1 ;;
    --out)
      result=$(realpath "${2:?--out needs a file}")
      shift
      ;;
    *)
      echo "no such option: $1; see --help" >&2
      exit 2
      ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# What is lacking is missed by who needs it.
deploy/packages.sh build test benchmark || echo "not all packages are there" >&2
cmake --preset benchmark >/dev/null
programs=(query partners append delivery import fanout connect overload)
targets=(comity comityd policy_benchmark table_benchmark log_benchmark)
for program in "${programs[@]}"; do
  targets+=("${program}_benchmark")
done
# One that does not build stops no other; what it left before does not count.
cmake --build --preset benchmark --target "${targets[@]}" -- -k 0 >&2 || true
built() {
  cmake --build --preset benchmark --target "$@" >/dev/null 2>&1 || {
    echo "did not build: $*" >&2
    return 1
  }
}

# A program that fails leaves its stores behind; others may pass through, for
# PostgreSQL's server runs as another user.
TMPDIR=$(mktemp -d)
export TMPDIR
chmod 711 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT

bin=build/benchmark/tests/benchmark
results=build/benchmark/results
rm -rf "$results"
mkdir -p "$results"
# None may keep the others waiting for ever; --large takes as long as it takes.
limit=600
if [[ $size == --large ]]; then limit=6h; fi
# measure NAME COMMAND...: says so where it fails, and goes on.
measure() {
  local began=$SECONDS
  echo "== $1" >&2
  timeout --kill-after=30 "$limit" "${@:2}" >&2 || {
    echo "$1 failed ($?; 124 and 137 are the limit of $limit s)" >&2
    touch "$results/$1.failed"
  }
  echo "== $1: $((SECONDS - began)) s" >&2
}
# google NAME OPTION...: a program of Google Benchmark.
google() {
  built "$1_benchmark" || return 0
  measure "$1" "$bin/$1_benchmark" --benchmark_out_format=json \
    --benchmark_out="$results/$1.json" "${@:2}"
}
# own NAME: one of ours.
own() {
  built "$1_benchmark" || return 0
  measure "$1" "$bin/$1_benchmark" ${size:+"$size"} --out="$results/$1.json"
}
# The rows that PostgreSQL groups are those that were counted; beside queries it
# comes at once, so that both find the machine alike.
google table --rows="$results/rows.csv"
own query
rows=()
if [[ -s $results/rows.csv ]]; then rows=(--rows="$results/rows.csv"); fi
measure postgres tests/benchmark/postgres.py ${size:+"$size"} \
  --out="$results/postgres.json" "${rows[@]}"
for program in "${programs[@]:1}"; do own "$program"; done
if built comity comityd; then
  measure footprint tests/benchmark/footprint.sh build/benchmark/bin \
    "$results/footprint.json"
fi
# Interleaved repetitions: a busy moment of the machine hits all rows alike.
# A quick run's policies are measured once.
repetitions=(--benchmark_repetitions=3 --benchmark_min_time=0.2
  --benchmark_enable_random_interleaving=true)
if [[ $size == --quick ]]; then repetitions=(--benchmark_min_time=0.05); fi
google policy "${repetitions[@]}"
if [[ $size != --quick ]]; then google log; fi

if [[ -s $results/policy.json ]]; then
  python3 tests/benchmark/table.py "$results/policy.json" 2>/dev/null ||
    echo "policy left no whole result" >&2
  echo
fi
quick=()
if [[ $size == --quick ]]; then quick=(--quick); fi
# Exit 1 if anything is missing.
python3 tests/benchmark/report.py "$results" "$result" "${quick[@]}"
