#!/bin/sh
# Wraps the component as an OCI artifact: release/artifact.sh VERSION REVISION WASM OUT
#
# Leaves it in the folder OUT, in OCI's layout; `skopeo copy oci:OUT:VERSION docker://…` pushes it. The same component gives
# the same bytes: its time is SOURCE_DATE_EPOCH.
#
# Source: the CNCF's layout for WebAssembly, https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 4 ] || die "usage: release/artifact.sh VERSION REVISION WASM OUT"
version=$1 revision=$2 wasm=$3 out=$4
require_version "$version"
require jq "install it"
: "${SOURCE_DATE_EPOCH:?set it to the time of the commit}"
[ -f "$wasm" ] || die "$wasm is not there: release/build.sh leaves one"
rm -rf "$out"
mkdir -p "$out/blobs/sha256"

# Keeps standard input as a blob, and prints its description.
blob() {
    cat >"$out/blob"
    digest=$(sha256sum "$out/blob" | cut -d ' ' -f 1)
    size=$(($(wc -c <"$out/blob")))
    mv "$out/blob" "$out/blobs/sha256/$digest"
    jq --null-input --compact-output --arg type "$1" --arg digest "sha256:$digest" --argjson size "$size" \
        '{mediaType: $type, digest: $digest, size: $size}'
}

created=$(jq --null-input --raw-output --argjson time "$SOURCE_DATE_EPOCH" '$time | todate')
layer=$(blob application/wasm <"$wasm")
config=$(
    jq --null-input --compact-output --arg created "$created" --argjson layer "$layer" \
        --rawfile imports "$root/tests/engine/imports.txt" --rawfile exports "$root/release/exports.txt" '
        def lines: split("\n") | map(select(. != ""));
        {
            created: $created,
            author: "The Proctor project",
            architecture: "wasm",
            os: "wasip2",
            layerDigests: [$layer.digest],
            component: {imports: ($imports | lines), exports: ($exports | lines)}
        }' | blob application/vnd.wasm.config.v0+json
)
manifest=$(
    jq --null-input --compact-output --arg created "$created" --arg version "$version" --arg revision "$revision" \
        --argjson config "$config" --argjson layer "$layer" '
        {
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            config: $config,
            layers: [$layer],
            annotations: {
                "org.opencontainers.image.created": $created,
                "org.opencontainers.image.title": "Proctor, the component",
                "org.opencontainers.image.description": "What Proctor decides: services, verdicts, reports",
                "org.opencontainers.image.source": "https://github.com/proctor-ci/proctor",
                "org.opencontainers.image.licenses": "Apache-2.0",
                "org.opencontainers.image.version": $version,
                "org.opencontainers.image.revision": $revision
            }
        }' | blob application/vnd.oci.image.manifest.v1+json
)
jq --null-input --compact-output --argjson manifest "$manifest" --arg version "$version" '
    {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [$manifest + {annotations: {"org.opencontainers.image.ref.name": $version}}]
    }' >"$out/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' >"$out/oci-layout"
echo "$manifest" | jq --raw-output .digest
