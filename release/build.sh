#!/bin/sh
# Builds the program as it is released: release/build.sh TARGET OUT
#
# Leaves OUT/proctor-TARGET and OUT/proctor.wasm; for the target wasm32-wasip2 the latter and OUT/proctor-cli.wasm. The same
# sources and tools give the same bytes, whatever folders are used: no path of this machine stays in the program, and nothing
# of its processor is assumed.
#
# PROCTOR_COMPONENT   a proctor.wasm that was built before, so that all platforms hold the same one
# CARGO_TARGET_DIR    where to build; target/release-build if it is not set
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 2 ] || die "usage: release/build.sh TARGET OUT"
target=$1
[ "$target" = wasm32-wasip2 ] || platforms | grep -qxF -- "$target" || die "$target is none of the platforms in release/platforms"
mkdir -p "$2"
out=$(cd "$2" && pwd -P)
require rustc "install rustup"

# The path as the compiler sees it, which on Windows is not what the shell sees.
native() {
    if command -v cygpath >/dev/null 2>&1; then cygpath -w "$1"; else echo "$1"; fi
}

work=${CARGO_TARGET_DIR:-$root/target/release-build}
mkdir -p "$work"
work=$(native "$(cd "$work" && pwd -P)")
home=${CARGO_HOME:-$HOME/.cargo}
home=$(native "$(cd "$home" && pwd)")
top=$(native "$root")

cd "$root"
if command -v rustup >/dev/null 2>&1; then
    rustup target add "$target" wasm32-wasip2 >/dev/null
fi
host=$(rustc -vV | sed -n 's/^host: //p')
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
sysroot=$(rustc --print sysroot)

# Settings of the person who builds must not show in the result.
for name in $(env | sed -nE 's/^(CARGO_(PROFILE|BUILD|TARGET)_[A-Z0-9_]*)=.*/\1/p'); do
    [ "$name" = CARGO_BUILD_JOBS ] || unset "$name"
done
unset RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER
export CARGO_INCREMENTAL=0 LC_ALL=C TZ=UTC
export ZERO_AR_DATE=1 MACOSX_DEPLOYMENT_TARGET=11.0

# Flags are parted by a character that is in no path. Of several prefixes that fit, the last counts.
flags=
flag() {
    flags="${flags:+$flags$(printf '\037')}$1"
}
flag "--remap-path-prefix=$home=cargo"
flag "--remap-path-prefix=$top=proctor"
flag "--remap-path-prefix=$work=target"
flag "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rustc/$commit"

# Ends the script if a path of this machine is in the file.
clean() {
    for path in "$top" "$home" "$work" "$(native "$HOME")"; do
        ! grep -aqF -- "$path" "$1" || die "$1 has the path $path of this machine in it"
    done
}

component=${PROCTOR_COMPONENT:-}
if [ -z "$component" ]; then
    CARGO_ENCODED_RUSTFLAGS=$flags cargo build --locked --package proctor --lib --profile component \
        --target wasm32-wasip2 --target-dir "$work"
    component=$work/wasm32-wasip2/component/proctor.wasm
fi
cp "$component" "$out/proctor.wasm.new"
mv "$out/proctor.wasm.new" "$out/proctor.wasm"
clean "$out/proctor.wasm"
if [ "$target" = wasm32-wasip2 ]; then
    CARGO_ENCODED_RUSTFLAGS=$flags cargo build --locked --package proctor-cli --bin proctor-cli --profile component \
        --target wasm32-wasip2 --target-dir "$work"
    cp "$work/wasm32-wasip2/component/proctor-cli.wasm" "$out/proctor-cli.wasm"
    clean "$out/proctor-cli.wasm"
    for file in proctor.wasm proctor-cli.wasm; do
        echo "$out/$file: $(($(wc -c <"$out/$file"))) bytes"
    done
    exit
fi
PROCTOR_COMPONENT=$(native "$out/proctor.wasm")
export PROCTOR_COMPONENT

case $target in
*-linux-musl)
    # LLD comes with Rust, so that the linker is the same everywhere. musl-gcc compiles what is written in C.
    require musl-gcc "install musl-tools"
    flag "-Clinker=rust-lld"
    flag "-Ctarget-feature=+crt-static"
    [ "${target%%-*}" != "${host%%-*}" ] || export "CC_$(echo "$target" | tr - _)=musl-gcc"
    ;;
*-windows-msvc)
    # No runtime library to install, and no time of building in the program.
    flag "-Ctarget-feature=+crt-static"
    flag "-Clink-arg=/Brepro"
    ;;
esac
case $target in
*-windows-msvc) ;;
*)
    CFLAGS="-ffile-prefix-map=$home=cargo -ffile-prefix-map=$work=target -ffile-prefix-map=$top=proctor"
    export "CFLAGS_$(echo "$target" | tr - _)=$CFLAGS"
    ;;
esac

# The component is compiled ahead of time by the build script, which knows only the build machine's architecture unless
# it is told to know all.
features=
[ "${target%%-*}" = "${host%%-*}" ] || features="--features cross"
# shellcheck disable=SC2086 # none, or two words
CARGO_ENCODED_RUSTFLAGS=$flags cargo build --locked --package proctor-host --bin proctor --release $features \
    --target "$target" --target-dir "$work"

name=$(asset "$target")
built=$work/$target/release/proctor
[ ! -f "$built.exe" ] || built=$built.exe
cp "$built" "$out/$name"

clean "$out/$name"
case $target in
*-linux-musl)
    require readelf "install binutils"
    if readelf -dW "$out/$name" | grep -q NEEDED || readelf -lW "$out/$name" | grep -q INTERP; then
        die "$out/$name is not static: it needs libraries of the system"
    fi
    ;;
esac
echo "$out/$name: $(($(wc -c <"$out/$name"))) bytes"
