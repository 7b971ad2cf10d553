#!/usr/bin/env bash
# Writes the plain-language texts of the ready policy files anew, after a change
# that is meant. Read the difference before committing it.
# Usage: update.sh COMITY_PROGRAM
set -euo pipefail
comity=$(realpath "$1")
golden=$(dirname "$(realpath "$0")")
cd "$golden/../../../../policy"
rm -f "$golden"/*.txt
find . -name '*.textproto' ! -name '*.test.textproto' | sed 's|^\./||' | while read -r file; do
  stem=${file%.textproto}
  for language in en fr pt; do
    "$comity" policy show --lang "$language" "$file" >"$golden/${stem//\//-}.$language.txt"
  done
done
