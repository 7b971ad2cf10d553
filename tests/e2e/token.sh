#!/usr/bin/env bash
# A node whose log key and witness key are in a token of SoftHSM (PKCS#11): it is
# made, serves, and its backup, which verifies its logs by the key on its card, is
# signed. Says so where
# softhsm2 is not installed. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cd "$work"
unset CREDENTIALS_DIRECTORY
module=
for each in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
  if [[ -e $each ]]; then module=$each; fi
done
if [[ -z $module ]] || ! command -v softhsm2-util >/dev/null; then
  echo 'did not run: softhsm2 is not installed (deploy/packages.sh test)'
  exit 0
fi

umask 077
mkdir tokens
cat >softhsm2.conf <<END
directories.tokendir = $work/tokens
objectstore.backend = file
log.level = ERROR
END
export SOFTHSM2_CONF=$work/softhsm2.conf
softhsm2-util --init-token --free --label comity --so-pin 87654321 --pin pin-of-this-test >/dev/null
echo pin-of-this-test >ng.pin
echo pin-of-another >wrong.pin
token=(--token comity --token-module "$module")

expect 2 'does not take the PIN' comity node init --participant NG --dir ng "${token[@]}" --token-pin-file wrong.pin
rm -rf ng ng-root
init ng --participant NG "${token[@]}" --token-pin-file ng.pin
grep -q '^token: comity$' ng/keys/log.pem
grep -q '^key: NG witness$' ng/keys/witness.pem
if grep -rq pin-of-this-test ng/keys ng/comityd.conf; then echo 'the PIN is beside the keys' >&2; exit 1; fi
expect 1 'PIN of the token, and nobody gave it' comityd --dir ng

mkdir given
cp ng.pin given/comity-token-pin
CREDENTIALS_DIRECTORY=$work/given start ng
# No key of the token is needed for it, so no PIN either.
comity operator add --dir ng --organisation ORG --role AUDITOR --person audit >/dev/null
stop ng
sed -i "s|^token_pin_file:.*|token_pin_file: \"$work/ng.pin\"|" ng/comityd.conf
start ng
head -c 24 /dev/urandom | base64 >backup.key
tells 'entries verified' comity backup --dir ng --to ng.backup --passphrase-file backup.key
# The token makes the key that replaces one of its own, while the node serves.
tells 'log key of ng replaced' comity node rotate-key log --dir ng
grep -q '^key: NG log 2$' ng/keys/log.pem
grep -q '^key: NG log$' ng/keys/log-before.pem
stop ng
start ng
tells 'signs no more' comity node rotate-key log --dir ng --finish
stop ng
comity restore ng.backup --dir again --passphrase-file backup.key --card ng/card.txt >/dev/null 2>&1

# Out of the token while the node serves, and back into it; a token that is not
# there changes nothing.
start ng
expect 6 'there is no token' comity node rotate-key log --dir ng --token nowhere --token-module "$module"
[[ ! -e ng/keys/log-before.pem ]]
tells 'log key of ng replaced' comity node rotate-key log --dir ng --to-file
grep -q 'BEGIN PRIVATE' ng/keys/log.pem
comity node rotate-key log --dir ng --finish >/dev/null
tells 'log key of ng replaced' comity node rotate-key log --dir ng "${token[@]}" --token-pin-file ng.pin
grep -q '^key: NG log 4$' ng/keys/log.pem
grep -q 'BEGIN PRIVATE' ng/keys/log-before.pem
comity node rotate-key log --dir ng --finish >/dev/null
[[ ! -e ng/keys/log-before.pem ]]
comity --as ng/operators/admin-1 status >/dev/null
stop ng

# Without its token a node does not start.
mv tokens away
mkdir tokens
expect 1 'there is no token' comityd --dir ng
echo "log key and witness key in SoftHSM: made, served, replaced, moved, backed up"
