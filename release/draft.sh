#!/bin/sh
# Makes the draft of a release at GitHub, with the files in the folder DIST: release/draft.sh VERSION DIST
#
# A draft that an earlier attempt has left is made anew. A release that is published stays as it is: others have its files.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 2 ] || die "usage: release/draft.sh VERSION DIST"
version=$1 dist=$2
require_version "$version"
require gh "install GitHub's command line"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/release/notes.sh" "$version" >"$work/notes.md"

# Only what is known to be a draft is deleted: a question that gets no answer ends the script.
if draft=$(gh release view "v$version" --json isDraft --jq .isDraft 2>"$work/error"); then
    if [ "$draft" != true ]; then
        echo "v$version is published already"
        exit
    fi
    gh release delete "v$version" --yes
else
    grep -qi 'release not found' "$work/error" || die "GitHub does not say whether v$version is there: $(cat "$work/error")"
fi

set --
case $version in
*-*) set -- --prerelease ;;
*) newest "$version" || set -- --latest=false ;;
esac
gh release create "v$version" --draft --title "Proctor $version" --notes-file "$work/notes.md" "$@" "$dist"/*
