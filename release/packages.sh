#!/bin/sh
# Makes the container image and the OCI artifact, pushes them to a registry on this machine, and looks at what arrived:
# release/packages.sh DIST
#
# DIST holds proctor.wasm and the program for Linux on x86-64. Needs buildah, skopeo and docker-registry of Debian or Ubuntu.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/packages.sh DIST"
dist=$1
for program in buildah skopeo docker-registry jq curl; do
    if ! command -v $program >/dev/null 2>&1; then
        echo "skipped: $program is not there, so the images are not made"
        [ -z "${CI:-}" ]
        exit
    fi
done
work=$(mktemp -d)
registry=
end() {
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

version=$(cargo_version)
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
"$root/release/image.sh" "$version" test "$dist" "$work/image" amd64
"$root/release/image.sh" "$version" test "$dist" "$work/again" amd64
cmp "$work/image/index.json" "$work/again/index.json" || die "the image is not reproducible"
"$root/release/artifact.sh" "$version" test "$dist/proctor.wasm" "$work/component"

# Port 0 is a free one, which the registry tells.
cat >"$work/registry.yml" <<END
version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:0"}
END
docker-registry serve "$work/registry.yml" >"$work/log" 2>&1 &
registry=$!
until address=$(grep -oE 'listening on 127\.0\.0\.1:[0-9]+' "$work/log"); do
    kill -0 "$registry" 2>/dev/null || die "the registry does not serve: $(cat "$work/log")"
    sleep 1
done
address=${address#listening on }
export PROCTOR_PLAIN_HTTP=1
for name in image component; do
    "$root/release/push.sh" "$work/$name" "$version" "$address/proctor/$name" "$work/$name.digest" >/dev/null
    curl -fsS -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' \
        "http://$address/v2/proctor/$name/manifests/$version" >"$work/manifest"
    [ "sha256:$(sha256sum "$work/manifest" | cut -d ' ' -f 1)" = "$(cat "$work/$name.digest")" ] ||
        die "what arrived of $name is not what was pushed"
    echo "ok: $name: $(cat "$work/$name.digest")"
done

# The image as an engine would unpack it: the program is where it is started, and starts as the user that is named.
skopeo --insecure-policy copy --quiet --src-tls-verify=false --override-arch amd64 --override-os linux \
    "docker://$address/proctor/image:$version" "dir:$work/unpacked"
config=$work/unpacked/$(jq -r '.config.digest | ltrimstr("sha256:")' "$work/unpacked/manifest.json")
[ "$(jq -c '[.config.Entrypoint, .config.User, .config.WorkingDir]' "$config")" = '[["/proctor"],"65532:65532","/work"]' ] ||
    die "the image starts something else: $(jq -c .config "$config")"
[ "$(jq -r '.config.Labels["org.opencontainers.image.version"]' "$config")" = "$version" ] ||
    die "the image is not labelled with its version"
mkdir "$work/root"
for layer in $(jq -r '.layers[].digest | ltrimstr("sha256:")' "$work/unpacked/manifest.json"); do
    tar -xf "$work/unpacked/$layer" -C "$work/root"
done
[ "$(find "$work/root" -type f)" = "$work/root/proctor" ] || die "there is more than the program in the image"
"$root/release/empty-root.sh" "$work/root/proctor"
