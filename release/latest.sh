#!/bin/sh
# Moves the tag `latest` of a repository of images to a version that is released: release/latest.sh VERSION REPOSITORY
#
# It stays where it is if VERSION is a pre-release, or if a higher version is released.
# PROCTOR_PLAIN_HTTP=1 is for a registry on this machine.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 2 ] || die "usage: release/latest.sh VERSION REPOSITORY"
version=$1 repository=$2
require_version "$version"
require skopeo "install it; it needs no engine"
if ! newest "$version"; then
    echo "$repository:latest stays: $version is not the highest version"
    exit
fi
verify=true
[ -z "${PROCTOR_PLAIN_HTTP:-}" ] || verify=false
skopeo --insecure-policy copy --all --preserve-digests --src-tls-verify=$verify --dest-tls-verify=$verify \
    "docker://$repository:$(printf '%s' "$version" | tr + _)" "docker://$repository:latest"
