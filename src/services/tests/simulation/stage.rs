//! Which exit code a fault has to give: a rule for each class of faults and each stage of a run, for once and for ever.

use super::change::Change;
use super::fault::Fault;

/// Where in a run a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Before,
    Trigger,
    After,
}

/// What a fault amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It changes nothing but times.
    Harmless,
    /// The service was not reached.
    NotSent,
    /// No usable answer, of a request that was carried out or not.
    Lost {
        done: bool,
    },
    /// The service says to come again later, and has done nothing.
    Later,
    /// As that, but not in a way that surely means that nothing was done.
    Hasty,
    Key,
    Quota,
    /// There is nothing there.
    Gone,
    /// There is nothing there any more.
    Past,
    Conflict,
    /// The request is wrong.
    Wrong,
    /// Nothing that the API says.
    Strange,
    /// Success, and an answer that is none.
    Unreadable,
    /// Success, and an answer that says something else.
    Odd,
    /// No turn in time.
    NoTurn,
}

impl Class {
    pub const fn of(fault: Fault) -> Self {
        match fault {
            Fault::Refused | Fault::Dns | Fault::Tls => Self::NotSent,
            Fault::ResetBefore => Self::Lost { done: false },
            Fault::ResetAfter | Fault::WrongLength => Self::Lost { done: true },
            Fault::SlowHead(time) | Fault::SlowBody(time) if time.as_secs() > 60 => {
                Self::Lost { done: true }
            }
            Fault::SlowHead(_)
            | Fault::SlowBody(_)
            | Fault::ClockJump(_)
            | Fault::Date(_)
            | Fault::Spent(_)
            | Fault::Changed(Change::Duplicate | Change::Reorder) => Self::Harmless,
            Fault::Cut | Fault::Page | Fault::Deep | Fault::NotUtf8 | Fault::TooLarge => {
                Self::Unreadable
            }
            Fault::Shape | Fault::Changed(_) | Fault::Anything => Self::Odd,
            Fault::Throttled(_) | Fault::Busy => Self::Later,
            Fault::Redirect(_) => Self::Strange,
            Fault::NoTurn => Self::NoTurn,
            Fault::Status { status, done, .. } => match status {
                401 | 403 => Self::Key,
                402 => Self::Quota,
                404 => Self::Gone,
                410 => Self::Past,
                409 => Self::Conflict,
                400 | 413 | 422 => Self::Wrong,
                408 | 425 => Self::Hasty,
                429 => Self::Later,
                500.. => Self::Lost { done },
                _ => Self::Strange,
            },
        }
    }
}

/// One case of the matrix.
#[derive(Debug, Clone)]
pub struct Case {
    pub service: String,
    pub stage: Stage,
    /// Method and path.
    pub call: String,
    pub fault: Fault,
    pub for_ever: bool,
}

/// The exit codes that are right: usually one.
pub fn right(case: &Case) -> Vec<u8> {
    let class = Class::of(case.fault);
    exception(case, class).unwrap_or_else(|| rule(case, class))
}

/// What holds unless a service does without the call, or knows better.
fn rule(case: &Case, class: Class) -> Vec<u8> {
    let passing = if case.for_ever { 7 } else { 0 };
    let one = match (class, case.stage) {
        (Class::Harmless, _) => return vec![0, 4],
        (Class::NotSent | Class::Later, _) => passing,
        (Class::Lost { .. } | Class::Hasty, Stage::Before | Stage::After) => passing,
        // The run is looked for, and where it was started and can be told it is followed.
        (Class::Lost { done }, Stage::Trigger) if done && finds(&case.service) => 0,
        (Class::Lost { .. } | Class::Hasty, Stage::Trigger) => 7,
        (Class::Key, _) => 5,
        (Class::Quota, _) => 6,
        (Class::Gone | Class::Conflict | Class::Wrong, Stage::Before | Stage::Trigger) => 2,
        (Class::Gone | Class::Past | Class::Conflict, Stage::After) => 3,
        (Class::Wrong, Stage::After) | (Class::Strange | Class::Past, _) => 8,
        (Class::Unreadable, Stage::Trigger) if finds(&case.service) => 0,
        (Class::Unreadable, _) => 8,
        // A look that gets no turn may be made up for by a stream, or by another list.
        (Class::NoTurn, Stage::After) if !case.for_ever => return vec![0, 4],
        (Class::NoTurn, _) => 4,
        // Whatever it says: what is not there is no pass, and what is still there may be enough for one.
        (Class::Odd, _) => return vec![0, 2, 3, 4, 8, 9],
    };
    vec![one]
}

/// Whether the service lets the run of an unanswered trigger be found.
fn finds(service: &str) -> bool {
    service != "http"
}

/// Whether something was triggered before this trigger: then it is no longer true that nothing was.
fn is_later(call: &str) -> bool {
    ["/f2/", "2607B", "/mon_2/"]
        .iter()
        .any(|part| call.contains(part))
}

