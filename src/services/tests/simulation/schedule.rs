//! One order of events, drawn from a seed, and what has to hold of it.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::chance::Chance;
use super::change::Change;
use super::fault::Fault;
use super::ports::{About, Killed, Rule, Sim};
use super::world::{End, Facts, services, world};
use crate::error::Code;
use crate::model::{Handle, Policy, Report, Stage, Target, Verdict};
use crate::services::{cancel, run, start, watch};
use crate::verdict::conclude;

/// How much longer than its time limit an operation may take. The host drops it five seconds later.
pub const LEAVING: Duration = Duration::from_secs(30);

/// How much longer than the word to stop. The host drops it after four seconds, and ends after five.
const STOPPING: Duration = Duration::from_secs(5);

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Run,
    /// `run --no-wait`, and `wait` so much later.
    StartThenWatch(Duration),
    StartThenCancel,
    /// The host dies after so many things have happened; then `wait` with the handle that was told last, or where none
    /// was, the same run again.
    DieThenWatch(usize),
    /// What a run leaves is waited for so much later.
    RunThenWatch(Duration),
}

/// One order of events.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub seed: u64,
    pub service: String,
    pub facts: Facts,
    pub rules: Vec<Rule>,
    pub operation: Operation,
    pub timeout: Duration,
    pub stop_at: Option<Duration>,
    pub latency: u64,
    pub dated: bool,
}

impl Schedule {
    pub fn of(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let chance = &mut chance;
        let services = services();
        let service = services[seed as usize % services.len()].clone();
        let mut facts = Facts::any(chance);
        let rules = rules(chance);
        if rules.iter().any(|rule| rule.fault.lies()) {
            facts = seen_through(&service, facts);
        }
        let pause = chance.ms(1, 90_000);
        let operation = match chance.below(10) {
            0..=3 => Operation::Run,
            4 => Operation::StartThenWatch(pause),
            5 => Operation::StartThenCancel,
            6 => Operation::RunThenWatch(pause),
            _ => Operation::DieThenWatch(chance.below(80) as usize),
        };
        Self {
            seed,
            service,
            facts,
            rules,
            operation,
            timeout: Duration::from_secs(chance.pick(&[20, 100, 600, 600, 600])),
            stop_at: chance.one_in(4).then(|| chance.ms(0, 90_000)),
            latency: chance.pick(&[1, 40, 400, 1_500]),
            dated: !chance.one_in(4),
        }
    }

    /// Whether nothing goes wrong but what the facts say.
    fn is_calm(&self) -> bool {
        self.rules.is_empty() && self.stop_at.is_none() && self.timeout.as_secs() >= 600
    }

    /// Whether answers are not what the service said.
    fn lies(&self) -> bool {
        self.rules.iter().any(|rule| rule.fault.lies())
    }

    pub fn in_words(&self) -> String {
        let mut words = format!(
            "{}: {:?} within {:?}; {:?}",
            self.service, self.operation, self.timeout, self.facts
        );
        if let Some(at) = self.stop_at {
            let _ = write!(words, "; told to stop at {at:?}");
        }
        for rule in &self.rules {
            let _ = write!(words, "\n  {:?} at {:?}", rule.fault, rule.about);
        }
        words
    }

    pub fn sim(&self) -> Sim {
        let world = world(&self.service, self.facts);
        let chance = Chance::new(self.seed ^ 0x5eed);
        let mut sim = Sim::new(world, self.rules.clone(), chance);
        sim.stop_at = self.stop_at;
        sim.latency = self.latency;
        sim.dated = self.dated;
        sim
    }

    /// Plays one run, and says what came of it, or what does not hold.
    pub fn report(&self) -> Result<Report, String> {
        self.report_on(&mut self.sim())
    }

    /// The same in a world that is given.
    pub fn report_on(&self, sim: &mut Sim) -> Result<Report, String> {
        let mut target = sim.world.target();
        target.timeout = self.timeout;
        let report = self.run(sim, &target)?;
        report.ok_or_else(|| "the host died".to_owned())
    }

    /// Plays it, and says what does not hold. `tell` keeps the story.
    pub fn play(&self, tell: bool) -> Result<(), String> {
        let mut sim = self.sim();
        sim.story = tell.then(Vec::new);
        let outcome = self.carry_out(&mut sim);
        if let Some(story) = &sim.story {
            println!("{}\n{}", self.in_words(), story.join("\n"));
        }
        outcome
    }

