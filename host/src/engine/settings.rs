//! How wasmtime is set up, for the side that compiles (`build/`) and the side that runs alike.
//!
//! Code compiled under other settings is refused when it is loaded, so both sides include this one file.

use wasmtime::Config;

/// Address space set aside for a linear memory before it has to be moved, in bytes.
///
/// wasmtime's own default is 4 GiB with a guard of 32 MiB, which saves bounds checks but is too much for hundreds of
/// instances where address space is limited. Most of a component's time is waiting, so the checks do not show.
const MEMORY_RESERVATION: u64 = 8 << 20;

/// The settings of every engine.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .memory_reservation(MEMORY_RESERVATION)
        .memory_reservation_for_growth(MEMORY_RESERVATION)
        .memory_guard_size(64 << 10)
        .guard_before_linear_memory(false)
        .memory_init_cow(true)
        // For backtraces, which mean nothing in code without names.
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None)
        // What `wasm32-wasip2` emits needs none of these; less to compile is less to trust.
        .wasm_relaxed_simd(false)
        .wasm_simd(false)
        .wasm_tail_call(false)
        .wasm_memory64(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false);
    config
}
