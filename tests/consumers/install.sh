#!/bin/sh
# Installs the programs that read Proctor's reports in life into the folder named by the first argument.
# One that cannot be installed is told of; the tests that need it say `skipped` then.
venv=$1
if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import junitparser' 2>/dev/null; then
    exit 0
fi
if ! command -v python3 >/dev/null 2>&1; then
    echo "skipped: python3 is not there, so JUnit files are not read by junitparser"
    exit 0
fi
if python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check junitparser==5.0.3; then
    exit 0
fi
echo "skipped: junitparser cannot be installed, so JUnit files are not read by it"
