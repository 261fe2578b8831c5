#!/usr/bin/env bash
# The step of the GitHub action: gets Proctor, and becomes it.
#
# All it knows comes from the environment: the inputs as PROCTOR_ACTION_…, which action.yml sets, and what the runner
# tells. Nothing of that is ever evaluated: every input is one argument, or one argument a line.
#
# The runner tells a step that is cancelled by SIGINT to its top process and to no other. So this script ends by becoming
# Proctor (`exec`), and whatever it does before that runs beside it, so that it can be stopped.
#
# Written for bash 3.2, which macOS has: an empty array counts as unset there.
set -euo pipefail

top=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || {
    echo '::error title=Proctor::the folder of the action cannot be entered: see what the runner may read'
    exit 2
}
repository=proctor-ci/proctor

# ---- what is told ----

# One line of a workflow command. Source: actions/toolkit, command.ts.
escape() {
    local text=$1
    text=${text//\%/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '%s' "$text"
}

# Text of others as one line, which cannot be taken for a command when it stands within one of ours.
quote() {
    local text=${1//[[:cntrl:]]/ }
    if [ ${#text} -gt 200 ]; then
        text=${text:0:200}…
    fi
    printf '\140%s\140' "${text//##\[/# #[}"
}

# Only for values without a line break.
output() {
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
    fi
}

# The end of the step before there was a run: with an annotation, and the outputs that Proctor would have written.
fail() {
    close_group
    printf '::error title=Proctor::%s\n' "$(escape "$2")"
    output verdict errored || true
    output exit-code "$1" || true
    exit "$1"
}

# Lines that the log shows folded. An annotation within them would be folded too.
group=
open_group() {
    group=open
    printf '::group::%s\n' "$1"
}

close_group() {
    if [ -n "$group" ]; then
        group=
        echo '::endgroup::'
    fi
}

# ---- inputs ----

# Cuts blanks off both ends. Leaves the rest in `text`.
trim() {
    text=${1#"${1%%[![:space:]]*}"}
    text=${text%"${text##*[![:space:]]}"}
}

# The lines of an input that are not blank; of some also what stands between commas. Leaves them in `items`.
split() {
    local line input=$1
    items=()
    if [ "${2:-}" = commas ]; then
        input=${input//,/$'\n'}
    fi
    while IFS= read -r line || [ -n "$line" ]; do
        trim "$line"
        if [ -n "$text" ]; then
            items+=("$text")
        fi
    done <<<"$input"
}

# An input that is a flag with a value.
option() {
    trim "$2"
    if [ -n "$text" ]; then
        flags+=("--$1=$text")
    fi
}

# An input that is a flag or not.
switch() {
    trim "$2"
    case $text in
    true | True | TRUE) flags+=("--$1") ;;
    false | False | FALSE | '') ;;
    *) fail 2 "the input $(quote "$1") is $(quote "$text"): write true or false" ;;
    esac
}

# An input that is a flag for each of its items.
options() {
    local item
    split "$2" "${3:-}"
    for item in ${items[@]+"${items[@]}"}; do
        flags+=("--$1=$item")
    done
}

# An input that takes one of some words. Leaves it in `text`.
choice() {
    local name=$1 value=$2 word
    shift 2
    trim "$value"
    for word in "$@"; do
        if [ "$text" = "$word" ]; then
            return
        fi
    done
    fail 2 "the input $(quote "$name") is $(quote "$text"): choose one of $*"
}

# What `proctor run` gets. Leaves it in `flags` and `targets`.
read_flags() {
    local item
    flags=()
    option config "${PROCTOR_ACTION_CONFIG:-}"
    option provider "${PROCTOR_ACTION_PROVIDER:-}"
    options set "${PROCTOR_ACTION_SET:-}"
    for item in ${items[@]+"${items[@]}"}; do
        case $item in
        [!=]*=*) ;;
        *) fail 2 "the input \`set\` has the line $(quote "$item"): write NAME=VALUE, each on a line of its own" ;;
        esac
    done
    option api-url "${PROCTOR_ACTION_API_URL:-}"
    option timeout "${PROCTOR_ACTION_TIMEOUT:-}"
    option jobs "${PROCTOR_ACTION_JOBS:-}"
    option fail-on "${PROCTOR_ACTION_FAIL_ON:-}"
    options report "${PROCTOR_ACTION_REPORTS:-}" commas
    switch allow-empty "${PROCTOR_ACTION_ALLOW_EMPTY:-}"
    switch exit-zero "${PROCTOR_ACTION_EXIT_ZERO:-}"
    option publish "${PROCTOR_ACTION_PUBLISH:-}"
    option comment "${PROCTOR_ACTION_COMMENT:-}"
    comment=$text
    option on-interrupt "${PROCTOR_ACTION_ON_INTERRUPT:-}"
    switch no-wait "${PROCTOR_ACTION_NO_WAIT:-}"
    option handle "${PROCTOR_ACTION_HANDLE:-}"
    switch skip-preflight "${PROCTOR_ACTION_SKIP_PREFLIGHT:-}"
    split "${PROCTOR_ACTION_ARGS:-}"
    flags+=(${items[@]+"${items[@]}"})
    split "${PROCTOR_ACTION_TARGETS:-}" commas
    targets=(${items[@]+"${items[@]}"})
    trim "${PROCTOR_ACTION_PROVIDER:-}"
    if [ -n "$text" ] && [ ${#targets[@]} -gt 0 ]; then
        fail 2 "both \`provider\` and \`targets\` are given: name targets of the configuration file, or a service to run tests at without one"
    fi
}

read_inputs() {
    # Only gh gets it, and Proctor if it is to comment: what builds the program has no use for it.
    token=${PROCTOR_ACTION_TOKEN:-}
    unset PROCTOR_ACTION_TOKEN
    choice command "${PROCTOR_ACTION_COMMAND:-run}" run install
    command=$text
    read_flags
    if [ "$command" = install ] && [ $((${#flags[@]} + ${#targets[@]})) -gt 0 ]; then
        fail 2 "with \`command: install\` nothing is run, so inputs that say what to run have no use: leave them out"
    fi
    choice attestation "${PROCTOR_ACTION_ATTESTATION:-auto}" auto required off
    attestation=$text
    trim "${PROCTOR_ACTION_BINARY:-}"
    binary=$text
    trim "${PROCTOR_ACTION_VERSION:-}"
    version=${text#v}
    if [ -n "$binary" ] && [ -n "$version" ]; then
        fail 2 "both \`binary\` and \`version\` are given: use a program that is there, or install one"
    fi
    case $version in
    '' | source) ;;
    *[!0-9A-Za-z.+-]*) fail 2 "the input \`version\` is $(quote "$text"): write it like 1.2.3, or \`source\`" ;;
    [0-9]*.[0-9]*.[0-9]*) ;;
    *) fail 2 "the input \`version\` is $(quote "$text"): write it like 1.2.3, or \`source\`" ;;
    esac
    trim "${PROCTOR_ACTION_WORKING_DIRECTORY:-}"
    directory=${text:-.}
    if [ ! -d "$directory" ]; then
        fail 2 "the input \`working-directory\` is $(quote "$directory"), which is no folder in $(quote "$PWD"): see that the repository is checked out"
    fi
}

# ---- processes beside this one ----

child=

# Runs a command as a group of processes of its own, all of which end if this script is told to stop.
attend() {
    local status=0
    set -m
    "$@" &
    child=$!
    set +m
    wait "$child" || status=$?
    child=
    return "$status"
}

interrupted() {
    trap '' HUP INT TERM
    if [ -n "$child" ]; then
        kill -TERM -- "-$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    # A signal finds this script with its output where that of the command beside it goes.
    echo "Proctor was told to stop before it had started anything" >&3
    output verdict cancelled || true
    output exit-code "$1" || true
    exit "$1"
}

# ---- the program ----

# The version that this action was released with.
own_version() {
    sed -n '/^\[workspace\.package\]/,/^version/s/^version *= *"\([^"]*\)".*/\1/p' "$top/Cargo.toml"
}

# A folder of the tool cache, as actions/tool-cache lays it out; of the runner's temporary folder if that is closed.
cache_folder() {
    local root
    case ${RUNNER_ARCH:-$(uname -m)} in
    ARM64 | aarch64 | arm64) arch=arm64 ;;
    *) arch=x64 ;;
    esac
    for root in "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}" "${TMPDIR:-/tmp}"; do
        folder=$(portable "$root")/proctor/$1/$arch
        if [ -n "$root" ] && mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ]; then
            return
        fi
    done
    fail 2 "there is no folder to install to: RUNNER_TOOL_CACHE and RUNNER_TEMP cannot be written to"
}

# A file for what a command says, which is gone with the job.
scratch() {
    printf '%s\n' "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/proctor-$1-$$"
}

# Empties a file, or makes it.
writable() {
    true >"$1" || fail 2 "$(quote "$1") cannot be written: see that its folder is there, and that the disk has room"
}

# Has GitHub's own program look whether the release workflow built this one. Prints why if it is not asked.
attested() {
    if [ "${GITHUB_SERVER_URL:-https://github.com}" != https://github.com ]; then
        echo "this is not github.com, where the attestations are"
    elif ! command -v gh >/dev/null 2>&1; then
        echo "gh is not there"
    elif [ -z "$token" ]; then
        echo "gh has no token to ask with"
    # Without -q: grep would end before gh has said all, and gh would fail.
    elif ! gh attestation verify --help 2>/dev/null | grep -- --signer-workflow >/dev/null; then
        echo "gh is too old to verify attestations"
    else
        GH_TOKEN=$token GH_PROMPT_DISABLED=1 attend gh attestation verify "$program" \
            --repo "$repository" --signer-workflow "$repository/.github/workflows/release.yml" >&2 || return 1
    fi
}

verify_attestation() {
    local reason log
    log=$(scratch attestation)
    writable "$log"
    # Not in $( ): that would wait for gh in the foreground, and no signal would be heard meanwhile.
    if ! attested >"$log"; then
        rm -f "$program" "$folder.complete" "$log" || true
        fail 2 "the attestation of Proctor $version was refused: what was downloaded is not what $repository built, or it cannot be told; the log above has gh's words. Nothing of it was kept"
    fi
    reason=$(cat "$log") || fail 2 "$(quote "$log") cannot be read, which says whether the attestation was looked at"
    rm -f "$log" || true
    if [ -n "$reason" ] && [ "$attestation" = required ]; then
        rm -f "$program" "$folder.complete" || true
        fail 2 "the attestation of Proctor $version cannot be verified: $reason. With \`attestation: auto\` the checksum that comes with this action is enough"
    elif [ -n "$reason" ]; then
        echo "its attestation was not looked at, as $reason; the checksum that comes with this action is right"
    else
        echo attested >"$folder.complete" || fail 2 "$(quote "$folder.complete") cannot be written: see that the tool cache has room"
    fi
}

use_release() {
    local log status=0
    version=${version:-$(own_version)}
    cache_folder "$version"
    program=$folder/proctor
    if [ "${RUNNER_OS:-}" = Windows ]; then
        program=$program.exe
    fi
    log=$(scratch install)
    writable "$log"
    attend "$BASH" "$top/resources/proctor/install.sh" "$version" "$folder" 2>"$log" || status=$?
    cat "$log" || true
    if [ "$status" -ne 0 ]; then
        # 1 would say that a test failed.
        if [ "$status" -eq 1 ]; then
            status=2
        fi
        text=$(tail -n 1 "$log") || text='see the log above'
        rm -f "$log" || true
        fail "$status" "Proctor $version could not be installed: ${text#proctor: }"
    fi
    rm -f "$log" || true
    if [ ! -e "$folder.complete" ]; then
        writable "$folder.complete"
    fi
    # Once is enough: the checksum, which is looked at each time, says that it is the same file.
    case $attestation:$(cat "$folder.complete") in
    off:* | auto:attested) ;;
    *) verify_attestation ;;
    esac
}

