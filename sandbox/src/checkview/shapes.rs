//! The bodies of successes. None is documented. ASSUMED throughout: the names that a client would look for first, or
//! those that the scenario chooses.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::flows::{Flow, Mode, Outcome, Website};
use super::runs::{Phase, Progress, Run};
use super::scenario::{
    AfterFailure, FlowReference, Lists, Naming, Settings, StepsIn, VerdictIn, Wrap,
};

/// Where artifacts would be. Nothing is there.
const ARTIFACTS: &str = "https://artifacts.checkview.example";

/// Why a step failed.
const STEP_ERROR: &str = "the text \"Thank you\" did not appear within 30 seconds";

/// A name as this scenario spells it.
pub fn spell(settings: &Settings, name: &str) -> String {
    settings.spelling.spell(name)
}

/// An object that is being put together.
struct Members<'a>(&'a Settings, Map<String, Value>);

impl Members<'_> {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.1.insert(spell(self.0, name), value.into());
    }
}

fn object<const N: usize>(settings: &Settings, members: [(&str, Value); N]) -> Value {
    let mut object = Members(settings, Map::new());
    for (name, value) in members {
        object.set(name, value);
    }
    object.1.into()
}

/// A single object with what is around it.
pub fn single(settings: &Settings, kind: &str, value: Value) -> Value {
    match settings.wrap {
        Wrap::Bare => value,
        Wrap::Data => json!({"data": value}),
        Wrap::Named => object(settings, [(kind, value)]),
    }
}

/// A list with what is around it.
pub fn list(settings: &Settings, kind: &str, items: Vec<Value>) -> Value {
    match settings.lists {
        Lists::Bare => items.into(),
        Lists::Data => json!({"data": items}),
        Lists::Items => json!({"items": items}),
        Lists::Results => json!({"results": items}),
        Lists::Named => object(settings, [(kind, items.into())]),
    }
}

pub fn website(settings: &Settings, website: &Website) -> Value {
    let name = if website.name.is_empty() {
        &website.id
    } else {
        &website.name
    };
    let (name_in, address_in, address) = match settings.naming {
        Naming::Name => ("name", "url", website.url.as_str()),
        Naming::Title => {
            let domain = website.url.split_once("://").map_or("", |(_, rest)| rest);
            ("title", "domain", domain.trim_end_matches('/'))
        }
    };
    object(
        settings,
        [
            ("id", json!(website.id)),
            (name_in, json!(name)),
            (address_in, json!(address)),
            ("paused", json!(website.paused)),
        ],
    )
}

pub fn flow(settings: &Settings, website: &Website, flow: &Flow) -> Value {
    let name_in = match settings.naming {
        Naming::Name => "name",
        Naming::Title => "title",
    };
    object(
        settings,
        [
            ("id", json!(flow.id)),
            (name_in, json!(flow.title())),
            ("website_id", json!(website.id)),
            ("mode", json!(mode(flow))),
            ("paused", json!(website.paused)),
        ],
    )
}

fn mode(flow: &Flow) -> &'static str {
    match flow.mode {
        Mode::Visual => "visual",
        Mode::Fast => "fast",
    }
}

/// A run; `whole` with its steps and artifacts.
pub fn run(settings: &Settings, run: &Run, whole: bool) -> Value {
    let progress = run.progress(settings);
    let mut members = Members(settings, Map::new());
    members.set("id", run.id.as_str());
    match settings.flow_reference {
        FlowReference::TestFlowId => members.set("test_flow_id", run.flow.id.as_str()),
        FlowReference::FlowId => members.set("flow_id", run.flow.id.as_str()),
        FlowReference::None => {}
    }
    members.set("website_id", run.website.as_str());
    members.set("mode", mode(&run.flow));
    verdict(&mut members, run, progress.phase);
    times(&mut members, run, progress.phase);
    if whole {
        steps(&mut members, run, progress);
        if progress.phase == Phase::Ended {
            artifacts(&mut members, run, progress.steps);
        }
    }
    members.1.into()
}

/// What a trigger tells of a run without the run itself: its id under a name, beside the flow's own id.
pub fn reference(settings: &Settings, run: &Run, name: &str) -> Value {
    let flow = json!(run.flow.id);
    object(settings, [("id", flow), (name, json!(run.id))])
}

/// A run's id and state.
pub fn accepted(settings: &Settings, run: &Run) -> Value {
    let mut members = Members(settings, Map::new());
    members.set("id", run.id.as_str());
    verdict(&mut members, run, run.progress(settings).phase);
    members.1.into()
}

