//! Opening the run and the thread, or going on in those of an earlier time.

use serde_json::{Map, Value};

use super::{Place, Session};
use crate::api::{Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};
use crate::services::testmo::publish::lot::Lot;
use crate::services::testmo::publish::remote::{
    SeenRun, create_run, create_thread, have_arrived, look,
};
use crate::services::testmo::publish::wish::Wish;

impl Session {
    /// Looks what became of the run of an earlier time, and whether the tests in doubt have arrived.
    pub(super) fn look_back(&mut self, client: &mut Client) -> Result<(), Problem> {
        if !self.is_old {
            return Ok(());
        }
        let Some(run) = self.place.run.clone() else {
            self.is_old = false;
            return Ok(());
        };
        match look(client, &run) {
            Ok(seen) => self.go_on(client, &run, &seen)?,
            // DOC: a 404 may also mean that the key has no access. What is surely there is not sent again either way.
            Err(failure) if is_gone(&failure) && self.place.in_doubt == 0 => {
                client.warn(format!("run {run} is not found; the rest goes elsewhere"));
                self.place = Place::default();
            }
            Err(failure) if is_gone(&failure) => return Err(vanished(&failure)),
            Err(failure) => return Err(failure.problem(Phase::AfterTrigger)),
        }
        self.is_old = false;
        Ok(())
    }

    /// Goes on in the thread, in the run, or elsewhere.
    fn go_on(&mut self, client: &mut Client, run: &str, seen: &SeenRun) -> Result<(), Problem> {
        let thread = self.place.thread.clone().unwrap_or_default();
        let Place { sent, in_doubt, .. } = self.place;
        let has_arrived = match in_doubt {
            0 => None,
            more => Some(
                have_arrived(client, (run, &thread), sent, more)
                    .map_err(|failure| undecided(&failure))?,
            ),
        };
        let there = match has_arrived {
            Some(true) => sent + in_doubt,
            Some(false) | None => sent,
        };
        let is_elsewhere = self.wish.run.as_deref().is_some_and(|wanted| wanted != run);
        if seen.is_completed || is_elsewhere {
            self.place = Place::default();
        } else {
            let open = seen.thread(&thread).filter(|thread| !thread.is_completed);
            // A thread with other tests than ours is another's by now.
            let same = open.is_some_and(|thread| has_arrived.is_some() || thread.total == there);
            self.stay(same.then_some(there));
        }
        self.place.in_doubt = 0;
        self.has_arrived = has_arrived;
        Ok(())
    }

    /// Stays in the run: in the thread if it is said how many tests that has, else in another.
    fn stay(&mut self, sent: Option<u64>) {
        self.place.is_run_open = true;
        match sent {
            Some(sent) => {
                self.place.sent = sent;
                self.place.is_thread_open = true;
            }
            None => {
                self.place = Place {
                    run: self.place.run.take(),
                    is_own: self.place.is_own,
                    is_run_open: true,
                    ..Place::default()
                };
            }
        }
    }

    /// Opens what is not open.
    pub(super) fn open(
        &mut self,
        client: &mut Client,
        lot: &mut Lot,
        whole_us: Option<u64>,
    ) -> Result<(), Problem> {
        if self.place.run.is_none() {
            self.open_run(client)?;
        }
        if self.place.thread.is_none() {
            self.open_thread(client, lot, whole_us)?;
        }
        Ok(())
    }

    fn open_run(&mut self, client: &mut Client) -> Result<(), Problem> {
        let wanted = match self.wish.run.clone() {
            Some(run) => self.wanted_run(client, run)?,
            None => None,
        };
        let run = match wanted {
            Some(run) => run,
            None => self.make_run(client)?,
        };
        self.place.is_own = self.wish.run.is_none();
        self.place.is_run_open = true;
        self.place.run = Some(run);
        Ok(())
    }

    /// The run that results are to be added to; none if it takes no more and another one may be made.
    fn wanted_run(&mut self, client: &mut Client, run: String) -> Result<Option<String>, Problem> {
        let problem = match look(client, &run) {
            Ok(seen) if !seen.is_completed => return Ok(Some(run)),
            Ok(_) => Problem::new(
                Code::Usage,
                format!("run {run} is complete: nothing can be added to it"),
            ),
            Err(failure) if is_gone(&failure) => failure.problem(Phase::BeforeTrigger),
            Err(failure) => return Err(failure.problem(Phase::BeforeTrigger)),
        };
        if !self.wish.may_leave_run || !self.wish.may_make_run() {
            return Err(problem);
        }
        self.wish.run = None;
        Ok(None)
    }

    fn make_run(&mut self, client: &mut Client) -> Result<String, Problem> {
        let project = match &self.wish.project {
            Some(project) if self.wish.may_make_run() => project,
            _ => return Err(Wish::nowhere()),
        };
        let body = self.wish.body(&self.next_name());
        let in_doubt = self.place.is_run_in_doubt;
        match create_run(client, project, &body, in_doubt) {
            Ok(run) => {
                self.place.is_run_in_doubt = false;
                self.made += 1;
                Ok(run)
            }
            Err(not) => {
                self.place.is_run_in_doubt = not.in_doubt;
                Err(not.problem)
            }
        }
    }

    /// The name of the run that is made next. No two have the same.
    pub(super) fn next_name(&self) -> String {
        match self.made {
            0 => self.wish.name.clone(),
            made => format!("{} (part {})", self.wish.name, made + 1),
        }
    }

    /// Opens the thread. If everything is known already, it is told at once, as by the vendor's client.
    fn open_thread(
        &mut self,
        client: &mut Client,
        lot: &mut Lot,
        whole_us: Option<u64>,
    ) -> Result<(), Problem> {
        let mut body = Map::new();
        if let Some(observed) = self.observed_us {
            body.insert("elapsed_observed".to_owned(), observed.into());
        }
        let mut fields = Vec::new();
        if let Some(whole) = whole_us {
            body.insert("elapsed_computed".to_owned(), whole.into());
            fields.clone_from(lot.fields());
        }
        body.insert("fields".to_owned(), fields.into());
        body.insert("artifacts".to_owned(), Value::Array(Vec::new()));
        let run = self.place.run.as_deref().unwrap_or_default();
        let body = Value::Object(body);
        let thread =
            create_thread(client, run, self.place.is_own, &body).map_err(|not| not.problem)?;
        if whole_us.is_some() {
            lot.fields().clear();
        }
        self.place.thread = Some(thread);
        self.place.is_thread_open = true;
        self.place.is_timed = whole_us.is_some();
        self.observed_us = None;
        Ok(())
    }
}

fn is_gone(failure: &Failure) -> bool {
    matches!(&failure.fault, Fault::Refused(refusal) if refusal.status == 404)
}

fn vanished(failure: &Failure) -> Problem {
    let problem = failure.problem(Phase::BeforeTrigger);
    Problem {
        message: format!(
            "it cannot be told whether the first of the kept tests have arrived: {}",
            problem.message
        ),
        next: "use a key that may read the run; if it was deleted, set in_doubt to 0 in the first line of the kept file".to_owned(),
        ..problem
    }
}

fn undecided(failure: &Failure) -> Problem {
    let problem = failure.problem(Phase::AfterTrigger);
    match problem.code {
        Code::Protocol => Problem::new(
            Code::ServiceErrored,
            format!(
                "it cannot be told whether the first of the kept tests have arrived: {}",
                problem.message
            ),
        ),
        _ => problem,
    }
}
