#!/bin/sh
# Makes the container image from the programs in the folder DIST: release/image.sh VERSION REVISION DIST OUT [ARCH…]
#
# Leaves the image in the folder OUT, in OCI's layout, for each architecture (amd64 and arm64 if none is named). The same
# programs give the same bytes: its time is SOURCE_DATE_EPOCH. `skopeo copy --all oci:OUT:VERSION docker://…` pushes it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# -ge 4 ] || die "usage: release/image.sh VERSION REVISION DIST OUT [ARCH…]"
version=$1 revision=$2 dist=$3 out=$4
shift 4
[ $# -gt 0 ] || set -- amd64 arm64
require_version "$version"
require buildah "install it; it needs no engine"
: "${SOURCE_DATE_EPOCH:?set it to the time of the commit}"
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd -P)

# Storage of its own, so that nothing of this machine gets in and nothing stays.
store=$(mktemp -d)
build() {
    buildah --root "$store/root" --runroot "$store/run" --storage-driver vfs "$@"
}
trap 'build rm --all >/dev/null 2>&1 || true; rm -rf "$store"' EXIT

mkdir -p "$store/context/dist"
cp "$dist"/proctor-*-linux-musl "$store/context/dist/"
build manifest create proctor >/dev/null
for arch in "$@"; do
    build build --quiet --identity-label=false --platform "linux/$arch" --manifest proctor --timestamp "$SOURCE_DATE_EPOCH" --isolation chroot \
        --build-arg "TARGETARCH=$arch" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
        --format oci --file "$root/Dockerfile" "$store/context" >/dev/null
done
build manifest push --quiet --all proctor "oci:$out:$version"
echo "$out: $version for $*"
