#!/bin/sh
# Pushes what image.sh or artifact.sh has made: release/push.sh LAYOUT VERSION REPOSITORY DIGESTFILE
#
# It gets the tag VERSION; release/latest.sh moves `latest` there. DIGESTFILE gets its digest.
# PROCTOR_PLAIN_HTTP=1 is for a registry on this machine.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 4 ] || die "usage: release/push.sh LAYOUT VERSION REPOSITORY DIGESTFILE"
layout=$1 version=$2 repository=$3 digest=$4
require_version "$version"
require skopeo "install it; it needs no engine"
# A tag of a registry has no `+`.
tag=$(printf '%s' "$version" | tr + _)
verify=true
[ -z "${PROCTOR_PLAIN_HTTP:-}" ] || verify=false
skopeo --insecure-policy copy --all --preserve-digests --dest-tls-verify=$verify --digestfile "$digest" \
    "oci:$layout:$version" "docker://$repository:$tag"
