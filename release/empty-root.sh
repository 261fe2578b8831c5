#!/bin/sh
# Runs a static program in an empty root directory, as in an image made from `scratch`: release/empty-root.sh PROGRAM
#
# There is nothing but the program and an empty folder to work in: no /tmp, no /etc, no /dev, no certificates.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 1 ] || die "usage: release/empty-root.sh PROGRAM"
jail=$(mktemp -d)
served=
end() {
    [ -z "$served" ] || kill "$served" 2>/dev/null || true
    rm -rf "$jail"
}
trap end EXIT
cp "$1" "$jail/proctor"
chmod 755 "$jail" "$jail/proctor"
mkdir "$jail/scratch"

# As the user of the image if that is possible, else as oneself in a namespace.
if [ "$(id -u)" = 0 ]; then
    chown 65532:65532 "$jail/scratch"
    enter="$(command -v chroot) --userspec=65532:65532 $jail"
elif unshare --map-root-user true 2>/dev/null; then
    enter="$(command -v unshare) --map-root-user $(command -v chroot) $jail"
else
    echo "skipped: neither root nor a user namespace, so the program is not run in an empty root directory"
    [ -z "${CI:-}" ]
    exit
fi

# Becomes the program, with nothing but the variables that are given: `become [NAME=VALUE…] ARGUMENT…`
become() {
    variables=
    while [ $# -gt 0 ]; do
        case $1 in
        [A-Z]*=*) variables="$variables $1" ;;
        *) break ;;
        esac
        shift
    done
    # shellcheck disable=SC2086 # words on purpose; none has a blank in it
    exec env -i $variables $enter /proctor "$@"
}

# Runs it, and ends the script unless it ends with this exit code and says this: `expect CODE TEXT [NAME=VALUE…] ARGUMENT…`
expect() {
    code=$1 text=$2
    shift 2
    got=0
    (become "$@") >"$jail/said" 2>&1 || got=$?
    if [ "$got" != "$code" ] || ! grep -qF -- "$text" "$jail/said"; then
        cat "$jail/said" >&2
        die "\`proctor $*\` ended with exit code $got; it should end with $code and say \"$text\""
    fi
    echo "ok: proctor $*"
}

expect 0 "proctor $(cargo_version)" --version
expect 0 "exit code 1" demo --out /scratch/demo
for file in proctor.toml junit.xml results.json summary.md; do
    [ -s "$jail/scratch/demo/$file" ] || die "\`proctor demo\` has not written $file"
done

# Over https, by the certificates that a variable names, and without any store at all.
become sandbox --listen 127.0.0.1:0 --tls /scratch/ca.pem >"$jail/served" 2>&1 &
served=$!
until url=$(grep -oE 'https://127\.0\.0\.1:[0-9]+/keploy/[a-z0-9/]+' "$jail/served"); do
    kill -0 "$served" 2>/dev/null || die "the sandbox does not serve: $(cat "$jail/served")"
    sleep 1
done
key=KEPLOY_API_KEY=kep_sandbox
expect 0 "" "$key" SSL_CERT_FILE=/scratch/ca.pem list --provider keploy --api-url "$url"
expect 7 "UnknownIssuer" "$key" PROCTOR_TIMEOUT=5s --verbose list --provider keploy --api-url "$url"
expect 7 "SSL_CERT_FILE is set" "$key" SSL_CERT_FILE=/none.pem --verbose list --provider keploy --api-url "$url"
