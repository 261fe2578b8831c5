#!/bin/sh
# Publishes the draft of a release whose tags are pushed: release/publish.sh VERSION
#
# GitHub shows it as the latest unless a higher version is released. Run again, it changes nothing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/publish.sh VERSION"
version=$1
require_version "$version"
require gh "install GitHub's command line"
set --
case $version in
*-*) ;;
*) if newest "$version"; then set -- --latest; else set -- --latest=false; fi ;;
esac
gh release edit "v$version" --draft=false --verify-tag "$@"