    fn carry_out(&self, sim: &mut Sim) -> Result<(), String> {
        let mut target = sim.world.target();
        target.timeout = self.timeout;
        match self.operation {
            Operation::Run => self.run(sim, &target).map(|_| ()),
            Operation::RunThenWatch(later) => match self.run(sim, &target)? {
                Some(Report {
                    handle: Some(handle),
                    ..
                }) => self.watch(sim, &target, &handle, later),
                _ => Ok(()),
            },
            Operation::StartThenWatch(later) => match self.start(sim, &target)? {
                Some(handle) => self.watch(sim, &target, &handle, later),
                None => Ok(()),
            },
            Operation::StartThenCancel => match self.start(sim, &target)? {
                Some(handle) => {
                    let later = Duration::from_secs(1);
                    self.act(sim, later, |sim| cancel(&target, &handle, sim).err())?;
                    Ok(())
                }
                None => Ok(()),
            },
            Operation::DieThenWatch(after) => {
                sim.dies_after = Some(after);
                if self.run(sim, &target)?.is_some() {
                    return Ok(());
                }
                let later = Duration::from_secs(5);
                match sim.handle.take() {
                    Some(handle) => self.watch(sim, &target, &handle, later),
                    None => {
                        require(sim.world.started().iter().all(|count| *count == 0), || {
                            "a run was started that no handle names".to_owned()
                        })?;
                        self.run(sim, &target).map(|_| ())
                    }
                }
            }
        }
    }

    /// Runs; nothing comes back if the host died.
    fn run(&self, sim: &mut Sim, target: &Target) -> Result<Option<Report>, String> {
        let report = self.act(sim, Duration::ZERO, |sim| run(target, sim))?;
        if let Some(report) = &report {
            self.hold(sim, report)?;
        }
        Ok(report)
    }

    fn watch(
        &self,
        sim: &mut Sim,
        target: &Target,
        handle: &Handle,
        later: Duration,
    ) -> Result<(), String> {
        let report = self.act(sim, later, |sim| watch(target, handle, sim))?;
        report.map_or(Ok(()), |report| self.hold(sim, &report))
    }

    fn start(&self, sim: &mut Sim, target: &Target) -> Result<Option<Handle>, String> {
        let Some(started) = self.act(sim, Duration::ZERO, |sim| start(target, sim))? else {
            return Ok(None);
        };
        let count: usize = sim.world.started().iter().sum();
        require(started.handle.is_some() || count == 0, || {
            "a run was started that no handle names".to_owned()
        })?;
        require(
            started.handle.is_some() || started.problem.is_some(),
            || "nothing was started, and nothing says why".to_owned(),
        )?;
        Ok(started.handle)
    }

    /// Carries out one operation in a process of its own; nothing comes back if that dies.
    fn act<T>(
        &self,
        sim: &mut Sim,
        later: Duration,
        act: impl FnOnce(&mut Sim) -> T,
    ) -> Result<Option<T>, String> {
        sim.begin(later, self.timeout);
        let outcome = match catch_unwind(AssertUnwindSafe(|| act(sim))) {
            Ok(outcome) => Some(outcome),
            Err(panic) if panic.is::<Killed>() => None,
            Err(panic) => {
                let told = panic.downcast_ref::<String>().map(String::as_str);
                let told = told.or_else(|| panic.downcast_ref::<&str>().copied());
                return Err(format!("a panic: {}", told.unwrap_or("of another kind")));
            }
        };
        let now = sim.time();
        let end = match (sim.was_told(), sim.stop_at) {
            (true, Some(at)) => (at + STOPPING).min(sim.deadline + LEAVING),
            _ => sim.deadline + LEAVING,
        };
        require(now <= end, || {
            format!("it ended at {now:?}, later than {end:?}")
        })?;
        require(sim.strayed.is_empty(), || {
            format!("something was sent elsewhere: {:?}", sim.strayed)
        })?;
        let started = sim.world.started();
        require(started.iter().all(|count| *count <= 1), || {
            format!("the runs were started so often: {started:?}")
        })?;
        Ok(outcome)
    }

