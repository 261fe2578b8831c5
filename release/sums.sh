#!/bin/sh
# Writes SHA256SUMS for the files of a release: release/sums.sh DIST
#
# Every file that a release has must be there, and no other.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/sums.sh DIST"
cd "$1"
rm -f SHA256SUMS
expected=$(
    {
        for platform in $(platforms); do asset "$platform"; done
        printf '%s\n' proctor.wasm proctor-cli.wasm proctor.cdx.json
    } | LC_ALL=C sort
)
found=$(find . ! -name . -prune | sed 's|^\./||' | LC_ALL=C sort)
[ "$found" = "$expected" ] || die "a release has the files
$expected
but $1 has
$found"
# shellcheck disable=SC2086 # names without blanks
sha256sum $expected >SHA256SUMS
cat SHA256SUMS
