#!/bin/sh
# Writes the checksums of a release where its users look for them: release/checksums.sh VERSION SHA256SUMS
#
#   resources/proctor/checksums/VERSION.txt   the programs, for resources/proctor/install.sh
#   templates/run/template.yml                the programs for Linux, between `# checksums: begin` and `# checksums: end`
#
# It is run by the release workflow, and changes nothing if anything is wrong.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
# shellcheck source=/dev/null
. "$root/release/common.sh"

[ $# = 2 ] || die "usage: release/checksums.sh VERSION SHA256SUMS"
version=$1 sums=$2
require_version "$version"
[ -r "$sums" ] || die "$sums cannot be read"
template=$root/templates/run/template.yml
table=$root/resources/proctor/checksums/$version.txt
[ -f "$template" ] || die "$template is not there"
# What the template downloads unless it is told otherwise.
for line in "own=$version" "default: \"$version\""; do
    grep -qE "^ *$(printf '%s' "$line" | sed 's/\./\\./g')\$" "$template" ||
        die "$template is of another version: its line \`${line%%[= ]*}\` must be \`$line\`"
done
# What the Jenkins library installs unless it is told otherwise.
library=$root/vars/proctor.groovy
[ -f "$library" ] || die "$library is not there"
line="@Field final String VERSION = '$version'"
grep -qxF -- "$line" "$library" || die "$library is of another version: its line \`${line%% =*}\` must be \`$line\`"

new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

# One line for each program, in the form of sha256sum. Other files of the release are nobody's business here.
for platform in $(platforms); do
    name=$(asset "$platform")
    # In binary mode sha256sum writes an asterisk before the name.
    line=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 "  " name }' "$sums")
    [ -n "$line" ] || die "$name is missing in $sums: all platforms are released together"
    [ "$(printf '%s\n' "$line" | wc -l)" -eq 1 ] || die "$name is twice in $sums"
    printf '%s\n' "$line" | grep -qE '^[0-9a-f]{64}  ' || die "the checksum of $name in $sums is not one of SHA-256"
    printf '%s\n' "$line"
done >"$new/table"

# The jobs of GitLab run on Linux. The lines keep the indentation of the mark before them.
grep -e '-linux-' "$new/table" >"$new/linux"
awk -v lines="$new/linux" '
    /^ *# checksums: end$/ {
        if (!inside) exit 1
        inside = 0
        ends++
    }
    !inside { print }
    /^ *# checksums: begin$/ {
        if (inside) exit 1
        inside = 1
        begins++
        indentation = substr($0, 1, index($0, "#") - 1)
        while ((getline line < lines) > 0) print indentation line
    }
    END { if (begins != 1 || ends != 1) exit 1 }
' "$template" >"$new/template" ||
    die "$template needs one line \"# checksums: begin\" and after it one line \"# checksums: end\""

mkdir -p "$(dirname "$table")"
cp "$new/table" "$table"
cp "$new/template" "$template"
echo "wrote $table and $template"
