#!/bin/sh
# Looks whether the annotations of the runs that fail on purpose have reached the pull request: every job whose name
# begins as the first argument has an error at the file and line that the second names (FILE:LINE).
set -eu
begin=$1 file=${2%:*} line=${2##*:}
run=repos/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/attempts/$GITHUB_RUN_ATTEMPT

# The id of a job is that of its check run.
jobs=$(gh api --paginate "$run/jobs?per_page=100" | jq -r --arg begin "$begin" '.jobs[] | select(.name | startswith($begin)) | .id')
if [ -z "$jobs" ]; then
    echo "no job of this run begins with \"$begin\"" >&2
    exit 1
fi
for job in $jobs; do
    all=$(gh api --paginate "repos/$GITHUB_REPOSITORY/check-runs/$job/annotations?per_page=100")
    if ! printf '%s' "$all" | jq -es --arg file "$file" --argjson line "$line" \
        'flatten | any(.annotation_level == "failure" and .path == $file and .start_line == $line)' >/dev/null; then
        printf 'job %s has no error at %s:%s, but %s\n' "$job" "$file" "$line" "$all" >&2
        exit 1
    fi
    echo "job $job has its annotation"
done
