#![cfg_attr(any(fuzzing, feature = "libfuzzer"), no_main)]

proctor_fuzz::target!("reports");