    /// What has to hold of a report.
    fn hold(&self, sim: &Sim, report: &Report) -> Result<(), String> {
        let code = exit_code(report, sim.was_told());
        let world = &sim.world;
        let about = || format!("exit code {code}: {:?} {:?}", report.verdict, report.reason);
        require(code != Code::Internal.exit_code(), || {
            format!("a defect: {}", about())
        })?;
        require(
            report.problem.is_none() == (report.verdict == Verdict::Passed),
            || format!("verdict and problem do not go together: {}", about()),
        )?;
        if code == 0 {
            require(world.passes(), || {
                format!("a pass that is none: {}", about())
            })?;
            let wanted = world.wanted();
            require(sim.delivered & wanted == wanted || self.lies(), || {
                format!("a pass without its evidence: {}", about())
            })?;
        }
        let fails = |end: &End| match end {
            End::Failed | End::Quiet => true,
            End::Cancelled => self.service == "testclix",
            _ => false,
        };
        if code == 1 {
            require(self.facts.ends.iter().any(fails), || {
                format!("a failure that is none: {}", about())
            })?;
        }
        let is_plain = match self.operation {
            Operation::Run => true,
            // A test that nobody has seen at work proves nothing later.
            Operation::StartThenWatch(_) => self.service != "testclix",
            _ => false,
        };
        if self.is_calm() && is_plain {
            let right = world.code();
            require(code == right, || {
                format!("{right} would be right, not {}", about())
            })?;
        }
        if !self.lies() && !world.started().is_empty() && world.goes_on(sim.time()) {
            let names = |handle: &Handle| {
                let mut triggers = handle.triggers.iter();
                triggers.any(|trigger| trigger.stage != Stage::Planned)
            };
            require(report.handle.as_ref().is_some_and(names), || {
                format!("a run goes on that no handle names: {}", about())
            })?;
        }
        Ok(())
    }
}

/// What nobody can see through is left out where answers are changed: what spoils a pass by one word alone, runs of
/// others that differ from ours in one word, and pages that one word tells of.
pub fn seen_through(service: &str, facts: Facts) -> Facts {
    let end = |end| match (service, end) {
        (_, End::Quiet) => End::Failed,
        // The run says that it passed, and only its steps do not.
        ("checkview", End::Missing | End::Skipped) => End::Errored,
        // Only the entry of the monitor tells how many results are due.
        ("izli", End::Missing) => End::Unseen,
        (_, other) => other,
    };
    Facts {
        ends: facts.ends.map(end),
        noise: false,
        paged: false,
        ..facts
    }
}

fn rules(chance: &mut Chance) -> Vec<Rule> {
    let count = chance.pick(&[0, 0, 1, 1, 2, 3, 5, 8]);
    let mut rules = Vec::with_capacity(count);
    for _ in 0..count {
        let from = chance.below(30) as usize;
        let to = match chance.below(8) {
            0 => usize::MAX,
            1 => from + 2 + chance.below(12) as usize,
            _ => from + 1,
        };
        rules.push(Rule {
            about: About::Numbers(from, to),
            fault: Fault::any(chance),
        });
    }
    rules
}

/// The exit code of a target alone.
pub fn exit_code(report: &Report, was_told: bool) -> u8 {
    let policy = Policy {
        fail_on: vec![
            Verdict::Failed,
            Verdict::Errored,
            Verdict::Cancelled,
            Verdict::TimedOut,
            Verdict::Unknown,
        ],
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: was_told.then_some(15),
    };
    conclude(std::slice::from_ref(report), &policy).exit_code
}

pub fn require(holds: bool, or: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(or()) }
}

#[test]
fn a_schedule_that_lies_has_nothing_that_cannot_be_seen_through() {
    let lying = Rule {
        about: About::Numbers(0, 1),
        fault: Fault::Changed(Change::Null),
    };
    let mut lies = 0;
    for seed in 0..2_000 {
        let schedule = Schedule::of(seed);
        if schedule.rules.iter().any(|rule| rule.fault.lies()) {
            lies += 1;
            assert!(!schedule.facts.ends.contains(&End::Quiet) && !schedule.facts.noise);
        }
    }
    assert!(lying.fault.lies() && lies > 100);
}
