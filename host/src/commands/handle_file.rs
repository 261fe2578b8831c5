//! The handle file of `proctor run`: which file it is, and what stands in it before, while, and after the runs are reported.

use std::path::Path;

use crate::{
    bindings::proctor::ci::types::Report,
    failure::Failure,
    handles::{self, Entry},
    output,
};

use super::{
    aside::Aside,
    conclude::{going, going_on, offered},
    follow::Assignment,
    resume::Kept,
    session::Session,
};

/// The file to which runs are written that go on.
pub struct HandleFile {
    /// As named.
    shown: String,
    /// Runs in it that this job has nothing to do with.
    others: Vec<Entry>,
    /// Runs in it that this job goes on with, by the places of their targets.
    ours: Vec<(usize, Entry)>,
}

impl HandleFile {
    /// The file of this name, or one with a number where the file of an earlier job is there. Runs with which this job goes on
    /// are its own.
    ///
    /// # Errors
    /// A usage failure if the file holds runs of others and `is_named`: that one was asked for, and nobody else knows of them.
    pub fn choose(
        session: &Session,
        shown: &str,
        is_named: bool,
        kept: Option<&Kept>,
    ) -> Result<Self, Failure> {
        let first = Self::read(session, shown, kept);
        if is_named {
            let file = first?;
            return match file.others.len() {
                0 => Ok(file),
                count => Err(handles::unreported(shown, count)),
            };
        }
        // A workspace may keep the file of an earlier job: that must not keep this one from running.
        let numbers = (2u32..).map(|number| numbered(shown, number));
        let mut files = std::iter::once(first)
            .chain(numbers.map(|name| Self::read(session, &name, kept)))
            .flatten();
        let file = files.find(|file| file.others.is_empty() || !file.ours.is_empty());
        Ok(file.expect("there are fewer files than numbers"))
    }

    /// Its name, as it is shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn read(session: &Session, shown: &str, kept: Option<&Kept>) -> Result<Self, Failure> {
        let mut file = Self {
            shown: shown.to_owned(),
            others: Vec::new(),
            ours: Vec::new(),
        };
        for entry in handles::there(&session.path(shown), shown)? {
            match kept.and_then(|kept| kept.place_of(&entry)) {
                Some(place) => file.ours.push((place, entry)),
                None => file.others.push(entry),
            }
        }
        Ok(file)
    }

    /// Writes down the runs that go on, so that they can be picked up, beside those that are not reported yet.
    ///
    /// # Errors
    /// An internal failure that names the runs, if the file cannot be written.
    pub fn write(
        &self,
        session: &Session,
        assignments: &[Assignment],
        reports: &[Report],
    ) -> Result<(), Failure> {
        let entries = going_on(assignments, reports);
        if entries.is_empty() {
            return Ok(());
        }
        let shown = &self.shown;
        let unreported = self
            .ours
            .iter()
            .filter(|(place, _)| !goes_on(reports, *place));
        let unreported = unreported.map(|(_, entry)| entry.clone());
        let all = self.all(entries.iter().cloned().chain(unreported));
        handles::write(&session.path(shown), &all).map_err(|error| {
            let ids: Vec<String> = entries
                .iter()
                .map(|entry| {
                    format!(
                        "{}: {}",
                        entry.target.name,
                        handles::ids(&entry.handle).join(", ")
                    )
                })
                .collect();
            Failure::internal(
                format!(
                    "{}, but the handle cannot be written to {shown}: {error}",
                    going(&entries)
                ),
                "stop the runs at the service, or wait for them there",
            )
            .details(ids.join("\n"))
        })?;
        session.console.note(&offered(session, &entries, shown));
        Ok(())
    }

    /// Writes down that nothing was started, for whoever is to wait for it.
    ///
    /// # Errors
    /// An internal failure if the file cannot be written.
    pub fn write_left_out(&self, session: &Session, aside: &Aside) -> Result<(), Failure> {
        let shown = &self.shown;
        handles::write_left_out(&session.path(shown), &aside.left_out()).map_err(|error| {
            Failure::internal(
                format!("nothing was started, which cannot be written to {shown}: {error}"),
                "see that the path stays writable, or choose another with --handle FILE",
            )
        })?;
        let note = format!("nothing was started; `proctor wait {shown}` says so once more");
        session.console.note(&note);
        Ok(())
    }

    /// Takes the runs out of the file that are reported.
    pub fn settle(&self, session: &Session, assignments: &[Assignment], reports: &[Report]) {
        if self.ours.iter().all(|(place, _)| goes_on(reports, *place)) {
            return;
        }
        let all = self.all(going_on(assignments, reports).into_iter());
        if let Err(error) = handles::keep(&session.path(&self.shown), &all, false) {
            session.console.warn(&format!(
                "{} cannot be brought up to date: {error}; remove it if its runs have ended",
                self.shown
            ));
        }
    }

    fn all(&self, own: impl Iterator<Item = Entry>) -> Vec<Entry> {
        self.others.iter().cloned().chain(own).collect()
    }
}

fn goes_on(reports: &[Report], place: usize) -> bool {
    reports
        .get(place)
        .is_some_and(|report| report.handle.is_some())
}

/// The name with a number that no file has.
pub fn free_name(session: &Session, shown: &str) -> String {
    (2u32..)
        .map(|number| numbered(shown, number))
        .find(|name| !session.path(name).exists())
        .expect("there are fewer files than numbers")
}

fn numbered(shown: &str, number: u32) -> String {
    let name = output::numbered(Path::new(shown), number);
    name.to_string_lossy().into_owned()
}
