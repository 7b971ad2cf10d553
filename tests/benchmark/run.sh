#!/usr/bin/env bash
# Builds the benchmarks, runs them, and prints their tables.
#
#   tests/benchmark/run.sh [OPTION...]   options of Google Benchmark
#
# The full result goes to build/benchmark/policy.json.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
case "${1:-}" in
  --help | -h)
    sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

deploy/packages.sh build test benchmark
cmake --preset benchmark >/dev/null
cmake --build --preset benchmark --target policy_benchmark table_benchmark log_benchmark >&2
result=build/benchmark/policy.json
# Interleaved repetitions: a busy moment of the machine hits all rows alike.
build/benchmark/tests/benchmark/policy_benchmark \
  --benchmark_repetitions=3 --benchmark_enable_random_interleaving=true \
  --benchmark_min_time=0.2 --benchmark_out_format=json \
  --benchmark_out="$result" "$@" >&2
python3 tests/benchmark/table.py "$result"
build/benchmark/tests/benchmark/table_benchmark
build/benchmark/tests/benchmark/log_benchmark
