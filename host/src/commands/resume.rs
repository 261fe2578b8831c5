//! What an earlier life of this job has begun, and keeping what this one begins.

use std::{io, path::PathBuf, sync::Arc};

use crate::{
    bindings::proctor::ci::types::{Code, Event, Handle, Problem, Report, Stage},
    ci::job,
    config::{options::Resume, plan::Planned},
    console::Console,
    engine::Keep,
    failure::Failure,
    handles::{Again, Entry},
    state::{self, Slot, State, Taken},
};

use super::{session::Session, settled::Settled, supersede};

/// Why nothing may be sent that cannot be kept.
const UNKEPT: &str = "nothing is sent that a later life of this job could not know of";

/// Who acts where the machine does not let anything be kept.
const MACHINE: &str = "whoever looks after the machine that this ran on";

/// The most runs that are named one by one.
const MOST_NAMED: usize = 5;

/// A place for each target, in their order; none if nobody asked for it.
pub struct Kept(Vec<Place>);

struct Place {
    slot: Arc<Slot>,
    /// What an earlier life has begun, to be gone on with.
    known: Option<Known>,
    /// What an earlier life has begun, even if it is not gone on with.
    kept: Option<Handle>,
    /// Where it is kept, for people.
    shown: String,
}

/// What is not done with of a target.
pub struct Left {
    pub handle: Handle,
    /// Set if it is a run of a part of the target.
    pub again: Option<Again>,
}

/// Keeps what is begun of one target.
#[derive(Clone)]
pub struct Keeper {
    slot: Arc<Slot>,
    shown: String,
    console: Arc<Console>,
    target: String,
}

/// What an earlier life of this job has begun of a target.
#[derive(Debug, Clone)]
pub struct Known {
    pub handle: Handle,
    /// Set if it is a run of a part of the target.
    pub again: Option<Again>,
    /// Where it is kept, for people.
    pub shown: String,
}

impl Kept {
    /// Takes a place for each target and looks what was left there.
    ///
    /// # Errors
    /// A usage failure if the job cannot be told from others, if nothing can be kept, or if what was left cannot be read.
    pub fn find(
        session: &Session,
        settled: &Settled,
        planned: &[Planned],
    ) -> Result<Option<Self>, Failure> {
        let Some(shown) = &settled.state else {
            return match settled.resume {
                Some(Resume::Auto) => Err(Failure::usage(
                    "nothing says where it is kept what an earlier life of this job has begun",
                    "name the directory with --state DIR; nothing was triggered",
                )),
                Some(Resume::Never) | None => Ok(None),
            };
        };
        let directory = session.path(shown);
        let key = settled.state_key.as_deref();
        let job = job::identity(key, &session.environment, &session.directory)?;
        let state = State {
            directory: &directory,
            job: &job,
        };
        state.clear_old();
        let resume = settled.resume.unwrap_or_default();
        let build = supersede::of_now(session, settled);
        let blanks: Vec<Entry> = planned
            .iter()
            .map(|planned| {
                let (key_env, plugin) = (planned.key_env.clone(), planned.plugin.clone());
                Entry {
                    build: build.clone(),
                    ..state::blank(&planned.target, key_env, plugin)
                }
            })
            .collect();
        let taken = match resume {
            Resume::Auto => state.take(&blanks),
            Resume::Never => state.take_all(&blanks),
        };
        let taken = taken.map_err(|error| no_state(shown, &error))?;
        if let Some(error) = taken.iter().find_map(|taken| taken.slot.unlocked()) {
            session.console.warn(&format!(
                "{shown} knows no locks ({error}): see that no two jobs of the same key are at it at once"
            ));
        }
        let places = taken.into_iter().map(|taken| place(shown, resume, taken));
        Ok(Some(Self(places.collect::<Result<_, _>>()?)))
    }

    /// Where the target at this place is kept.
    pub fn file(&self, at: usize) -> Option<String> {
        let place = self.0.get(at)?;
        Some(place.slot.path().to_string_lossy().into_owned())
    }

