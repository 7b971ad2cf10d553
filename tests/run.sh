#!/usr/bin/env bash
# Installs what the tests need, builds, and runs all tests.
#
#   tests/run.sh           as CI runs it
#   tests/run.sh --full    adds a release build, clang-tidy, sanitizers and fuzzing
# shellcheck disable=SC2317  # functions run through `part`
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

# build PRESET [TARGET...]: all targets if none is named.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null &&
    cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# A release in which no warning is off (node/comity_precompile.cmake).
strict_release() {
  cmake --preset release -B build/strict -DCOMITY_PRECOMPILE=OFF >/dev/null &&
    cmake --build build/strict -j "$jobs"
}

# Tests of some kinds alone: test PRESET -L LABELS.
test_in() {
  local preset=$1
  shift
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure "$@"
}

all_tests() {
  build dev && test_in dev
}

# Debian's gRPC is built without ThreadSanitizer: what does not link it runs.
threads() {
  build tsan tests_unit tests_conformance tests_fuzz &&
    test_in tsan -L 'unit|conformance|fuzz'
}

# Reads the compile commands of the dev build and needs its generated headers.
tidy() {
  build dev comity_proto comity_rpc &&
    git ls-files 'node/*.cc' | xargs python3 tests/lint/tidy.py build/dev
}

# What a fuzzer learns stays in the build; the corpus of the tree is the start.
fuzz() {
  local corpus name found=build/clang/found
  for corpus in tests/fuzz/corpus/*; do
    name=${corpus##*/}
    mkdir -p "$found/$name"
    "build/clang/tests/fuzz/fuzz_$name" -max_total_time=30 -verbosity=0 \
      -artifact_prefix="$found/$name-" "$found/$name" "$corpus" || return 1
    echo "$name: 30 s without a finding"
  done
}

# The plain run damages 20,000 files.
damage_policies() {
  COMITY_MUTATIONS=1000000 build/dev/tests/unit_wire \
    --gtest_brief=1 --gtest_filter='PolicyMutationTest.*'
}

# The plain run takes a share of each; tests/README.md says which.
lossy_link() {
  COMITY_SENDS=100000 build/dev/tests/proof \
    --gtest_brief=1 --gtest_filter='*LossyLinkTest.*'
}
interleavings() {
  COMITY_INTERLEAVINGS=300 COMITY_ARRIVALS=30000 build/dev/tests/proof \
    --gtest_brief=1 --gtest_filter='InterleavingTest.*:ArrivalOrderTest.*'
}
failing_commits() {
  COMITY_FAILING_STEP=1 build/dev/tests/proof \
    --gtest_brief=1 --gtest_filter='*FailingStoreTest.*'
}
# Every edit that the seed makes of a log, in its store and as files; a second
# verifier looks for as many.
edits() {
  COMITY_EDITS=10000 build/dev/tests/proof --gtest_brief=1 --gtest_filter='Edited*' &&
    COMITY_EDITS=10000 COMITY_BIN=$PWD/build/dev/bin tests/e2e/audit.sh
}
long_log() {
  COMITY_ENTRIES=1000000 build/dev/tests/proof \
    --gtest_brief=1 --gtest_filter='LongLogTest.*'
}
cuts() {
  COMITY_CUTS=1000000 build/dev/tests/proof \
    --gtest_brief=1 --gtest_filter='CutLogTest.*'
}
refusals() {
  COMITY_REFUSALS=100000 build/dev/tests/unit_service \
    --gtest_brief=1 --gtest_filter='RefusalsTellNothingTest.*'
}
kills() {
  COMITY_KILLS=1000 COMITY_BIN=$PWD/build/dev/bin tests/e2e/kills/run.sh
}

summary=()
failed=0
# part NAME COMMAND...: runs one part; what fails does not stop the next.
part() {
  local name=$1 result=ok start=$SECONDS
  shift
  echo "== $name"
  "$@" || { result=FAILED && failed=1; }
  summary+=("$(printf '%-28s %-7s %5d s' "$name" "$result" $((SECONDS - start)))")
}

if [[ $full == yes ]]; then
  deploy/packages.sh full
  part 'release build' strict_release
  part 'clang-tidy' tidy
  part 'clang, lock annotations' build clang
  part 'address, undefined' test_in clang
  part 'fuzzing' fuzz
  part 'thread' threads
fi
part 'all tests' all_tests
if [[ $full == yes ]]; then
  part 'a million damaged policies' damage_policies
  part '100,000 sends on a bad line' lossy_link
  part 'interleavings' interleavings
  part 'every commit fails once' failing_commits
  part '10,000 edits of logs' edits
  part 'a million entries' long_log
  part 'a cut at every byte' cuts
  part '100,000 refusals' refusals
  part '1,000 kills' kills
  echo "== summary"
  printf '%s\n' "${summary[@]}"
fi
exit "$failed"
