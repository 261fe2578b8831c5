#!/bin/sh
# Builds the program for Linux on x86-64 twice, in folders of other names and with nothing kept, and compares the results
# bit by bit: release/reproducible.sh OUT [BUILT]
#
# BUILT is a folder with what was built or downloaded before, which is compared instead of a first build. Leaves the program
# and proctor.wasm in OUT. Each build takes minutes and 2 GB in TMPDIR.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || [ $# = 2 ] || die "usage: release/reproducible.sh OUT [BUILT]"
target=x86_64-unknown-linux-musl
name=$(asset "$target")
mkdir -p "$1"
out=$(cd "$1" && pwd -P)
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A home for Cargo under another name, with the packages that were fetched before.
home() {
    mkdir -p "$1"
    for part in registry git config.toml; do
        [ ! -e "${CARGO_HOME:-$HOME/.cargo}/$part" ] || ln -s "${CARGO_HOME:-$HOME/.cargo}/$part" "$1/$part"
    done
}

# Builds in a folder of its own and keeps only the result.
build() {
    copy_sources "$base/$1"
    home "$base/home-$2"
    echo "building in $base/$1"
    CARGO_HOME=$base/home-$2 CARGO_TARGET_DIR=$base/$2 "$base/$1/release/build.sh" "$target" "$base/out-$2"
    rm -rf "${base:?}/$1" "${base:?}/$2"
}

# Tells where two files differ, by section where they have some.
differences() {
    echo "$1 and $2 differ:" >&2
    ls -l "$1" "$2" >&2
    cmp -l "$1" "$2" 2>/dev/null | awk 'NR == 1 { print "first at byte " $1 } END { print NR " bytes differ" }' >&2
    case $1 in
    *.wasm) return ;;
    esac
    readelf -SW "$1" >"$base/sections-1"
    readelf -SW "$2" >"$base/sections-2"
    diff "$base/sections-1" "$base/sections-2" >&2 || true
    for section in $(readelf -SW "$1" | sed -nE 's/^ *\[ *[0-9]+\] (\.[^ ]+) .*/\1/p'); do
        for file in "$1" "$2"; do
            objcopy -O binary --only-section="$section" "$file" "$file.section" 2>/dev/null || : >"$file.section"
        done
        cmp -s "$1.section" "$2.section" || echo "section $section differs" >&2
    done
    for file in "$1" "$2"; do
        strings -n 8 "$file" | sort >"$file.strings"
    done
    diff "$1.strings" "$2.strings" | head -n 40 >&2 || true
}

if [ $# = 2 ]; then
    mkdir "$base/out-one"
    cp "$2/$name" "$2/proctor.wasm" "$base/out-one/" || die "$2 needs $name and proctor.wasm"
else
    build first one
fi
build second/time/elsewhere two
for file in proctor.wasm "$name"; do
    if ! cmp -s "$base/out-one/$file" "$base/out-two/$file"; then
        differences "$base/out-one/$file" "$base/out-two/$file"
        die "the build of $file is not reproducible"
    fi
    cp "$base/out-one/$file" "$out/$file"
done
(cd "$out" && sha256sum proctor.wasm "$name")
echo "the same, bit by bit"
