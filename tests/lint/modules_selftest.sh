#!/usr/bin/env bash
# Plants one include of each forbidden kind and expects the lint to name it.
set -euo pipefail
lint=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/node/base" "$work/node/store"
printf 'base: \nstore: base\n' >"$work/modules.txt"
check() { cmake -D MODULES="$work/modules.txt" -D NODE="$work/node" -P "$lint" 2>&1; }

echo '#include "node/base/log.h"' >"$work/node/store/good.cc"
check >/dev/null || { echo "the lint refuses a declared include"; exit 1; }
for bad in '#include "node/store/store.h"' '#include <openssl/evp.h>' \
  '#include <sqlite3.h>' '#include "comity/v1/error.pb.h"'; do
  echo "$bad" >"$work/node/base/bad.cc"
  if check >/dev/null; then
    echo "the lint accepts: $bad"
    exit 1
  fi
done
