//! Closing what was opened, and keeping what was not sent.

use serde_json::{Value, json};

use super::Session;
use crate::api::{Client, Failure, Fault, Phase};
use crate::error::{Code, Problem};
use crate::services::Call;
use crate::services::testmo::publish::desk::Desk;
use crate::services::testmo::publish::lot::Lot;
use crate::services::testmo::publish::remote::{SeenRun, complete, find_run};
use crate::services::testmo::{run_path, thread_path};

impl Session {
    /// Keeps tests, the first of them after what is to be known of all.
    pub(super) fn keep(&mut self, client: &mut Client, desk: &mut Desk, lot: &Lot) {
        if !self.has_header {
            self.close(client, desk, None);
            self.write_header(desk);
        }
        desk.keep(&lot.body());
        desk.publication.kept += lot.len();
    }

    fn write_header(&mut self, desk: &Desk) {
        self.has_header = true;
        let header = self.header(&desk.words);
        desk.keep(&header.to_string());
    }

    /// Closes at the end of the results. If that fails, what is known is kept, so that it can be done later.
    pub(super) fn finish(&mut self, client: &mut Client, desk: &mut Desk, whole_us: Option<u64>) {
        if desk.halted.is_none()
            && let Err(problem) = self.look_back(client)
        {
            desk.halt(client, problem);
        }
        self.adopt_what_is_only_completed(desk);
        self.close(client, desk, whole_us);
        if let Some(run) = &self.place.run {
            desk.note_run(run);
        }
        let is_left_open = self.place.is_thread_open || self.is_ours_to_complete();
        if is_left_open && !self.has_header {
            self.write_header(desk);
        }
    }

    /// A run that is to be completed is completed even if there was nothing to be added to it.
    fn adopt_what_is_only_completed(&mut self, desk: &Desk) {
        let was_refused = desk
            .halted
            .as_ref()
            .is_some_and(|problem| !matches!(problem.code, Code::Interrupted | Code::TimedOut));
        if self.place.run.is_none() && self.wish.complete && !was_refused && !self.is_old {
            self.place.run.clone_from(&self.wish.run);
            self.place.is_run_open = self.place.run.is_some();
        }
    }

    const fn is_ours_to_complete(&self) -> bool {
        self.place.is_run_open && (self.place.is_own || self.wish.complete)
    }

    /// Completes the thread, and the run if that is ours to do. Once.
    fn close(&mut self, client: &mut Client, desk: &mut Desk, whole_us: Option<u64>) {
        // What was never looked at is as it was, and left for the next time.
        if self.is_closed || self.is_old {
            return;
        }
        self.is_closed = true;
        self.find_made(client);
        let Some(run) = self.place.run.clone() else {
            return;
        };
        if let (Some(thread), true) = (self.place.thread.clone(), self.place.is_thread_open) {
            let path = thread_path(&thread, "/complete");
            let call = Call::post(path, &self.times(whole_us));
            let is_done = |seen: &SeenRun| {
                seen.thread(&thread)
                    .is_some_and(|thread| thread.is_completed)
            };
            let outcome = carry_out(client, desk, &run, &call, &is_done);
            self.place.is_thread_open = outcome.is_err();
            // Completing the run completes the thread.
            if let (Err(failure), false) = (outcome, self.is_ours_to_complete()) {
                desk.faults.push(left_open("thread", &thread, &failure));
            }
        }
        if self.is_ours_to_complete() {
            let measure = self.wish.measure_elapsed.unwrap_or(!self.place.is_own);
            let body = json!({"measure_elapsed": measure});
            let call = Call::post(run_path(&run, "/complete"), &body);
            let is_done = |seen: &SeenRun| seen.is_completed;
            match carry_out(client, desk, &run, &call, &is_done) {
                Ok(()) => {
                    self.place.is_run_open = false;
                    self.place.is_thread_open = false;
                }
                Err(failure) => desk.faults.push(left_open("run", &run, &failure)),
            }
        }
    }

    /// A run that may have been made, and was not seen, would be open for good.
    fn find_made(&mut self, client: &mut Client) {
        if !self.place.is_run_in_doubt || self.place.run.is_some() {
            return;
        }
        let project = self.wish.project.clone().unwrap_or_default();
        if let Ok(Some(run)) = find_run(client, &project, &self.next_name()) {
            self.place.run = Some(run);
            self.place.is_own = true;
            self.place.is_run_open = true;
            self.place.is_run_in_doubt = false;
            self.made += 1;
        }
    }

    /// The thread's time: that of all tests, or of those that were sent. It is told once.
    fn times(&self, whole_us: Option<u64>) -> Value {
        match (self.place.is_timed, whole_us) {
            (true, _) => json!({}),
            (false, Some(whole)) if !self.has_header => json!({"elapsed_computed": whole}),
            (false, _) => json!({"elapsed_computed": self.place.elapsed_us}),
        }
    }
}

/// Completes something, in a hurry if the host was told to stop or the time came to its end meanwhile.
fn carry_out(
    client: &mut Client,
    desk: &Desk,
    run: &str,
    call: &Call,
    is_done: &dyn Fn(&SeenRun) -> bool,
) -> Result<(), Failure> {
    match complete(client, run, call, is_done) {
        Err(Failure {
            fault: Fault::Interrupted(_) | Fault::OutOfTime,
            ..
        }) if !client.is_finishing() => {
            desk.hurry(client, true);
            complete(client, run, call, is_done)
        }
        other => other,
    }
}

fn left_open(what: &str, id: &str, failure: &Failure) -> Problem {
    let problem = failure.problem(Phase::AfterTrigger);
    Problem {
        message: format!(
            "{what} {id} could not be completed and is open: {}",
            problem.message
        ),
        next: "`proctor publish` completes it with the kept file, or complete it at the service"
            .to_owned(),
        ..problem
    }
}
