//! All targets in one program: the variable `PROCTOR_FUZZ` names the one that is run.

#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<proctor_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("PROCTOR_FUZZ").expect("PROCTOR_FUZZ names the target");
    proctor_fuzz::named(&name)
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| TARGET(data));
