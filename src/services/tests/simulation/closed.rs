//! What a service must not be able to say: a pass without one.
//!
//! The worlds here do not pass. Their answers are changed in every way that puts no word of a pass where none was, or
//! are replaced by anything at all that holds none.

use std::time::Duration;

use super::chance::Chance;
use super::change::{Change, change_value};
use super::fault::Fault;
use super::ports::{About, Rule, Sim};
use super::schedule::{Operation, Schedule, exit_code, seen_through};
use super::world::{End, Facts, World, services, text, texts, world};
use super::worlds::http::Http;
use crate::model::{Conclusion, Report, Results, Setting, Verdict};
use crate::report::{read_all, render};
use crate::services::validate;

/// How many worlds of each service are tried.
const WORLDS: u64 = 1_000;

fn schedule(service: &str, facts: Facts, rules: Vec<Rule>, seed: u64) -> Schedule {
    Schedule {
        seed,
        service: service.to_owned(),
        facts,
        rules,
        operation: Operation::Run,
        timeout: Duration::from_secs(200),
        stop_at: None,
        latency: 40,
        dated: !seed.is_multiple_of(4),
    }
}

/// Facts of a world that does not pass.
fn not_passing(service: &str, chance: &mut Chance) -> Facts {
    loop {
        let facts = seen_through(service, Facts::any(chance));
        if world(service, facts).code() != 0 {
            return facts;
        }
    }
}

/// Rules for so many of the first calls, each of them hit once in so many times.
fn rules(chance: &mut Chance, once_in: u64, fault: impl Fn(&mut Chance) -> Fault) -> Vec<Rule> {
    let mut rules = Vec::new();
    for number in 0..60 {
        if chance.one_in(once_in) {
            rules.push(Rule {
                about: About::Numbers(number, number + 1),
                fault: fault(chance),
            });
        }
    }
    rules
}

/// Plays many worlds of each service with rules that are drawn; none of them may pass.
fn none_passes(draw: impl Fn(&mut Chance) -> Vec<Rule> + Sync) {
    none_of(services(), draw);
}

/// The same of these services.
fn none_of<T: AsRef<str> + Sync>(services: &[T], draw: impl Fn(&mut Chance) -> Vec<Rule> + Sync) {
    let play = |service: &str| {
        for seed in 0..WORLDS {
            let mut chance = Chance::new(seed);
            let facts = not_passing(service, &mut chance);
            let schedule = schedule(service, facts, draw(&mut chance), seed);
            let code = schedule.report().map(|report| exit_code(&report, false));
            let why = match code {
                Ok(0) => "it passed".to_owned(),
                Ok(_) => continue,
                Err(why) => why,
            };
            let mut sim = schedule.sim();
            sim.story = Some(Vec::new());
            let _ = schedule.report_on(&mut sim);
            let story = sim.story.unwrap_or_default().join("\n");
            panic!("{why}: seed {seed}, {}\n{story}", schedule.in_words());
        }
    };
    std::thread::scope(|scope| {
        for service in services {
            scope.spawn(|| play(service.as_ref()));
        }
    });
}

#[test]
fn an_answer_that_is_changed_is_no_pass() {
    none_passes(|chance| {
        let once_in = chance.pick(&[1, 2, 4, 12]);
        rules(chance, once_in, |chance| {
            Fault::Changed(chance.pick(&Change::ALL))
        })
    });
}

/// An izli dates its runs. An entry of the lists of Keploy and CheckView is an id and whose it is, and nothing else, so
/// that an older run under the id of ours looks like ours; no answer of the others holds two ids.
#[test]
fn an_answer_in_which_ids_have_changed_places_is_no_pass() {
    none_of(&["izli"], |chance| {
        let once_in = chance.pick(&[1, 2, 4]);
        rules(chance, once_in, |_| Fault::Changed(Change::Swap))
    });
}

#[test]
fn an_answer_that_is_cut_is_no_pass() {
    none_passes(|chance| rules(chance, 3, |_| Fault::Cut));
}

#[test]
fn anything_at_all_that_holds_no_pass_is_none() {
    none_passes(|chance| {
        let once_in = chance.pick(&[1, 1, 2, 5]);
        rules(chance, once_in, |_| Fault::Anything)
    });
}