/// The members that say how a run is, or how it ended.
fn verdict(members: &mut Members, run: &Run, phase: Phase) {
    let settings = members.0;
    let words = &settings.words;
    let ended = phase == Phase::Ended;
    let word = match (phase, run.outcome()) {
        (Phase::Pending, _) => &words.pending,
        (Phase::Running, _) | (_, Outcome::Stuck) => &words.running,
        (_, Outcome::Pass | Outcome::Disagree) => &words.passed,
        (_, Outcome::Fail) => &words.failed,
        (_, Outcome::Error) => &words.error,
        (_, Outcome::SetupError) => &words.setup_error,
        (_, Outcome::Cancelled) => &words.cancelled,
        (_, Outcome::Skipped) if run.paused => &words.paused,
        (_, Outcome::Skipped) => &words.skipped,
        (_, Outcome::Unknown) => &words.unknown,
        (_, Outcome::Completed) => &words.completed,
    };
    let judged = ended && matches!(run.outcome(), Outcome::Pass | Outcome::Fail);
    let state_in = match settings.verdict_in {
        VerdictIn::State => "state",
        VerdictIn::Result => "result",
        _ => "status",
    };
    match settings.verdict_in {
        VerdictIn::Result if ended && run.outcome() == Outcome::Disagree => {
            members.set("status", word.as_str());
        }
        VerdictIn::CompletedResult | VerdictIn::CompletedOutcome | VerdictIn::CompletedPassed
            if judged =>
        {
            members.set("status", words.completed.as_str());
            match settings.verdict_in {
                VerdictIn::CompletedResult => members.set("result", word.as_str()),
                VerdictIn::CompletedOutcome => members.set("outcome", word.as_str()),
                _ => members.set("passed", run.outcome() == Outcome::Pass),
            }
        }
        _ => members.set(state_in, word.as_str()),
    }
    if ended && run.outcome() == Outcome::Disagree {
        members.set("result", words.failed.as_str());
    }
    if ended && let Some(error) = error(run) {
        members.set("error", error);
    }
}

fn error(run: &Run) -> Option<&'static str> {
    match run.outcome() {
        Outcome::Fail => Some(STEP_ERROR),
        Outcome::Error => Some("the browser stopped answering"),
        Outcome::SetupError => Some("the test flow is not set up"),
        _ => None,
    }
}

fn moment(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

fn times(members: &mut Members, run: &Run, phase: Phase) {
    let started = run.created + Duration::from_millis(members.0.queue_ms);
    let finished = started + Duration::from_millis(run.flow.duration_ms());
    let if_so = |so: bool, time| so.then(|| moment(time));
    members.set("created_at", moment(run.created));
    members.set("started_at", if_so(phase != Phase::Pending, started));
    members.set("finished_at", if_so(phase == Phase::Ended, finished));
}

fn steps(members: &mut Members, run: &Run, progress: Progress) {
    let member = match members.0.steps_in {
        StepsIn::Steps => "steps",
        StepsIn::StepResults => "step_results",
        StepsIn::Results => "results",
        StepsIn::None => return,
    };
    let names = run.flow.steps();
    let ended = progress.phase == Phase::Ended;
    let fails = ended && matches!(run.outcome(), Outcome::Fail | Outcome::Error);
    let each = run.flow.duration_ms() / run.flow.steps_run().max(1) as u64;
    let ran = names[..progress.steps].iter().enumerate().map(|(at, name)| {
        let failed = fails && at + 1 == progress.steps;
        step(members.0, run, at, name, each, failed)
    });
    let mut steps: Vec<Value> = ran.collect();
    if ended && members.0.after_failure == AfterFailure::Skipped {
        let skipped = |name: &String| json!({"name": name, "status": members.0.words.skipped});
        steps.extend(names[progress.steps..].iter().map(skipped));
    }
    members.set(member, steps);
}

fn step(settings: &Settings, run: &Run, at: usize, name: &str, ms: u64, failed: bool) -> Value {
    let word = if failed {
        &settings.words.failed
    } else {
        &settings.words.passed
    };
    object(
        settings,
        [
            ("name", json!(name)),
            ("status", json!(word)),
            ("duration_ms", json!(ms)),
            ("error", json!(failed.then(|| error(run)).flatten())),
            ("screenshot_url", json!(screenshot(run, at))),
        ],
    )
}

fn screenshot(run: &Run, at: usize) -> String {
    format!("{ARTIFACTS}/{}/step-{}.png", run.id, at + 1)
}

/// Source: the help article "Visual vs Fast Mode": fast runs have screenshots alone.
fn artifacts(members: &mut Members, run: &Run, steps: usize) {
    let screenshots: Vec<_> = (0..steps).map(|at| screenshot(run, at)).collect();
    members.set("screenshots", screenshots);
    if run.flow.mode == Mode::Visual {
        members.set("video_url", format!("{ARTIFACTS}/{}/video.webm", run.id));
        members.set("har_url", format!("{ARTIFACTS}/{}/network.har", run.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_chosen() {
        let mut settings = Settings::default();
        assert_eq!(spell(&settings, "test_flow_id"), "test_flow_id");
        settings.spelling = crate::spelling::Spelling::Camel;
        assert_eq!(spell(&settings, "test_flow_id"), "testFlowId");
        assert_eq!(spell(&settings, "id"), "id");
    }
}
