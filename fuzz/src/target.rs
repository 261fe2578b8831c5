//! What each file in `fuzz_targets/` is made of.

/// The program of one target: libFuzzer's, or, built without it, one that runs the target on the files it is given.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[cfg(any(fuzzing, feature = "libfuzzer"))]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::named($name)(data));

        #[cfg(not(any(fuzzing, feature = "libfuzzer")))]
        fn main() -> std::process::ExitCode {
            $crate::replay($crate::named($name))
        }
    };
}