fn exception(case: &Case, class: Class) -> Option<Vec<u8>> {
    let call = case.call.as_str();
    let reads = |part: &str| call.starts_with("GET") && call.ends_with(part);
    let is_slow = matches!(case.fault, Fault::SlowHead(_) | Fault::SlowBody(_));
    let is_lost = matches!(class, Class::Lost { .. });
    let is_answer = matches!(
        class,
        Class::Gone
            | Class::Past
            | Class::Conflict
            | Class::Wrong
            | Class::Strange
            | Class::Unreadable
    );
    if class == Class::Odd {
        return None;
    }
    match (case.service.as_str(), case.stage) {
        (service, Stage::Trigger)
            if is_later(call)
                && (class == Class::Wrong
                    || matches!(class, Class::Gone | Class::Conflict)
                        && service != "checkview") =>
        {
            Some(vec![3])
        }
        ("keploy", stage) => keploy(case, class, stage, is_answer),
        ("checkview", Stage::Before) if is_answer && reads("/test-runs") => Some(vec![0]),
        // Each flow is asked for by its id, and the one that is given by its name is unknown.
        ("checkview", Stage::Before) if is_answer && reads("/test-flows") => Some(vec![0, 2]),
        // The key makes a second attempt harmless, also beside a first one that goes on.
        ("checkview", Stage::Trigger) if is_lost || class == Class::Hasty => {
            let is_done = matches!(class, Class::Lost { done: true });
            Some(vec![if case.for_ever && !is_done { 7 } else { 0 }])
        }
        ("checkview", Stage::Trigger) if class == Class::Conflict => {
            let code = if is_later(call) { 3 } else { 2 };
            Some(vec![if case.for_ever { code } else { 0 }])
        }
        // The path is assumed, and the flow is known to be there.
        ("checkview", Stage::Trigger) if class == Class::Gone => Some(vec![8]),
        // A run that was just accepted may not be there yet.
        ("checkview", Stage::After) if class == Class::Gone => {
            Some(vec![if case.for_ever { 3 } else { 0 }])
        }
        ("checkview", Stage::After) if is_status(case.fault, 405) => {
            Some(vec![if case.for_ever { 8 } else { 0 }])
        }
        // What was there before is not needed where the trigger's answer names the run; the same list tells of its end.
        ("izli", Stage::Before) if is_answer && (reads("/runs") || reads("/results")) => {
            Some(if case.for_ever { vec![3, 8] } else { vec![0] })
        }
        // Without the right to list, names are taken for ids.
        ("izli", Stage::Before) if class == Class::Key => Some(vec![0, 3, 5]),
        // The entry of what was triggered only tells how many results are due.
        ("izli", Stage::After)
            if matches!(class, Class::Gone | Class::Key | Class::Strange)
                && (reads("/jrn_1") || reads("/mon_2")) =>
        {
            Some(vec![0, 3, 5, 8])
        }
        // While nobody looks the test may have been at work, and nothing tells later.
        ("testclix", Stage::Trigger) if is_slow && is_lost => Some(vec![7]),
        ("testclix", Stage::After) if is_slow && is_lost && !case.for_ever => Some(vec![0, 3]),
        _ => None,
    }
}

fn is_status(fault: Fault, wanted: u16) -> bool {
    matches!(fault, Fault::Status { status, .. } if status == wanted)
}

fn keploy(case: &Case, class: Class, stage: Stage, is_answer: bool) -> Option<Vec<u8>> {
    let call = case.call.as_str();
    let reads = |part: &str| call.starts_with("GET") && call.ends_with(part);
    let once_or = |for_ever: u8| Some(vec![if case.for_ever { for_ever } else { 0 }]);
    match stage {
        // A stream is only faster than looking.
        Stage::After if reads("/events") && class != Class::NoTurn => Some(vec![0]),
        // The single report has only more detail. A budget that is spent by it is missing for the rest.
        Stage::After if call.contains("/suite-reports/") => match class {
            Class::Later | Class::NoTurn => Some(vec![0, 3, 4, 7]),
            _ => Some(vec![0]),
        },
        // Of what was there before nothing is needed where the trigger is answered, but for the list that later tells of
        // the run.
        Stage::Before if is_answer && reads("/test-runs") => once_or(3),
        Stage::Before if is_answer && reads("/jobs") => Some(vec![0]),
        // Names that cannot be looked up are taken for ids, and those of the reports cannot be told then.
        Stage::Before if class == Class::Unreadable => match case.fault {
            Fault::TooLarge => Some(vec![8]),
            _ => once_or(3),
        },
        // Reports may come late.
        Stage::After if reads("/suite-reports") && class == Class::Gone => once_or(3),
        Stage::After if reads("/suite-reports") && class == Class::Past => Some(vec![3]),
        // There are two lists of runs, and one is enough.
        Stage::After if reads("/test-runs") && !case.for_ever => Some(vec![0]),
        // Runs that cannot be listed cannot be attributed, and suites without names are in no report.
        Stage::After if is_answer && (reads("/test-runs") || reads("/test-suites")) => {
            Some(vec![3])
        }
        _ => None,
    }
}
