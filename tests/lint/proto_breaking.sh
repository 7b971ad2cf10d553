#!/usr/bin/env bash
# Compares the protos with the last release; nothing to compare before the first.
set -euo pipefail
buf=$1
if ! tag=$(git describe --tags --abbrev=0 2>/dev/null); then
  echo "no release to compare with yet"
  exit 0
fi
cd proto
exec "$buf" breaking --against "../.git#tag=$tag,subdir=proto"
