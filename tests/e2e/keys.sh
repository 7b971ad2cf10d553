#!/usr/bin/env bash
# Protects the key files of nodes, of a new one and of one that serves: comityd
# and comity get the passphrase as systemd gives it, from a file and from a
# person at a terminal, and from nowhere else. COMITY_BIN names the programs.
set -euo pipefail
# shellcheck source=tests/e2e/scratch.sh
source "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
typed=$source_dir/tests/e2e/typed.py
cd "$work"
unset CREDENTIALS_DIRECTORY
umask 077
head -c 24 /dev/urandom | base64 >ng.pass
echo 'another passphrase' >wrong.pass
echo short >short.pass

closed() { # closed NODE: no key but its people's is in the clear
  if grep -rl --exclude-dir=operators 'BEGIN PRIVATE' "$1"; then
    echo "keys of $1 are in the clear" >&2
    exit 1
  fi
}
passphrase_file() { # passphrase_file NODE FILE: what comityd.conf names
  sed -i "s|^key_passphrase_file:.*|key_passphrase_file: \"$2\"|" "$1/comityd.conf"
}
add() { comity operator add --dir ng --organisation ORG --role AUDITOR --person "$1"; }

# A node that is made with protected keys.
expect 2 'one line of 12' comity node init --participant NG --dir ng --protect-keys --passphrase-file short.pass
[[ ! -e ng ]]
expect 2 'nobody can be asked' comity node init --participant NG --dir ng --protect-keys
init ng --participant NG --protect-keys --passphrase-file ng.pass
closed ng
[[ $(stat -c %s ng/keys/store.key) -gt 32 ]]
if command -v openssl >/dev/null; then
  openssl pkey -in ng/keys/log.pem -passin file:ng.pass -noout
else
  echo 'did not run: the openssl program, which opens protected keys too'
fi
expect 1 'nobody gave it' comityd --dir ng
expect 2 'nobody gave it' add audit

# As systemd gives it; of a file; not of one beside the keys.
mkdir given
cp ng.pass given/comity-keys
CREDENTIALS_DIRECTORY=$work/given start ng
closed ng
passphrase_file ng "$work/ng.pass"
add audit >/dev/null
before=$(sha256sum ng/certs/tls.pem)
comity node renew --dir ng >/dev/null
comity node renew-ca --dir ng >/dev/null 2>&1
comity node renew --dir ng >/dev/null
[[ $(sha256sum ng/certs/tls.pem) != "$before" ]]
closed ng
# A name that is spelt wrong locks nobody out, and that is said.
expect 0 'lists no certificate of that name' comity operator revoke ORG/audits --dir ng
comity operator revoke ORG/audit --dir ng >out 2>&1
if grep -q 'lists no certificate' out; then cat out >&2; exit 1; fi
cp ng.pass ng/ng.pass
passphrase_file ng "$work/ng/ng.pass"
expect 2 'outside of the' comity node renew --dir ng
rm ng/ng.pass

# Of a person, who sees nothing of it; a wrong one changes nothing.
passphrase_file ng ''
"$typed" "$(cat ng.pass)" -- comity node renew --dir ng >shown
grep -q 'Passphrase of the keys in ng' shown
grep -q 'TLS certificate of ng renewed' shown
if grep -qF "$(cat ng.pass)" shown; then echo 'the passphrase was shown' >&2; exit 1; fi
before=$(cat ng/keys/* | sha256sum)
expect 2 'the passphrase is not the one of' "$typed" 'another passphrase' -- comity node renew --dir ng
expect 2 'nothing was changed' comity node protect-keys --dir ng --passphrase-file wrong.pass
[[ $(cat ng/keys/* | sha256sum) == "$before" ]]

# A node that serves in the clear is protected, and started again.
init ne --participant NE
start ne
expect 2 'the two passphrases differ' "$typed" 'first passphrase' 'other passphrase' -- comity node protect-keys --dir ne
"$typed" 'typed by a person' 'typed by a person' -- comity node protect-keys --dir ne >shown
grep -q '6 key file(s) of ne protected' shown
comity --as ne/operators/admin-1 status >/dev/null
stop ne
echo 'typed by a person' >ne.pass
tells '0 key file(s)' comity node protect-keys --dir ne --passphrase-file ne.pass
passphrase_file ne "$work/wrong.pass"
expect 1 'the passphrase is not the one of' comityd --dir ne
passphrase_file ne "$work/ne.pass"
start ne
closed ne

# Another passphrase in its place; with a wrong one nothing is changed.
echo 'the passphrase after that' >ne.next
before=$(cat ne/keys/* | sha256sum)
expect 2 'neither the passphrase' comity node protect-keys --change --dir ne --old-passphrase-file wrong.pass --passphrase-file ne.next
expect 2 'is the one until now' comity node protect-keys --change --dir ne --passphrase-file ne.pass
[[ $(cat ne/keys/* | sha256sum) == "$before" ]]
"$typed" 'the passphrase after that' 'the passphrase after that' -- comity node protect-keys --change --dir ne >shown
grep -q '6 key file(s) of ne put under the new passphrase' shown
tells '0 key file(s)' comity node protect-keys --change --dir ne --passphrase-file ne.next
await prints 'restart comityd' comity --as ne/operators/admin-1 --json status
stop ne
expect 1 'the passphrase is not the one of' comityd --dir ne
mv ne.next ne.pass
start ne
closed ne

# Backup and restore take them as they are.
head -c 24 /dev/urandom | base64 >backup.key
comity backup --dir ne --to ne.backup --passphrase-file backup.key >/dev/null
stop ne
mv ne ne.lost
mv ne.pass elsewhere
expect 6 'ne.pass' comity restore ne.backup --dir ne --passphrase-file backup.key
[[ ! -e ne ]]
mv elsewhere ne.pass
comity restore ne.backup --dir ne --passphrase-file backup.key >/dev/null 2>&1
closed ne
start ne

# In the clear again, for whoever has the passphrase.
expect 2 'the passphrase is not the one of' comity node unprotect-keys --dir ne --passphrase-file wrong.pass
tells '6 key file(s) of ne put in the clear' comity node unprotect-keys --dir ne
grep -q 'BEGIN PRIVATE' ne/keys/log.pem
expect 2 'without --change' comity node protect-keys --change --dir ne --passphrase-file wrong.pass
stop ne
passphrase_file ne ''
start ne
echo 'protected keys: systemd, a file, a person; changed, renewed, backed up, restored, unprotected'
