#!/bin/sh
# Commits the checksums of a release and makes its tags there: release/tags.sh VERSION SHA256SUMS
#
# To be run on the commit of the tag release-VERSION. The commit with the checksums follows it and gets the tags vVERSION
# and, unless this is a pre-release or a higher version of it is released, vMAJOR, which moves on. So whoever pins a version
# has its checksums. Run again with the same files, it changes nothing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 2 ] || die "usage: release/tags.sh VERSION SHA256SUMS"
version=$1 sums=$2
require_version "$version"
sums=$(cd "$(dirname "$sums")" && pwd -P)/$(basename "$sums")
cd "$root"
[ -z "$(git status --porcelain --untracked-files=no)" ] || die "there are changes that are not committed"

release/checksums.sh "$version" "$sums"
git add resources/proctor/checksums templates/run/template.yml
if git ls-remote --exit-code --tags origin "refs/tags/v$version" >/dev/null; then
    tree=$(git write-tree)
    git reset --quiet --hard
    git fetch --quiet --no-tags origin "refs/tags/v$version"
    [ "$(git rev-parse "FETCH_HEAD^{tree}")" = "$tree" ] ||
        die "v$version is there already, of other files: a release is never made twice; take the next version"
    echo "v$version is there already, with these checksums"
    exit
fi
git commit --quiet --message "release: Record the checksums of $version"
git tag --annotate "v$version" --message "Proctor $version"
set -- "refs/tags/v$version"
major=${version%%.*}
if newest "$version" "$major"; then
    git tag --force "v$major" "v$version^{}"
    set -- "$@" "+refs/tags/v$major"
fi
git push --atomic origin "$@"
