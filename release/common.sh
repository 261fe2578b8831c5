#!/bin/sh
# What the release scripts share. Each sets `root`, the top of the source tree, and reads this.
# shellcheck disable=SC2154

# Ends the script. A person reads this: what is wrong, and what to do.
die() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

# The platforms that are released, as Rust names them.
platforms() {
    cat "$root/release/platforms"
}

# The name of a platform's program among the files of a release.
asset() {
    case $1 in
    *-windows-*) echo "proctor-$1.exe" ;;
    *) echo "proctor-$1" ;;
    esac
}

# The version that Cargo.toml gives to every package.
cargo_version() {
    sed -n '/^\[workspace\.package\]/,/^\[/ s/^version *= *"\(.*\)"$/\1/p' "$root/Cargo.toml"
}

# Ends the script unless this is a version as it stands in Cargo.toml.
require_version() {
    case $1 in
    *[!0-9A-Za-z.+-]* | [!0-9]* | '') die "\"$1\" is not a version like 1.2.3" ;;
    [0-9]*.[0-9]*.[0-9]*) ;;
    *) die "\"$1\" is not a version like 1.2.3" ;;
    esac
    [ "$1" = "$(cargo_version)" ] ||
        die "the version is $1, but Cargo.toml has $(cargo_version): correct [workspace.package] or the tag"
}

# Whether no higher version is released: newest VERSION [MAJOR], among all versions or among those of one major version.
# A pre-release is never the newest, and none is counted.
newest() {
    case $1 in *-*) return 1 ;; esac
    released=$(git -C "$root" ls-remote --tags --refs origin 'refs/tags/v*') || die "the tags at origin cannot be read"
    highest=$(
        {
            printf '%s\n' "$released" | sed -nE 's|^.*refs/tags/v([0-9]+\.[0-9]+\.[0-9]+)(\+.*)?$|\1|p' | grep "^${2:+$2\.}" || true
            echo "${1%%+*}"
        } | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1
    )
    [ "$highest" = "${1%%+*}" ]
}

# Ends the script if a program is not there.
require() {
    command -v "$1" >/dev/null 2>&1 || die "$1 is not there: $2"
}

# Copies what belongs to the sources, changed or not, to a new folder.
copy_sources() {
    mkdir -p "$1"
    (cd "$root" && git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
        [ ! -e "$file" ] || printf '%s\n' "$file"
    done | tar -cf - -T -) | tar -xf - -C "$1"
}
