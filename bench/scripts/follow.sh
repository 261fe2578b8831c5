#!/bin/sh
# What a pipeline does without Proctor, by the calls that Keploy documents for CI: start a run, ask for the job's state every
# ten seconds for ten minutes, and pass or fail by its word.
#
# API, KEY, APP and SYSTEM say where and what; PAUSE and TRIES take the place of the documented ten seconds and sixty times.
job=$(curl -s -X POST "$API/apps/$APP/test-suites/run" \
    -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
    -d "{\"base_url\": \"$SYSTEM\"}" | jq -r .data.job_id)
echo "job $job"

tries=0
while [ "$tries" -lt "${TRIES:-60}" ]; do
    status=$(curl -s "$API/jobs/$job" -H "Authorization: Bearer $KEY" | jq -r .data.job_status)
    echo "$status"
    case $status in
        COMPLETED)
            echo "tests passed"
            exit 0
            ;;
        FAILED)
            echo "tests failed"
            exit 1
            ;;
    esac
    tries=$((tries + 1))
    sleep "${PAUSE:-10}"
done
echo "gave up"
exit 1
