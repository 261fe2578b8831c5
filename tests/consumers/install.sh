#!/bin/sh
# Installs the programs that Proctor meets in life into the folder named by the first argument: those that read its
# reports, and a vendor's own client, which shows that the sandbox is what the vendor's service is.
# One that cannot be installed is told of; the tests that need it say `skipped` then.
folder=$1
failed=0

junitparser() {
    if [ -x "$folder/bin/python" ] && "$folder/bin/python" -c 'import junitparser' 2>/dev/null; then
        return
    fi
    if ! command -v python3 >/dev/null 2>&1; then
        echo "skipped: python3 is not there, so JUnit files are not read by junitparser"
        return
    fi
    if python3 -m venv "$folder" && "$folder/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3; then
        return
    fi
    echo "skipped: junitparser cannot be installed, so JUnit files are not read by it"
}

# Testmo's client. Where CI is set it must be possible to install it: the check must not be lost unseen.
testmo_cli() {
    version=1.4.0
    to=$folder/testmo-cli
    package=$to/node_modules/@testmo/testmo-cli/package.json
    if [ -x "$to/node_modules/.bin/testmo" ] && grep -q "\"version\": *\"$version\"" "$package" 2>/dev/null; then
        return
    fi
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
        echo "skipped: node and npm are not there, so the sandbox is not tried with Testmo's own client"
        return
    fi
    if mkdir -p "$to" && npm install --prefix "$to" --no-audit --no-fund --no-save --loglevel=error "@testmo/testmo-cli@$version" >/dev/null; then
        return
    fi
    echo "skipped: @testmo/testmo-cli cannot be installed, so the sandbox is not tried with Testmo's own client"
    if [ -n "$CI" ]; then
        failed=1
    fi
}

junitparser
testmo_cli
exit $failed
