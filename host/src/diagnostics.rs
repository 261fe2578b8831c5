//! Diagnostics: what Proctor and the libraries in it tell of themselves, for whoever looks for a fault.
//!
//! Each is a record of the crate `log` with a level and a path, `proctor::network` or `proctor::service::keploy`. Nothing is
//! told unless it is asked for, and nothing of it goes anywhere but to standard error.

mod filter;

use std::{
    fmt::Arguments,
    sync::{Arc, OnceLock},
};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::console::Console;
pub use filter::Filter;

/// What is before the name of a user's target, where a record says whose it is.
const TARGET: &str = "target::";

/// Tells something of a target: its level, its path, the target's name or an empty one, and text as for `format!`.
macro_rules! note {
    ($level:ident, $path:literal, $target:expr, $($text:tt)+) => {
        if log::Level::$level <= log::max_level() {
            $crate::diagnostics::tell(log::Level::$level, $path, $target, format_args!($($text)+));
        }
    };
}
pub(crate) use note;

/// As [`note!`], which asks first whether anybody listens.
pub fn tell(level: Level, path: &str, target: &str, text: Arguments<'_>) {
    // `log` knows one name for a record. The place of the module holds the second.
    let whose = format!("{TARGET}{target}");
    let record = Record::builder()
        .level(level)
        .target(path)
        .module_path(Some(&whose))
        .args(text)
        .build();
    log::logger().log(&record);
}

/// Whether anybody may listen to the finest of all records.
#[must_use]
pub fn is_finest() -> bool {
    log::max_level() >= LevelFilter::Trace
}

/// Lets the records of this process come to its console. Only the first time counts.
pub fn listen(console: &Arc<Console>) {
    let most = console.filter().most();
    if most == LevelFilter::Off {
        return;
    }
    if CONSOLE.set(Arc::clone(console)).is_ok() && log::set_logger(&Bridge).is_ok() {
        log::set_max_level(most);
    }
}

static CONSOLE: OnceLock<Arc<Console>> = OnceLock::new();

/// From the records of the process to its console.
struct Bridge;

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        CONSOLE.get().is_some_and(|console| {
            let filter = console.filter();
            filter.lets_through(metadata.level(), metadata.target(), None)
        })
    }

    fn log(&self, record: &Record<'_>) {
        let whose = record.module_path();
        let whose = whose.and_then(|whose| whose.strip_prefix(TARGET));
        let whose = whose.filter(|name| !name.is_empty());
        if let Some(console) = CONSOLE.get() {
            console.record(record.level(), record.target(), whose, &record.args());
        }
    }

    fn flush(&self) {}
}