    /// Whether an entry of a handle file is about what an earlier life of this job has begun, and which of the targets it is.
    pub fn place_of(&self, entry: &Entry) -> Option<usize> {
        self.0.iter().position(|place| {
            let of_place = |kept: &Handle| state::is_same_run(kept, &entry.handle);
            state::is_same(place.slot.entry(), entry) && place.kept.as_ref().is_some_and(of_place)
        })
    }

    /// What an earlier life has begun of the target at this place.
    pub fn known(&self, at: usize) -> Option<&Known> {
        self.0.get(at)?.known.as_ref()
    }

    /// What keeps what is begun of the target at this place.
    pub fn keeper(&self, at: usize, session: &Session, target: &str) -> Option<Keeper> {
        let Place { slot, shown, .. } = self.0.get(at)?;
        Some(Keeper {
            slot: Arc::clone(slot),
            shown: shown.clone(),
            console: Arc::clone(&session.console),
            target: target.to_owned(),
        })
    }

    /// Forgets what was reported, and keeps what goes on. `left` is what each target is not done with.
    pub fn settle(&self, session: &Session, left: &[Option<Left>]) {
        let mut kept = 0;
        for (place, left) in self.0.iter().zip(left) {
            let settled = match left {
                Some(Left { handle, again }) => {
                    kept += 1;
                    place.slot.keep(handle, again.as_ref())
                }
                None if place.known.is_some() || place.slot.is_begun() => place.slot.forget(),
                // What was not to be gone on with is forgotten when something takes its place.
                None => Ok(()),
            };
            if let Err(error) = settled {
                session.console.warn(&format!(
                    "{} cannot be brought up to date: {error}; a later life of this job goes by what it says",
                    place.shown
                ));
            }
        }
        if kept > 0 {
            session
                .console
                .note("run this job again, with the same --state, to go on with what is not done");
        }
    }
}

impl Keeper {
    /// Whether a newer build has stopped the run, so that nothing more is to be begun.
    pub fn is_superseded(&self) -> bool {
        self.slot.is_superseded()
    }

    /// Keeps what a call is about to send, and what became of it. `again` is the part of the target that it is about.
    pub fn keep(&self, again: Option<Again>) -> Keep {
        let Self {
            slot,
            shown,
            console,
            target,
        } = self.clone();
        Arc::new(move |event| match event {
            Event::Triggering(handle) => {
                let kept = slot.keep(handle, again.as_ref());
                kept.map_err(|error| Box::new(unkept(&target, &shown, &error)))
            }
            Event::Triggered(handle) => {
                if let Err(error) = slot.keep(handle, again.as_ref()) {
                    // The run goes on, and what was kept before leads to it.
                    let told = format!("{target}: {shown} cannot be brought up to date: {error}");
                    console.warn(&told);
                }
                Ok(())
            }
            _ => Ok(()),
        })
    }
}

fn place(shown: &str, resume: Resume, taken: Taken) -> Result<Place, Failure> {
    let Taken { slot, content } = taken;
    let file = slot.path().file_name().unwrap_or_default();
    let file = PathBuf::from(shown).join(file).display().to_string();
    let kept = match (resume, content) {
        (Resume::Auto, Some(Err(why))) => return Err(unreadable(&file, &why)),
        (_, Some(Ok(entry))) => Some((entry.handle, entry.again)),
        (Resume::Never, Some(Err(_))) | (_, None) => None,
    };
    let known = kept.clone().filter(|_| resume == Resume::Auto);
    Ok(Place {
        slot: Arc::new(slot),
        known: known.map(|(handle, again)| Known {
            handle,
            again,
            shown: file.clone(),
        }),
        kept: kept.map(|(handle, _)| handle),
        shown: file,
    })
}

/// Why a directory cannot serve.
pub fn no_state(shown: &str, error: &io::Error) -> Failure {
    if is_out_of_files(error) {
        let mut failure = Failure::internal(
            format!("nothing can be kept in {shown}: {error}"),
            "raise the number of files that a process may have open (`ulimit -n`); nothing was triggered",
        );
        failure.problem.who = MACHINE.to_owned();
        return failure;
    }
    Failure::usage(
        format!("nothing can be kept in {shown}: {error}"),
        "choose another directory with --state DIR; nothing was triggered",
    )
}

