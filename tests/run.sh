#!/usr/bin/env bash
# Installs what the tests need, builds, and runs all tests.
#
#   tests/run.sh           as CI runs it
#   tests/run.sh --full    adds clang-tidy, sanitizers and fuzzing
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
full=no
case "${1:-}" in
  '') ;;
  --full) full=yes ;;
  --help | -h)
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
  *)
    echo "usage: tests/run.sh [--full]" >&2
    exit 2
    ;;
esac

deploy/packages.sh build test
# The proto lint and the independent client come from npm, by their lock files.
for folder in tests/lint tests/e2e/client; do
  if ! cmp -s $folder/package-lock.json $folder/node_modules/.installed; then
    npm ci --prefix $folder --ignore-scripts --no-audit --no-fund
    cp $folder/package-lock.json $folder/node_modules/.installed
  fi
done
jobs=$(nproc)

build_and_test() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" -j "$jobs"
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure "$@"
}

if [[ $full == yes ]]; then
  deploy/packages.sh full
  cmake --preset dev >/dev/null
  cmake --build --preset dev -j "$jobs"
  git ls-files 'node/*.cc' | xargs -P "$jobs" -n 4 clang-tidy -p build/dev --quiet
  build_and_test asan
  build_and_test tsan -L unit
  fuzzers=(fuzz_policy_file fuzz_case_import fuzz_evidence fuzz_stored)
  cmake --preset fuzz >/dev/null
  cmake --build --preset fuzz -j "$jobs" --target "${fuzzers[@]}"
  for fuzzer in "${fuzzers[@]}"; do
    "build/fuzz/tests/fuzz/$fuzzer" -max_total_time=30
  done
fi
build_and_test dev