# In a shell of its own: rustup takes the version of Rust from the folder that cargo is started in.
build() (
    cd -- "$top"
    unset CARGO_BUILD_TARGET
    exec cargo build --locked --release --package proctor-host --bin proctor --target-dir "$1"
)

use_source() {
    if ! command -v cargo >/dev/null 2>&1; then
        fail 2 "\`version: source\` needs cargo: install Rust (https://rustup.rs) in a step before this one, or leave \`version\` out"
    fi
    cache_folder source
    attend build "$(native "$folder")" ||
        fail 2 "Proctor could not be built from $top: the log above has what cargo says"
    program=$folder/release/proctor
    if [ "${RUNNER_OS:-}" = Windows ]; then
        program=$program.exe
    fi
}

use_binary() {
    case $binary in
    */* | *\\*) program=$binary ;;
    *) program=$(command -v -- "$binary") || program= ;;
    esac
    if [ ! -f "$program" ] || [ ! -x "$program" ]; then
        fail 2 "the input \`binary\` is $(quote "$binary"), which is no program: name one by its path, or by its name if it is on PATH"
    fi
    folder=$(CDPATH='' cd -- "$(dirname -- "$program")" && pwd) ||
        fail 2 "the folder of the input \`binary\`, $(quote "$binary"), cannot be entered: see what the runner may read"
    program=$folder/$(basename -- "$program")
}

# A path of the system as this shell writes it, which differs on Windows.
portable() {
    if [ -n "$1" ] && command -v cygpath >/dev/null 2>&1; then
        cygpath -u "$1"
    else
        printf '%s\n' "$1"
    fi
}

# A path as the system itself writes it, for those who are no part of this shell's world.
native() {
    if command -v cygpath >/dev/null 2>&1; then
        cygpath -w "$1"
    else
        printf '%s\n' "$1"
    fi
}

get_program() {
    open_group 'Proctor: getting the program'
    if [ -n "$binary" ]; then
        use_binary
    elif [ "$version" = source ]; then
        use_source
    else
        use_release
    fi
    "$program" --version || fail 2 "$(quote "$program") does not run here: see the log above"
    close_group
    output binary "$(native "$program")" || fail 2 "GITHUB_OUTPUT cannot be written to: see that the runner's disk has room"
    if [ -n "${GITHUB_PATH:-}" ]; then
        native "$(dirname -- "$program")" >>"$GITHUB_PATH" ||
            fail 2 "GITHUB_PATH cannot be written to: see that the runner's disk has room"
    fi
}

main() {
    exec 3>&1
    trap 'interrupted 129' HUP
    trap 'interrupted 130' INT
    trap 'interrupted 143' TERM
    read_inputs
    get_program
    if [ "$command" = install ]; then
        exit 0
    fi
    CDPATH='' cd -- "$directory" ||
        fail 2 "the folder $(quote "$directory") of the input \`working-directory\` cannot be entered: see what the runner may read"
    if [ ${#targets[@]} -gt 0 ]; then
        flags+=(-- "${targets[@]}")
    fi
    # Git's bash for Windows rewrites arguments and variables that look like paths of its own.
    export MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' MSYS2_ENV_CONV_EXCL='*'
    unset "${!PROCTOR_ACTION_@}"
    exec 3>&-
    case $comment in
    '' | never) ;;
    *)
        if [ -n "$token" ] && [ -z "${GITHUB_TOKEN:-}${GITHUB_TOKEN_FILE:-}${GH_TOKEN:-}${GH_TOKEN_FILE:-}" ]; then
            export GITHUB_TOKEN=$token
        fi
        ;;
    esac
    exec "$program" run ${flags[@]+"${flags[@]}"}
}

main
