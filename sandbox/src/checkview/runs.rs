//! Test runs. A run's state follows from the time since its trigger; nothing goes on in the background.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::flows::{Flow, Outcome, Website};
use super::scenario::Settings;

/// When the runs from before the sandbox was started began: 2025-01-01.
const LONG_AGO: Duration = Duration::from_secs(1_735_689_600);

/// A run of a flow.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: String,
    pub flow: Flow,
    pub website: String,
    /// Whether its website is paused, so that nothing is tested.
    pub paused: bool,
    pub created: SystemTime,
    /// Whether a request to the sandbox started it.
    is_ours: bool,
    /// None for a run from before the sandbox was started, which has ended.
    triggered: Option<Instant>,
}

/// All runs, the newest last.
#[derive(Debug)]
pub struct Runs {
    pub all: Vec<Run>,
    triggers: usize,
    started: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Pending,
    Running,
    Ended,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    /// How many steps were run.
    pub steps: usize,
}

impl Runs {
    /// The runs of each flow that ended long ago.
    pub fn new(settings: &Settings) -> Self {
        let mut runs = Self {
            all: Vec::new(),
            triggers: 0,
            started: 0,
        };
        for number in 0..settings.old_runs {
            for (website, flow) in flows(settings) {
                let age = Duration::from_secs(60 * runs.all.len() as u64);
                runs.all.push(Run {
                    id: format!("run-old-{}-{number}", flow.id),
                    flow: passing(flow),
                    website: website.id.clone(),
                    paused: false,
                    created: UNIX_EPOCH + LONG_AGO + age,
                    is_ours: false,
                    triggered: None,
                });
            }
        }
        runs
    }

    /// Counts a trigger, and says whether the service itself fails it.
    pub fn fails_trigger(&mut self, settings: &Settings) -> bool {
        self.triggers += 1;
        self.triggers <= settings.fail_triggers as usize
    }

    /// Starts a run, and as many of others as the scenario wants.
    pub fn start(&mut self, website: &Website, flow: &Flow, settings: &Settings) -> Run {
        self.started += 1;
        let number = self.started;
        let own = |run: &&Run| run.is_ours && run.flow.id == flow.id;
        let fails = self.all.iter().filter(own).count() < flow.fails_first;
        let run = Run {
            id: format!("run-{number:04x}"),
            is_ours: true,
            flow: match fails {
                true => failing(flow),
                false => flow.clone(),
            },
            website: website.id.clone(),
            paused: website.paused,
            created: SystemTime::now(),
            triggered: Some(Instant::now()),
        };
        let others = flows(settings).filter(|(_, other)| other.id != flow.id);
        for (at, (website, other)) in others.take(settings.scheduled_runs).enumerate() {
            self.all.push(Run {
                id: format!("run-scheduled-{number}-{at}"),
                flow: passing(other),
                website: website.id.clone(),
                paused: false,
                is_ours: false,
                ..run.clone()
            });
        }
        self.all.push(run.clone());
        for at in 0..settings.colleague_runs {
            self.all.push(Run {
                id: format!("run-colleague-{number}-{at}"),
                flow: passing(flow),
                paused: false,
                is_ours: false,
                ..run.clone()
            });
        }
        run
    }

    pub fn run(&self, id: &str) -> Option<&Run> {
        self.all.iter().find(|run| run.id == id)
    }

    /// The runs that the list has by now, in its order. ASSUMED: the newest first.
    pub fn listed(&self, settings: &Settings) -> Vec<&Run> {
        let hidden = Duration::from_millis(settings.listed_after_ms);
        let listed = self.all.iter().filter(|run| run.age() >= hidden);
        if settings.oldest_first {
            listed.collect()
        } else {
            listed.rev().collect()
        }
    }
}

/// All flows with their websites.
pub fn flows(settings: &Settings) -> impl Iterator<Item = (&Website, &Flow)> {
    let of = |website| std::iter::repeat(website);
    settings
        .websites
        .iter()
        .flat_map(move |website| of(website).zip(&website.flows))
}

