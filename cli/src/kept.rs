//! The handle file: the runs that go on, written down as soon as each is about to be triggered. A host of WASI hands on no
//! signal, so a program that is stopped says nothing; the file is what is left of it.

use std::{
    cell::{Cell, RefCell},
    path::Path,
};

use crate::{
    edge::convert,
    failure::Failure,
    handles::{self, Entry},
    model::{Handle, Report},
    output,
    session::Session,
    work::Work,
};

/// The handle file of `run`.
pub struct Kept {
    /// As named.
    pub shown: String,
    /// A place for each target.
    entries: RefCell<Vec<Option<Entry>>>,
    has_warned: Cell<bool>,
}

impl Kept {
    /// The file of this name, or one with a number where the file of an earlier job is there.
    ///
    /// # Errors
    /// A usage failure if it cannot be written, or holds runs of others and was asked for by name.
    pub fn choose(shown: &str, is_named: bool, targets: usize) -> Result<Self, Failure> {
        output::probe(Path::new(shown)).map_err(|error| {
            Failure::usage(
                format!("no handle can be written to {shown}: {error}"),
                "give this program a directory that it may write to (`--dir .` of wasmtime), or choose another path \
                 with --handle FILE; nothing was triggered",
            )
        })?;
        let first = handles::there(Path::new(shown), shown);
        let shown = match (first, is_named) {
            (Ok(others), _) if others.is_empty() => shown.to_owned(),
            (Ok(others), true) => return Err(handles::unreported(shown, others.len())),
            (Err(failure), true) => return Err(failure),
            (_, false) => (2u32..)
                .map(|number| output::numbered(shown, number))
                .find(|name| !Path::new(name).exists())
                .expect("there are fewer files than numbers"),
        };
        Ok(Self {
            shown,
            entries: RefCell::new(vec![None; targets]),
            has_warned: Cell::new(false),
        })
    }

    /// Writes down what is, or is about to be, triggered for the target at this place; forgets what had no effect.
    pub fn note(&self, session: &Session, at: usize, work: &Work, handle: &Handle) {
        let entry = Some(entry(work, handle)).filter(|it| handles::is_begun(&it.handle));
        self.entries.borrow_mut()[at] = entry;
        if let Err(error) = self.write()
            && !self.has_warned.replace(true)
        {
            session.terminal.warn(&format!(
                "{} cannot be written: {error}; a run would be lost if this program were stopped",
                self.shown
            ));
        }
    }

    /// Leaves the runs in the file that go on after all, and says so.
    ///
    /// # Errors
    /// An internal failure that names the runs, if the file cannot be written.
    pub fn settle(
        &self,
        session: &Session,
        works: &[Work],
        reports: &[Report],
    ) -> Result<(), Failure> {
        let all = works.iter().zip(reports);
        let entries = all.map(|(work, report)| report.handle.as_ref().map(|it| entry(work, it)));
        self.entries.replace(entries.collect());
        self.write().map_err(|error| {
            let entries = self.entries.borrow();
            let named = entries.iter().flatten().map(|entry| {
                let ids = handles::ids(&entry.handle).join(", ");
                format!("{}: {ids}", entry.target.name)
            });
            Failure::internal(
                format!(
                    "{} cannot be brought up to date: {error}",
                    self.shown
                ),
                "remove the file if all of its runs have ended; else stop them at the service, or wait for them there",
            )
            .details(named.collect::<Vec<_>>().join("\n"))
        })?;
        offer(
            session,
            self.entries.borrow().iter().flatten().count(),
            &self.shown,
        );
        Ok(())
    }

    fn write(&self) -> std::io::Result<()> {
        let entries: Vec<Entry> = self.entries.borrow().iter().flatten().cloned().collect();
        handles::keep(Path::new(&self.shown), &entries, false)
    }
}

/// Says what can be done about runs that go on.
pub fn offer(session: &Session, runs: usize, shown: &str) {
    let runs = match runs {
        0 => return,
        1 => "1 run goes on at its service, or may".to_owned(),
        many => format!("{many} runs go on at their services, or may"),
    };
    session.terminal.note(&format!(
        "{runs}; follow with `wait {shown}`, stop with `cancel {shown}`"
    ));
}

fn entry(work: &Work, handle: &Handle) -> Entry {
    let planned = &work.planned;
    let handle = convert::handle_out(handle.clone());
    Entry::new(&planned.target, handle, planned.key_env.clone(), None)
}
