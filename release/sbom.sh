#!/bin/sh
# Writes the bill of materials: every package that the programs or the components are made of, whatever the platform.
# release/sbom.sh OUT
#
# In CycloneDX's format. The same sources give the same bytes; its time is SOURCE_DATE_EPOCH, or that of the last commit.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/sbom.sh OUT"
mkdir -p "$(dirname "$1")"
out=$(cd "$(dirname "$1")" && pwd -P)/$(basename "$1")
require jq "install it"
cyclonedx=0.5.9
if [ "$(cargo cyclonedx --version 2>/dev/null)" != "cargo-cyclonedx-cyclonedx $cyclonedx" ]; then
    cargo install --locked "cargo-cyclonedx@$cyclonedx"
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

# It writes beside each package's manifest, so it works on a copy.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy_sources "$work/proctor"
cd "$work/proctor"
describe() {
    cargo cyclonedx --quiet --manifest-path host/Cargo.toml --format json --spec-version 1.5 --all --no-build-deps \
        --target "$1" --override-filename "$2"
}
describe all programs
describe wasm32-wasip2 component

# The programs hold the component, which Cargo does not know, and the command for hosts of WASI is released beside them: one
# bill of all. Packages of this workspace are named by their place in it.
jq --slurp --sort-keys --arg root "$work/proctor" '
    def shown: if type == "string" then split($root) | join("/proctor") else . end;
    .[0] as $programs | .[1] as $component | .[2] as $command
    | $component.metadata.component as $held
    | $programs
    | .components = ([$programs.components, $component.components, [$held],
            $command.components, [$command.metadata.component]] | add
        | map(select(."bom-ref" != $programs.metadata.component."bom-ref")) | unique_by(."bom-ref"))
    | .dependencies = ([$programs.dependencies, $component.dependencies, $command.dependencies,
            [{ref: $programs.metadata.component."bom-ref", dependsOn: [$held."bom-ref"]}]] | add
        | group_by(.ref) | map({ref: .[0].ref, dependsOn: (map(.dependsOn // []) | add | unique)}))
    | walk(shown)
' host/programs.json component.json cli/component.json >"$out"
echo "$out: $(jq '.components | length' "$out") packages"
