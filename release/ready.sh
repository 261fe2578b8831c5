#!/bin/sh
# Looks whether a release can be made of this commit, before anything is built: release/ready.sh release-VERSION
#
# Prints the version.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/ready.sh release-VERSION"
version=${1#release-}
[ "release-$version" = "$1" ] || die "the tag \"$1\" is not one like release-1.2.3"
require_version "$version"
"$root/release/notes.sh" "$version" >/dev/null
if git -C "$root" ls-remote --exit-code --tags origin "refs/tags/v$version" >/dev/null; then
    die "v$version is there already: a release is never made twice; take the next version"
fi

# The checksums are written last, when everything is built: their places are tried now, in a copy.
trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT
copy_sources "$trial"
for platform in $(platforms); do
    printf '%064d  %s\n' 0 "$(asset "$platform")"
done >"$trial/SHA256SUMS"
"$trial/release/checksums.sh" "$version" "$trial/SHA256SUMS" >/dev/null
echo "$version"
