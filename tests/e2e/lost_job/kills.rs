//! Killed at every step of a run, at random moments, and several times in a row, at every service that starts runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use proctor_sandbox::Moment;

use super::life::{Job, lock};
use super::place::{self, Place};
use proctor_test_support::Outcome;

/// How many jobs are under way at once: nearly all of their time is waiting.
const AT_ONCE: usize = 10;

/// How many random moments there are for each service.
const RANDOM: usize = 40;

/// How many kills there are at least for each service: 200 in all.
const LEAST: usize = 34;

/// Which of the things that can be run, and the exit code of its run.
fn wanted(place: &Place, number: usize) -> (&'static str, &'static [&'static str], i32) {
    let at = number % 2;
    let (id, needles) = place.runs[at];
    (id, needles, i32::from(at == 1))
}

/// What must hold of the last life of a job, of which `kept` was known before.
#[track_caller]
fn check(told: &str, job: &Job, number: usize, kept: Option<Vec<String>>, outcome: Outcome) {
    let (_, needles, code) = wanted(job.place, number);
    let started: Vec<usize> = needles.iter().map(|needle| job.started(needle)).collect();
    let told = format!(
        "{}, {told}: kept {kept:?}, started {started:?}\n{}\n{}",
        job.place.name, outcome.out, outcome.err
    );
    assert!(started.iter().all(|count| *count <= 1), "{told}");
    let sent = kept
        .iter()
        .flatten()
        .position(|stage| stage == "sent")
        .filter(|_| !job.place.is_keyed);
    let may_be_unknown = match sent.map(|at| started[at]) {
        None => false,
        Some(0) => {
            assert_eq!(outcome.code, 7, "{told}");
            true
        }
        Some(_) => !job.place.finds,
    };
    if may_be_unknown && outcome.code == 7 {
        assert!(outcome.out.contains("--resume never"), "{told}");
        assert!(job.kept().is_some(), "{told}");
        return;
    }
    assert_eq!(outcome.code, code, "{told}");
    assert!(started.iter().all(|count| *count == 1), "{told}");
    assert!(job.files().is_empty(), "{told}: {:?}", job.files());
    let results = std::fs::read_to_string(job.folder.path().join("results.json"));
    let results = results.unwrap_or_else(|error| panic!("{told}: {error}"));
    let resumed = results.contains("an earlier life of this job");
    assert_eq!(resumed, kept.is_some(), "{told}");
}

/// Does the same with each of several things, some at once. All of them are done, whatever comes of one.
#[track_caller]
fn each<T: Sync>(things: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(things.len()) {
            scope.spawn(|| {
                while let Some(thing) = things.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let act = std::panic::AssertUnwindSafe(|| act(thing));
                    if let Err(panic) = std::panic::catch_unwind(act) {
                        lock(&failed).push(panic);
                    }
                }
            });
        }
    });
    let failed = lock(&failed).len();
    assert_eq!(failed, 0, "of {} cases; see above", things.len());
}

/// Numbers that look random, the same each time.
struct Seeded(u64);

impl Seeded {
    /// Source of the constants: Knuth, MMIX.
    fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        limit.mul_f64((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// When a life is killed.
#[derive(Debug)]
enum When {
    At(usize, Moment),
    After(Duration),
}

/// How many requests a run makes that nobody kills, and how long it takes.
fn undisturbed(place: &'static Place) -> (usize, Duration) {
    let (id, needles, code) = wanted(place, 0);
    let job = Job::new(place, id);
    let began = Instant::now();
    job.live().expect(code);
    for needle in needles {
        assert_eq!(job.started(needle), 1);
    }
    assert!(job.files().is_empty(), "{:?}", job.files());
    (job.sandbox.received().len(), began.elapsed())
}

/// Kills at every step and at random moments.
#[track_caller]
fn killed(place: &'static Place) {
    let (requests, time) = undisturbed(place);
    let mut seeded = Seeded(place.name.len() as u64);
    let mut points: Vec<(usize, When)> = Vec::new();
    for at in 0..requests {
        points.push((at, When::At(at, Moment::Received)));
        points.push((at + 1, When::At(at, Moment::Answered)));
    }
    for number in 0..RANDOM {
        points.push((number, When::After(seeded.below(time.mul_f64(0.85)))));
    }
    let kills = AtomicUsize::new(0);
    each(&points, |(number, when)| {
        let (id, ..) = wanted(place, *number);
        let job = Job::new(place, id);
        let killed = match when {
            When::At(at, moment) => job.killed_at(job.life(), *at, *moment),
            When::After(time) => job.killed_after(*time).is_none(),
        };
        if killed && !job.is_done() {
            kills.fetch_add(1, Ordering::Relaxed);
            let kept = job.kept();
            check(&format!("{when:?}"), &job, *number, kept, job.live());
        }
    });
    let kills = kills.into_inner();
    assert!(kills >= LEAST, "{}: {kills} kills", place.name);
}

#[test]
fn a_run_at_keploy() {
    killed(&place::KEPLOY);
}

#[test]
fn a_run_at_checkview() {
    killed(&place::CHECKVIEW);
}

#[test]
fn two_runs_at_checkview() {
    killed(&place::CHECKVIEW_TWICE);
}

#[test]
fn a_run_at_testclix() {
    killed(&place::TESTCLIX);
}

#[test]
fn a_run_at_izli() {
    killed(&place::IZLI);
}

#[test]
fn a_run_at_a_service_by_description() {
    killed(&place::HTTP);
}

#[test]
fn killed_again_and_again() {
    let places = [
        &place::KEPLOY,
        &place::CHECKVIEW_TWICE,
        &place::IZLI,
        &place::KEPLOY,
    ];
    let jobs: Vec<(usize, &'static Place)> = (0..16).map(|at| (at, places[at % 4])).collect();
    each(&jobs, |(number, place)| {
        let (id, ..) = wanted(place, *number);
        let job = Job::new(place, id);
        let mut seeded = Seeded(*number as u64);
        for _ in 0..4 {
            let kept = job.kept();
            let time = seeded.below(Duration::from_millis(1500));
            if let Some(outcome) = job.killed_after(time) {
                return check("between kills", &job, *number, kept, outcome);
            }
            if job.is_done() {
                return;
            }
        }
        check("after four kills", &job, *number, job.kept(), job.live());
    });
}