/// Settings of a described service that is described well, in one way or another.
fn any_settings(chance: &mut Chance) -> Vec<Setting> {
    let mut settings = Vec::new();
    let nothing =
        |names: &[&str]| -> Vec<Setting> { names.iter().map(|name| text(name, "")).collect() };
    if chance.one_in(3) {
        settings.extend([text("poll", "GET /last"), text("results", "")]);
        settings.extend(nothing(&["run_id", "cancel", "results_next"]));
        settings.extend(nothing(&["tests", "test_name", "test_verdict"]));
    } else if chance.one_in(4) {
        settings.extend(nothing(&[
            "results",
            "results_next",
            "tests",
            "test_name",
            "test_verdict",
        ]));
    } else {
        match chance.below(4) {
            0 => settings.extend(nothing(&["results_next"])),
            1 => settings.push(text("results_next", "link")),
            2 => settings.extend([
                text("results_next", "$.page"),
                text("results_page", "GET /runs/{run_id}/results?page={next}"),
            ]),
            _ => {}
        }
        match chance.below(3) {
            0 => settings.push(text("tests", "$.items")),
            1 => settings.push(text("tests", "$..items[*]")),
            _ => {}
        }
    }
    match chance.below(4) {
        0 => settings.push(texts("state", &["$.run.nothing", "$.run.status"])),
        1 => settings.push(text("state", "$..status")),
        _ => {}
    }
    if chance.one_in(3) {
        settings.push(texts("running", &["going", "busy"]));
    }
    settings
}

#[test]
fn however_a_service_is_described_what_did_not_pass_does_not_pass() {
    let ends = [
        End::Failed,
        End::Errored,
        End::Cancelled,
        End::Skipped,
        End::Strange,
        End::Never,
    ];
    let mut sound = 0;
    for seed in 0..WORLDS {
        let mut chance = Chance::new(seed);
        let facts = Facts {
            ends: [chance.pick(&ends); 2],
            ..Facts::any(&mut chance)
        };
        let settings = any_settings(&mut chance);
        let target = Http::described(facts, settings.clone()).target();
        assert_eq!(validate(&target), [], "{target:?}");
        sound += 1;
        let rules = rules(&mut chance, 3, |chance| match chance.one_in(3) {
            true => Fault::Anything,
            false => Fault::Changed(chance.pick(&Change::ALL)),
        });
        let schedule = schedule("http", facts, rules, seed);
        let mut sim = schedule.sim();
        sim.world = Box::new(Http::described(facts, settings));
        let report = schedule.report_on(&mut sim);
        let code = report.map(|report| exit_code(&report, false));
        assert!(
            !matches!(code, Ok(0) | Err(_)),
            "{seed} {code:?} {target:?}"
        );
    }
    assert_eq!(sound, WORLDS);
}

/// The reports of worlds that do not pass, and of one that does.
fn reports(chance: &mut Chance) -> Vec<Report> {
    let mut reports = Vec::new();
    for service in services() {
        let facts = match reports.is_empty() {
            true => Facts::PLAIN,
            false => not_passing(service, chance),
        };
        let schedule = schedule(service, facts, Vec::new(), chance.next());
        reports.push(schedule.report().expect("it is as it has to be"));
    }
    reports
}

fn results(targets: Vec<Report>) -> Results {
    let exit_codes: Vec<u8> = targets
        .iter()
        .map(|report| exit_code(report, false))
        .collect();
    let exit_code = super::world::most_serious(exit_codes.clone());
    Results {
        version: "1.0.0".into(),
        started_at_ms: 1_760_000_000_000,
        duration_ms: 1,
        conclusion: Conclusion {
            verdict: Verdict::Errored,
            exit_code,
            exit_codes,
        },
        targets,
    }
}

#[test]
fn a_results_file_that_is_changed_does_not_become_a_pass() {
    let mut chance = Chance::new(3);
    let passed = results(vec![reports(&mut chance).swap_remove(0)]);
    let passed = Results {
        conclusion: Conclusion {
            verdict: Verdict::Passed,
            ..passed.conclusion
        },
        ..passed
    };
    let passed = render("json", &passed, "n").expect("it is known");
    let (mut read, mut refused) = (0, 0);
    for round in 0..40 {
        let whole = render("json", &results(reports(&mut chance)), "n").expect("it is known");
        let whole: serde_json::Value = serde_json::from_str(&whole).expect("it is JSON");
        for _ in 0..60 {
            let mut changed = whole.clone();
            for _ in 0..=chance.below(3) {
                let change = match chance.one_in(6) {
                    true => Change::Swap,
                    false => chance.pick(&Change::ALL),
                };
                change_value(&mut changed, change, &mut chance);
            }
            let mut files = vec![changed.to_string()];
            if round % 2 == 0 {
                files.push(passed.clone());
            }
            match read_all(&files, Vec::new()) {
                Err(_) => refused += 1,
                Ok(merged) => {
                    read += 1;
                    let Conclusion {
                        verdict, exit_code, ..
                    } = merged.conclusion;
                    assert_ne!(verdict, Verdict::Passed, "{changed}");
                    assert_ne!(exit_code, 0, "{changed}");
                }
            }
        }
    }
    assert!(
        read > 100 && refused > 100,
        "{read} were read, {refused} refused"
    );
}

#[test]
fn a_world_that_is_left_alone_shows_what_it_is() {
    for service in services() {
        let sim = Sim::new(world(service, Facts::PLAIN), Vec::new(), Chance::new(1));
        assert!(sim.world.passes(), "{service}");
    }
}
