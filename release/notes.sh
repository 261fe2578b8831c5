#!/bin/sh
# Prints the changelog's section of a version, which becomes the notes of its release: release/notes.sh VERSION
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/notes.sh VERSION"
version=$1
require_version "$version"
section=$(awk -v version="$version" '
    /^## / {
        name = $2
        gsub(/[][]/, "", name)
        inside = (name == version)
        next
    }
    inside && !/^\[[^]]*\]: / { print }
' "$root/CHANGELOG.md")
printf '%s\n' "$section" | grep -q '[^[:space:]]' ||
    die "CHANGELOG.md has nothing under \"## $version\": give the section Unreleased that name"
printf '%s\n' "$section" | sed -e '/[^[:space:]]/,$!d'
