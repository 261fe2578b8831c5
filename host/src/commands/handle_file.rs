//! The handle file of `proctor run`: which file it is, and what stands in it before, while, and after the runs are reported.

use std::{io, path::Path};

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
    /// The name that was asked for.
    named: String,
    /// That name, or the one with a number that was taken in its place.
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
        let read = |name: &str| Self::read(session, shown, name, kept);
        let first = read(shown);
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
            .chain(numbers.map(|name| read(&name)))
            .flatten();
        let file = files.find(|file| file.others.is_empty() || !file.ours.is_empty());
        Ok(file.expect("there are fewer files than numbers"))
    }

    /// Its name, as it is shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn read(
        session: &Session,
        named: &str,
        shown: &str,
        kept: Option<&Kept>,
    ) -> Result<Self, Failure> {
        let mut file = Self {
            named: named.to_owned(),
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
        &mut self,
        session: &Session,
        assignments: &[Assignment],
        reports: &[Report],
    ) -> Result<(), Failure> {
        let entries = going_on(assignments, reports);
        if entries.is_empty() {
            return Ok(());
        }
        let unreported = self
            .ours
            .iter()
            .filter(|(place, _)| !goes_on(reports, *place));
        let unreported = unreported.map(|(_, entry)| entry.clone());
        let all = self.all(entries.iter().cloned().chain(unreported));
        let written = handles::text(&all).and_then(|text| self.put(session, &text));
        let shown = &self.shown;
        written.map_err(|error| {
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
    pub fn write_left_out(&mut self, session: &Session, aside: &Aside) -> Result<(), Failure> {
        let text = handles::text_left_out(&aside.left_out());
        let written = text.and_then(|text| self.put(session, &text));
        let shown = &self.shown;
        written.map_err(|error| {
            Failure::internal(
                format!("nothing was started, which cannot be written to {shown}: {error}"),
                "see that the path stays writable, or choose another with --handle FILE",
            )
        })?;
        let note = format!("nothing was started; `proctor wait {shown}` says so once more");
        session.console.note(&note);
        Ok(())
    }

    /// Writes the file. While the runs went on, another job may have written its own runs to the same one: then it takes a name
    /// with a number, even where another was asked for, as a run that nobody knows of is worse than a file of another name.
    fn put(&mut self, session: &Session, text: &str) -> io::Result<()> {
        let path = session.path(&self.shown);
        if !self.ours.is_empty() || may_be_replaced(&path, &self.shown) {
            return output::write(&path, text);
        }
        let written = output::write_new(&session.path(&self.named), text)?;
        let name = written.file_name().unwrap_or_default();
        let shown = Path::new(&self.named).with_file_name(name);
        self.shown = shown.to_string_lossy().into_owned();
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

/// Whether there is a handle file that names no run. A folder, which cannot be replaced, is told of by whoever tries to.
fn may_be_replaced(path: &Path, shown: &str) -> bool {
    match handles::there(path, shown) {
        Ok(runs) => runs.is_empty() && path.exists(),
        Err(_) => path.is_dir(),
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
