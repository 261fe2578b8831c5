#!/bin/sh
# Puts the commit with the checksums of a release on the main branch: release/main.sh VERSION
#
# It comes on top of what was added since the release was tagged. The release itself does not depend on it. If it is there
# already, nothing is done.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/main.sh VERSION"
version=$1
cd "$root"
commit=$(git rev-parse --verify --quiet "refs/tags/v$version^{commit}") || die "there is no tag v$version: run release/tags.sh"
by_hand="v$version is released; put its commit $commit on main by a pull request"

git fetch --quiet origin main
main=$(git rev-parse FETCH_HEAD)
if git merge-base --is-ancestor "$commit" "$main"; then
    echo "$commit is on main already"
    exit
elif git merge-base --is-ancestor "$main" "$commit"; then
    git checkout --quiet --detach "$commit"
else
    git checkout --quiet --detach "$main"
    if ! git cherry-pick "$commit" >/dev/null 2>&1; then
        git cherry-pick --abort
        die "the checksums do not fit on main: $by_hand"
    fi
fi
git push --quiet origin HEAD:refs/heads/main || die "main cannot be pushed to: $by_hand"
