#!/bin/sh
# Installs a released Proctor: downloads the program for this platform, verifies it, and puts it into a folder.
#
#     install.sh VERSION DIRECTORY
#
# leaves DIRECTORY/proctor (proctor.exe on Windows). A program that is there already and is the released one is kept.
# It is what was released if it has the checksum that checksums/VERSION.txt beside this script lists for it, or the file
# that PROCTOR_CHECKSUMS names. PROCTOR_DOWNLOAD names another place to download from, such as a mirror: https, or http
# on this machine.
#
# Needs curl or wget; sha256sum, shasum or openssl. Ends with 0, or with one sentence on standard error and
#   2  if there is something to correct, or what was downloaded is not what was released: then nothing of it is kept
#   7  if the place to download from is out of reach: later it may work
set -eu

# How often a download is tried, and the first pause in seconds; each further one is three times as long.
attempts=4
pause=1

say() {
    printf 'proctor: %s\n' "$1" >&2
}

fail() {
    say "$2"
    exit "$1"
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Runs a command so that a signal to this shell alone ends both at once: a shell that waits for a command in the
# foreground hears of a signal only when the command has ended.
attend() {
    "$@" &
    child=$!
    status=0
    wait "$child" || status=$?
    child=
    return "$status"
}

# However it ends, nothing is left but a whole program.
leave() {
    if [ -n "$child" ]; then
        kill "$child" 2>/dev/null || true
    fi
    if [ -n "$work" ]; then
        rm -rf "$work"
    fi
}

# The name under which the program for this platform is released. A GitHub runner knows its platform better than uname,
# which tells what an emulated shell sees.
asset() {
    system=$(uname -s) machine=$(uname -m)
    if [ -n "${RUNNER_OS:-}" ] && [ -n "${RUNNER_ARCH:-}" ]; then
        system=$RUNNER_OS machine=$RUNNER_ARCH
    fi
    case $machine in
    X64 | x86_64 | amd64) processor=x86_64 ;;
    ARM64 | aarch64 | arm64) processor=aarch64 ;;
    *) processor= ;;
    esac
    case $system in
    Linux) platform=unknown-linux-musl extension= ;;
    macOS | Darwin) platform=apple-darwin extension= ;;
    Windows | MINGW* | MSYS* | CYGWIN*) platform=pc-windows-msvc extension=.exe ;;
    *) platform= ;;
    esac
    if [ -z "$processor" ] || [ -z "$platform" ]; then
        fail 2 "there is no release for $system on $machine, only for Linux, macOS and Windows on x86-64 and arm64; build it with cargo instead"
    fi
    asset=proctor-$processor-$platform$extension
}

