#!/bin/sh
# Lets each target make up input for so many seconds, several side by side, and tells what came of it.
#
#   fuzz/run.sh PROGRAM SECONDS [TARGET...]
#
# PROGRAM is the example `every`, built as `make fuzz` does. New inputs that reach something new go to target/fuzz/corpus and
# are the beginning of the next time; what breaks a target goes to fuzz/artifacts. JOBS says how many targets run at once, and with SEED
# the same is made up each time.
set -eu

program=$1
seconds=$2
shift 2
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(dirname -- "$folder")/target/fuzz

# One target: all that libFuzzer says goes to a file, of which the last line counts.
one() {
    name=$1
    log=$work/$name.log
    mkdir -p "$work/corpus/$name" "$folder/artifacts/$name"
    set -- "$work/corpus/$name" "$folder/corpus/$name"
    if [ -f "$folder/dictionaries/$name.dict" ]; then
        set -- "-dict=$folder/dictionaries/$name.dict" "$@"
    fi
    if [ -n "${SEED:-}" ]; then
        set -- "-seed=$SEED" "$@"
    fi
    if PROCTOR_FUZZ=$name "$program" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=1024 -max_len=6000 \
        -print_final_stats=1 -verbosity=1 "-artifact_prefix=$folder/artifacts/$name/" "$@" >"$log" 2>&1; then
        done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        reached=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
        echo "$name: ${done:-no} inputs, ${reached:-no} places reached, nothing found"
        return
    fi
    # What is wrong comes before what libFuzzer says of it.
    {
        echo "$name: something is wrong"
        sed -n '/panicked at\|ERROR: libFuzzer/,$p' "$log" | head -n 12
        input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
        echo "the whole is in $log; once more, without libFuzzer:"
        echo "  cargo run --package proctor-fuzz --bin $name -- ${input:-INPUT}"
    } >&2
    return 1
}

if [ "${1:-}" = --one ]; then
    one "$2"
    exit
fi
if [ $# -eq 0 ]; then
    for file in "$folder"/fuzz_targets/*.rs; do
        set -- "$@" "$(basename -- "$file" .rs)"
    done
fi
for name in "$@"; do
    if [ ! -f "$folder/fuzz_targets/$name.rs" ]; then
        echo "there is no target $name; those that there are have a file each in $folder/fuzz_targets" >&2
        exit 2
    fi
done
printf '%s\n' "$@" | xargs -n 1 -P "${JOBS:-2}" "$0" "$program" "$seconds" --one
