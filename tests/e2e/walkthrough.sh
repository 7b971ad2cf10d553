#!/usr/bin/env bash
# Does what README.md tells a new user to do by hand, with the commands as they
# stand there: each side in a directory of its own, only card files and
# fingerprints pass between them. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"

# block N: the commands of the Nth code block of the walkthrough.
block() {
  awk -v wanted="$1" '
    /^## /  { inside = ($0 == "## Two nodes by hand") }
    !inside { next }
    /^```/  { open = !open; if (open) number++; next }
    open && number == wanted' "$source_dir/README.md"
}
mapfile -t ng < <(block 1)
mapfile -t ne < <(block 2)
mapfile -t first_case < <(block 3)
[[ ${#ng[@]} -eq ${#ne[@]} && ${#ng[@]} -ge 6 && ${#ng[@]} -le 8 ]] ||
  { echo "README.md: ${#ng[@]} and ${#ne[@]} commands, at most 8 a side" >&2; exit 1; }

# Runs one line of README.md as its reader would. Lines that end with "&" stay.
step() {
  local side=$1 line=$2
  cd "$work/$side"
  case $line in
    *'&')
      local command=${line%&}
      # shellcheck disable=SC2086  # the words of the line are the command's
      $command 2>comityd.log &
      pids+=($!)
      await grep -q '"serving"' comityd.log
      ;;
    *' doctor') ;; # when both sides are through, below
    *) bash -euo pipefail -c "$line" >out 2>error || {
      printf 'README.md, %s: %s\n' "$side" "$line" >&2
      cat out error >&2
      exit 1
    } ;;
  esac
}

for side in ng ne; do
  mkdir "$work/$side"
  cp -r "$source_dir/policy" "$work/$side/"
done
for i in "${!ng[@]}"; do
  # By now each has the other's card and heard its fingerprint.
  if [[ ${ng[$i]} == *'partner add'* ]]; then
    cp "$work/ng/ng.card" "$work/ne/"
    cp "$work/ne/ne.card" "$work/ng/"
  fi
  for side in ng ne; do
    other=$([[ $side == ng ]] && echo ne || echo ng)
    HEARD=$([[ ! -e $work/$other/$other.card ]] ||
      comity partner card --dir "$work/$other/$other" --fingerprint)
    export HEARD
    if [[ $side == ng ]]; then step ng "${ng[$i]}"; else step ne "${ne[$i]}"; fi
  done
done
for side in ng ne; do
  cd "$work/$side"
  declare -n lines=$side
  [[ ${lines[-1]} == 'comity --as '*' doctor' ]]
  # shellcheck disable=SC2086
  await ${lines[-1]}
done

# The first case, in one shell as its reader has.
cd "$work/ne"
printf '%s\n' "${first_case[@]}" | bash -euo pipefail >out
referral=$(grep -oE '^[0-9a-f-]{36}' out)
comity --as ne/operators/zara.k referral clear "$referral" --risk LOW --reflection-waived >/dev/null
comity --as ne/operators/moussa.d referral send "$referral" >/dev/null
cd "$work/ng"
comity operator add --dir ng --organisation NAPTIP --role COORDINATOR --person amina.b >/dev/null
arrived() { comity --as ng/operators/amina.b inbox | has "$referral"; }
await arrived

# A partner is not removed by accident, and what stopped is diagnosed.
admin=(comity --as ng/operators/admin-1)
expect 2 'needs --yes' "${admin[@]}" partner remove NE
expect 0 'nothing was changed' "${admin[@]}" partner remove NE --dry-run
expect 0 'NE' "${admin[@]}" partner list
expect 6 'PARTNER_UNKNOWN' "${admin[@]}" partner remove TG --dry-run
kill "${pids[1]}"
wait "${pids[1]}" 2>/dev/null || true
expect 5 'fix: ask the partner whether' "${admin[@]}" doctor
expect 0 'partner NE removed' "${admin[@]}" partner remove NE --yes
kill "${pids[0]}"
wait "${pids[0]}" 2>/dev/null || true
expect 5 'fix: start it: comityd' "${admin[@]}" doctor
expect 5 '"reason": "PEER_UNREACHABLE"' "${admin[@]}" --json doctor
expect 2 '"error":{"reason":"FIELD_MISSING"' comity --json case show
expect 0 '^comity [0-9]' comity version

# The completion script completes.
bash -euc 'source <(comity completion bash)
  complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _comity; echo "${COMPREPLY[*]}"; }
  [[ $(complete_line comity ref) == referral ]]
  [[ $(complete_line comity --as x case im) == import ]]
  [[ $(complete_line comity case import --dr) == --dry-run ]]'
echo "README.md holds: ${#ng[@]} commands a side"