/// A flow as a run of somebody else has it: whoever takes it for their own sees it pass.
fn passing(flow: &Flow) -> Flow {
    Flow {
        outcome: Some(Outcome::Pass),
        duration_ms: Some(20),
        ..flow.clone()
    }
}

/// A flow as a run has it that is to fail before others pass.
fn failing(flow: &Flow) -> Flow {
    Flow {
        outcome: Some(Outcome::Fail),
        ..flow.clone()
    }
}

impl Run {
    /// How long ago it was triggered.
    fn age(&self) -> Duration {
        self.triggered
            .map_or(Duration::MAX, |triggered| triggered.elapsed())
    }

    /// What becomes of it; a paused website's flows are not run.
    pub fn outcome(&self) -> Outcome {
        if self.paused {
            Outcome::Skipped
        } else {
            self.flow.outcome()
        }
    }

    fn steps_run(&self) -> usize {
        if self.paused {
            0
        } else {
            self.flow.steps_run()
        }
    }

    pub fn progress(&self, settings: &Settings) -> Progress {
        let queue = Duration::from_millis(settings.queue_ms);
        self.after(self.age(), queue)
    }

    /// How far it has come some time after its trigger.
    fn after(&self, age: Duration, queue: Duration) -> Progress {
        let Some(ran) = age.checked_sub(queue) else {
            let phase = Phase::Pending;
            return Progress { phase, steps: 0 };
        };
        let whole = Duration::from_millis(self.flow.duration_ms());
        let all = self.steps_run();
        if ran < whole {
            let parts = ran.as_nanos() * all as u128 / whole.as_nanos();
            let steps = usize::try_from(parts).map_or(all, |steps| steps.min(all));
            let phase = Phase::Running;
            return Progress { phase, steps };
        }
        let phase = match self.outcome() {
            Outcome::Stuck => Phase::Running,
            _ => Phase::Ended,
        };
        Progress { phase, steps: all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str) -> Run {
        Run {
            id: "run-1".to_owned(),
            flow: Flow {
                duration_ms: Some(300),
                ..Flow::named("flow-1", name)
            },
            website: "site".to_owned(),
            paused: false,
            created: UNIX_EPOCH,
            is_ours: false,
            triggered: None,
        }
    }

    #[test]
    fn a_run_waits_then_goes_through_its_steps() {
        let progress = |run: &Run, ms| {
            let at = run.after(Duration::from_millis(ms), Duration::from_millis(10));
            (at.phase, at.steps)
        };
        let passing = run("");
        assert_eq!(progress(&passing, 9), (Phase::Pending, 0));
        assert_eq!(progress(&passing, 10), (Phase::Running, 0));
        assert_eq!(progress(&passing, 110), (Phase::Running, 1));
        assert_eq!(progress(&passing, 309), (Phase::Running, 2));
        assert_eq!(progress(&passing, 310), (Phase::Ended, 3));
        assert_eq!(progress(&run("fail"), 310), (Phase::Ended, 2));
        assert_eq!(progress(&run("setup error"), 310), (Phase::Ended, 0));
        assert_eq!(progress(&run("stuck"), 1_000_000_000), (Phase::Running, 1));
        let paused = Run {
            paused: true,
            ..run("stuck")
        };
        assert_eq!(progress(&paused, 310), (Phase::Ended, 0));
    }

    #[test]
    fn a_run_from_long_ago_has_ended() {
        let settings = Settings::default();
        let runs = Runs::new(&settings);
        assert_eq!(runs.all.len(), flows(&settings).count());
        for run in &runs.all {
            assert_eq!(run.progress(&settings).phase, Phase::Ended, "{}", run.id);
            assert_eq!(run.outcome(), Outcome::Pass, "{}", run.id);
        }
    }
}
