#!/bin/sh
# Stands before the compiler (RUSTC_WORKSPACE_WRAPPER) and lets it count what is reached, in the code that is fuzzed and
# nowhere else: everything that it depends on stays as the tests have it, and need not be built again.
#
# The counters are those that `cargo fuzz` asks for. Assertions about overflows stay, and for the component some optimisation
# is worth its time, as each function is called a million times; the host takes too long to build with it.
set -eu

name=
before=
for argument in "$@"; do
    if [ "$before" = --crate-name ]; then
        name=$argument
    fi
    before=$argument
done

case $name in
proctor | proctor_fuzz | every)
    set -- "$@" -C opt-level=1 -C debug-assertions=on -C overflow-checks=on
    ;;
esac
case $name in
proctor | proctor_host | proctor_fuzz | every)
    set -- "$@" \
        -C passes=sancov-module \
        -C llvm-args=-sanitizer-coverage-level=4 \
        -C llvm-args=-sanitizer-coverage-inline-8bit-counters \
        -C llvm-args=-sanitizer-coverage-pc-table \
        -C llvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$@"
