#!/usr/bin/env bash
# Installs the Debian 12 packages that a step needs, if they are not there:
#   deploy/packages.sh build [test] [full] [benchmark]
set -euo pipefail

# shellcheck disable=SC2034  # reached through the names of steps
build=(g++ cmake ninja-build ccache pkg-config libgrpc++-dev protobuf-compiler
  protobuf-compiler-grpc libprotobuf-dev libabsl-dev libsqlite3-dev libssl-dev
  libcli11-dev libp11-kit-dev coinor-libclp-dev python3)
# shellcheck disable=SC2034
test=(libgtest-dev libgmock-dev nlohmann-json3-dev clang-format shellcheck softhsm2)
# shellcheck disable=SC2034
full=(clang clang-tidy libclang-rt-dev)
# shellcheck disable=SC2034
benchmark=(libbenchmark-dev postgresql-15 openssl)

missing=()
for step in "$@"; do
  declare -n packages=$step
  for package in "${packages[@]}"; do
    if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
      grep -q '^install ok installed$'; then
      missing+=("$package")
    fi
  done
done
# npm comes with some Node.js installations and not with Debian's.
if [[ " $* " == *" test "* ]]; then
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
fi
if ((${#missing[@]} == 0)); then
  exit 0
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
apt-get -q install -y --no-install-recommends "${missing[@]}" >/dev/null
