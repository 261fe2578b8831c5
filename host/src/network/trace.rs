//! Every request and its answer, written down for whoever has to find out what went wrong.
//!
//! The file is an HTTP Archive, which browsers and many tools read. Entries go to the disk as they end, so that memory does
//! not grow with their number, and become a file at the end of the command, however it ends.

mod entry;
mod har;
mod mask;
mod spool;
#[cfg(test)]
mod tests;
mod timings;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use serde_json::{Value, json};

use crate::{
    bindings::proctor::ci::types::{Event, Target, Value as SettingValue},
    handles::VARIABLE,
    output,
    secret::{Redactor, Secret},
};
pub use entry::Entry;
use spool::Spool;

/// What the file says of itself.
const ABOUT: &str = "Keys, and what has the name of a secret, are replaced by ***. A secret that nobody has told Proctor of, \
                     under a name like any other, cannot be recognised: look the file through before you show it to others. \
                     Headers that the HTTP client adds by itself are not in it, and sending is part of `wait`.";

/// How each file begins: by this it is known that it is one of Proctor's own.
const MARK: &str = r#"{"log":{"creator":{"name":"Proctor","#;

/// Tells which secrets are known by now.
pub type Known = Box<dyn Fn() -> Redactor + Send + Sync>;

/// A file of all requests. Clones are the same one.
#[derive(Clone)]
pub struct Trace(Arc<Inner>);

struct Inner {
    path: PathBuf,
    known: Known,
    /// The clock that is shown, and the one that counts: the first may jump.
    begun: (SystemTime, Instant),
    state: Mutex<State>,
}

struct State {
    /// None once the file is written.
    spool: Option<Spool>,
    pages: BTreeMap<String, Page>,
    /// How many requests are under way.
    open: u64,
}

/// What heads the entries of a target.
struct Page {
    title: String,
    began: Duration,
}

impl Trace {
    /// Begins a trace that is to be written to `path`, or beside it, if another trace is there.
    ///
    /// # Errors
    /// If nothing can be written there, or if there is a file that is no trace.
    pub fn begin(path: &Path, known: Known) -> io::Result<Self> {
        output::probe(path)?;
        if path.exists() && !output::is_empty(path) && !is_own(path)? {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "there is a file already that is no trace of Proctor's",
            ));
        }
        let spool = Spool::new(&output::folder(path), spool::MOST)?;
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            known,
            begun: (SystemTime::now(), Instant::now()),
            state: Mutex::new(State {
                spool: Some(spool),
                pages: BTreeMap::new(),
                open: 0,
            }),
        })))
    }

    /// What writes down the requests of one call about a target.
    pub(crate) fn watch(&self, target: &Target, plugin: Option<&str>) -> Watch {
        let variables = target.settings.iter().filter_map(|setting| {
            let of_environment = setting.name.starts_with(VARIABLE);
            match &setting.value {
                SettingValue::Text(text) if of_environment => Some(Secret::new(text.as_str())),
                _ => None,
            }
        });
        let variables: Vec<Secret> = variables.collect();
        Watch(Arc::new(Watched {
            trace: self.clone(),
            target: target.name.clone(),
            provider: target.provider.clone(),
            plugin: plugin.map(str::to_owned),
            redactor: (self.0.known)().with(&variables),
            retry: Mutex::default(),
        }))
    }

    /// Writes the file, unless nothing was asked. Only the first time counts; what ends later is not in it. Returns where
    /// it is, if that is another place than was wanted: nothing is replaced.
    ///
    /// # Errors
    /// If it cannot be written, or not all of it.
    pub fn end(&self) -> io::Result<Option<PathBuf>> {
        let mut state = self.state();
        let Some(mut spool) = state.spool.take() else {
            return Ok(None);
        };
        if spool.is_empty() && state.open == 0 {
            return Ok(None);
        }
        let heading = self.heading(&state, &spool);
        let written = output::write_private(&self.0.path, |file| {
            // One object, whose last member is written entry by entry.
            let version = json!(env!("CARGO_PKG_VERSION"));
            write!(file, "{MARK}\"version\":{version}}},")?;
            let heading = heading.to_string();
            file.write_all(&heading.as_bytes()[1..heading.len() - 1])?;
            file.write_all(b",\"entries\":[\n")?;
            spool.write_to(file)?;
            file.write_all(b"\n]}}\n")
        })?;
        match spool.fault() {
            Some(fault) => Err(io::Error::new(fault.kind(), fault.to_string())),
            None => Ok((written != self.0.path).then_some(written)),
        }
    }

    /// Everything but the entries and who wrote it.
    fn heading(&self, state: &State, spool: &Spool) -> Value {
        let pages: Vec<Value> = state
            .pages
            .iter()
            .map(|(id, page)| {
                json!({
                    "id": id,
                    "title": page.title,
                    "startedDateTime": self.shown(page.began),
                    "pageTimings": { "onContentLoad": -1, "onLoad": -1 },
                })
            })
            .collect();
        let mut comment = ABOUT.to_owned();
        if spool.dropped() > 0 {
            comment += &format!(
                " {} requests at the end are missing, as the file takes {} MiB.",
                spool.dropped(),
                spool::MOST >> 20
            );
        }
        if state.open > 0 {
            comment += &format!(" {} requests were still under way.", state.open);
        }
        json!({
            "version": "1.2",
            "pages": pages,
            "comment": comment,
        })
    }

    /// A moment as people read it.
    fn shown(&self, since: Duration) -> String {
        humantime::format_rfc3339_micros(self.0.begun.0 + since).to_string()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a file is a trace that Proctor has written.
fn is_own(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    let file = File::open(path)?;
    file.take(MARK.len() as u64).read_to_end(&mut start)?;
    Ok(start == MARK.as_bytes())
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trace")
    }
}

/// Writes down the requests of one call about a target. Clones are the same one.
#[derive(Clone)]
pub struct Watch(Arc<Watched>);

struct Watched {
    trace: Trace,
    target: String,
    provider: String,
    plugin: Option<String>,
    redactor: Redactor,
    /// A call that the component said it would make again, and what it said of it.
    retry: Mutex<Option<(String, String)>>,
}

impl Watch {
    /// Takes note of an event: a component tells that it will ask again before it does.
    pub(crate) fn hear(&self, event: &Event) {
        if let Event::Retrying(retry) = event {
            let attempt = retry.attempt.saturating_add(1);
            let told = format!("attempt {attempt} of {}: {}", retry.call, retry.reason);
            let told = self.0.redactor.redact(&told).into_owned();
            *self.retry() = Some((retry.call.clone(), told));
        }
    }

    /// What was said of this request, if it is the one that is made again.
    fn repeated(&self, method: &str, path: &str) -> Option<String> {
        self.retry()
            .take_if(|(call, _)| {
                let (of, to) = call.split_once(' ').unwrap_or_default();
                of == method && path.ends_with(to)
            })
            .map(|(_, told)| told)
    }

    fn retry(&self) -> MutexGuard<'_, Option<(String, String)>> {
        self.0.retry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn title(&self) -> String {
        match &self.0.plugin {
            Some(plugin) => format!("{} ({}, plugin {plugin})", self.0.target, self.0.provider),
            None => format!("{} ({})", self.0.target, self.0.provider),
        }
    }
}