/// Whether it is not the directory's fault. Source: open(2).
#[cfg(unix)]
fn is_out_of_files(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let out = [Errno::MFILE, Errno::NFILE];
    out.iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Source: learn.microsoft.com, "System Error Codes": `ERROR_TOO_MANY_OPEN_FILES`.
#[cfg(not(unix))]
fn is_out_of_files(error: &io::Error) -> bool {
    error.raw_os_error() == Some(4)
}

fn unreadable(file: &str, why: &str) -> Failure {
    Failure::usage(
        format!("what an earlier life of this job has begun cannot be read from {file}: {why}"),
        "look at the service whether a run was started; then remove the file, or start anew with --resume never; \
         nothing was triggered",
    )
}

fn unkept(target: &str, file: &str, error: &io::Error) -> Problem {
    Problem {
        who: MACHINE.to_owned(),
        retriable: true,
        ..Failure::internal(
            format!("{target} was not triggered, as that cannot be written to {file}: {error}; {UNKEPT}"),
            "see that there is room in the directory of --state and that it stays writable, then run again",
        )
        .into_problem()
    }
}

/// The first few, and how many more there are.
pub fn named(all: &[&str]) -> String {
    let shown = all.iter().take(MOST_NAMED).copied().collect::<Vec<_>>();
    match all.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether a report tells that a run may have been started that was not found.
pub fn is_unfound(report: &Report) -> bool {
    let is_sent = report.handle.as_ref().is_some_and(|handle| {
        let mut triggers = handle.triggers.iter();
        triggers.any(|trigger| trigger.stage == Stage::Sent)
    });
    let problem = report.problem.as_ref();
    let is_unknown = |problem: &Problem| matches!(problem.code, Code::Unavailable | Code::Protocol);
    is_sent && problem.is_some_and(is_unknown)
}

impl Known {
    /// What goes on, for people.
    pub fn told(&self) -> String {
        let mut parts = Vec::new();
        let followed = self.ids(Stage::Accepted);
        if !followed.is_empty() {
            let runs = if followed.len() == 1 { "run" } else { "runs" };
            parts.push(format!(
                "following the {runs} {} that an earlier life of this job has started",
                named(&followed)
            ));
        }
        let looked_for = self.ids(Stage::Sent);
        if !looked_for.is_empty() {
            parts.push(format!(
                "looking for the run of {} that an earlier life of this job may have started",
                named(&looked_for)
            ));
        }
        let left = self.ids(Stage::Planned);
        if !left.is_empty() {
            parts.push(format!("triggering what it has left: {}", named(&left)));
        }
        parts.join("; ")
    }

    /// By what people find the triggers of a stage: ids of runs, or the names of what is run.
    fn ids(&self, stage: Stage) -> Vec<&str> {
        let triggers = self.handle.triggers.iter();
        triggers
            .filter(|trigger| trigger.stage == stage)
            .flat_map(|trigger| match (&trigger.job, trigger.runs.as_slice()) {
                (Some(job), _) if stage == Stage::Accepted => vec![job.as_str()],
                (_, []) => vec![trigger.title.as_str()],
                (_, runs) => runs.iter().map(String::as_str).collect(),
            })
            .collect()
    }

    /// Adds to a report what this life has to do with an earlier one.
    pub fn explain(&self, report: &mut Report) {
        report.warnings.insert(0, self.told());
        let is_unfound = is_unfound(report);
        if let (Some(problem), true) = (&mut report.problem, is_unfound) {
            problem.retriable = false;
            problem.who = "whoever sees the runs at the service".to_owned();
            problem.next = format!(
                "look at the service whether a run was started; if there is none, start one with --resume never, or remove {}",
                self.shown
            );
        }
        // To run this job again looks at the same run again.
        if let (Some(problem), Some(_)) = (&mut report.problem, &report.handle)
            && problem.code == Code::ServiceErrored
        {
            problem.next = format!(
                "{}; with --resume never another is started in place of it",
                problem.next
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn many_runs_are_counted() {
        assert_eq!(named(&["a", "b"]), "a, b");
        assert_eq!(named(&["a"; 5]), "a, a, a, a, a");
        assert_eq!(named(&["a"; 300]), "a, a, a, a, a and 295 more");
    }
}