# Where releases are downloaded from, and which protocols that takes.
source_of_releases() {
    base=${PROCTOR_DOWNLOAD:-https://github.com/proctor-ci/proctor/releases/download}
    base=${base%/}
    protocols='=https'
    case $base in
    https://?*) return ;;
    http://?*)
        authority=${base#http://}
        authority=${authority%%/*}
        case $authority in
        *@*) ;;
        127.0.0.1 | localhost | '[::1]' | 127.0.0.1:* | localhost:* | '[::1]:'*)
            protocols='=http,https'
            return
            ;;
        esac
        ;;
    esac
    fail 2 "PROCTOR_DOWNLOAD is \`$base\`: name an https URL, or an http one on this machine"
}

# The checksum that was released for the asset.
released_checksum() {
    checksums=${PROCTOR_CHECKSUMS:-$(dirname -- "$0")/checksums/$version.txt}
    if [ ! -f "$checksums" ] || [ ! -r "$checksums" ]; then
        fail 2 "there are no checksums of Proctor $version ($checksums cannot be read), so it cannot be verified: choose a version that is released, and use what installs it at that version or a later one"
    fi
    expected=
    while read -r hex name || [ -n "$hex" ]; do
        # A name may have sha256sum's mark of a binary file, and the line another system's end.
        name=${name#\*}
        if [ "${name%"$(printf '\r')"}" = "$asset" ]; then
            expected=$hex
        fi
    done <"$checksums"
    case $expected in
    *[!0-9a-f]*) expected= ;;
    esac
    if [ ${#expected} -ne 64 ]; then
        fail 2 "$checksums has no SHA-256 checksum of $asset, so it cannot be verified: see that the file is that of Proctor $version"
    fi
}

# Which program computes checksums; found before anything is downloaded.
hasher() {
    for hasher in sha256sum shasum openssl; do
        if have "$hasher"; then
            return
        fi
    done
    fail 2 "none of sha256sum, shasum and openssl is here, so nothing can be verified: install one of them"
}

digest() {
    case $hasher in
    sha256sum) sum=$(sha256sum <"$1") ;;
    shasum) sum=$(shasum -a 256 <"$1") ;;
    openssl) sum=$(openssl dgst -sha256 -r <"$1") ;;
    esac || fail 2 "$hasher cannot compute the checksum of $1: see what it says above"
    sum=${sum%% *}
}

# Which program downloads. GNU's wget has more options than busybox's, and needs them: it tries 20 times by itself.
downloader() {
    if have curl; then
        downloader=curl
    elif have wget; then
        downloader=wget
        if wget --version 2>/dev/null | grep -q GNU; then
            downloader=gnu-wget
        fi
    else
        fail 2 "neither curl nor wget is here, so nothing can be downloaded: install one of them"
    fi
}

# One attempt. Leaves the status that the server answered with in `$work/status`, if the downloader tells it.
fetch() {
    true >"$work/status" || fail 2 "$directory cannot be written to: choose another folder"
    case $downloader in
    curl)
        attend curl --silent --show-error --location --proto "$protocols" --proto-redir "$protocols" --tlsv1.2 \
            --connect-timeout 20 --max-time 600 --speed-limit 1000 --speed-time 30 \
            --write-out '%{http_code}' --output "$work/program" "$url" >"$work/status" 2>"$work/errors"
        ;;
    gnu-wget) attend wget -nv --tries=1 -T 30 -O "$work/program" "$url" >"$work/errors" 2>&1 ;;
    # Its own limit is 900 s, and naming another crashes some builds of busybox.
    wget) attend wget -O "$work/program" "$url" >"$work/errors" 2>&1 ;;
    esac
}

# Whether the answer was whole. Where the status is not told, the downloader fails for any but 200.
fetched() {
    ended=0
    fetch || ended=$?
    answer=$(cat "$work/status") || fail 2 "$work/status cannot be read: choose another folder"
    case $ended:$answer in
    0:200 | 0:) return 0 ;;
    0:*) reason="the server answered with status $answer" ;;
    *) reason=$(tail -n 1 "$work/errors") || fail 2 "$work/errors cannot be read: choose another folder" ;;
    esac
    # These stay as they are, however often one asks.
    case $ended:$answer:$reason in
    0:408:* | 0:429:*) ;;
    0:4* | *'ERROR 404'* | *'error: HTTP/'*' 404'*) fail 2 "$url cannot be downloaded: $reason; see that this version is released, and where PROCTOR_DOWNLOAD leads" ;;
    esac
    return 1
}

download() {
    url=$base/v$version/$asset
    say "downloading $url"
    attempt=1
    until fetched; do
        if [ "$attempt" -ge "$attempts" ]; then
            fail 7 "$url cannot be downloaded, tried $attempts times: ${reason:-no reason was given}; try again later, or name a mirror with PROCTOR_DOWNLOAD"
        fi
        say "attempt $attempt of $attempts: ${reason:-no reason was given}"
        attend sleep "$pause"
        attempt=$((attempt + 1))
        pause=$((pause * 3))
    done
}

install() {
    mkdir -p "$directory" 2>/dev/null || true
    work=$(mktemp -d "$directory/.proctor-XXXXXX" 2>/dev/null) ||
        fail 2 "$directory cannot be written to: choose another folder"
    download
    digest "$work/program"
    if [ "$sum" != "$expected" ]; then
        fail 2 "what $url gave is not what was released: its SHA-256 is $sum, and that of the release $expected; nothing of it was kept"
    fi
    chmod 755 "$work/program" ||
        fail 2 "$work/program cannot be made a program: choose another folder"
    # Within one folder, so that nobody ever sees half a program.
    mv -f "$work/program" "$program" ||
        fail 2 "$program cannot be replaced: see that it is not in use, or choose another folder"
    say "verified and installed as $program"
}

child=
work=
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ $# -ne 2 ] || [ -z "$2" ]; then
    fail 2 "usage: install.sh VERSION DIRECTORY"
fi
version=${1#v}
case $2 in
-*) directory=./$2 ;;
*) directory=$2 ;;
esac
case $version in
*[!0-9A-Za-z.+-]* | '') version= ;;
[0-9]*.[0-9]*.[0-9]*) ;;
*) version= ;;
esac
if [ -z "$version" ]; then
    fail 2 "\`$1\` is no version: write it like 1.2.3"
fi

asset
source_of_releases
released_checksum
hasher
program=$directory/proctor$extension
if [ -f "$program" ]; then
    digest "$program"
    if [ "$sum" = "$expected" ]; then
        say "$program is there already, and is what was released as $version"
        exit 0
    fi
    say "$program is not what was released as $version, and is replaced"
fi
downloader
install
