//! Every service, every call that it makes in a run, every fault, once and for ever.

use std::time::Duration;

use super::chance::Chance;
use super::fault::Fault;
use super::ports::{About, Rule, Sim, is_trigger};
use super::schedule::{Operation, Schedule, exit_code};
use super::stage::{Case, Class, Stage, right};
use super::world::{Facts, services, world};
use crate::services::run;

/// A call of a run without faults: where it is, and the how-manyth of all and of its own it is.
struct Place {
    stage: Stage,
    call: String,
    number: usize,
    own: usize,
}

/// The calls of a run without faults, each once in each stage.
fn places(service: &str) -> Vec<Place> {
    let mut sim = Sim::new(world(service, Facts::PLAIN), Vec::new(), Chance::new(1));
    let target = sim.world.target();
    sim.begin(Duration::ZERO, target.timeout);
    let report = run(&target, &mut sim);
    assert_eq!(exit_code(&report, false), 0, "{service}: {report:?}");
    let triggers = || {
        let calls = sim.calls.iter().enumerate();
        calls
            .filter(|(_, call)| is_trigger(call))
            .map(|(number, _)| number)
    };
    let (first, last) = (triggers().min().unwrap_or(1), triggers().max().unwrap_or(0));
    let mut places: Vec<Place> = Vec::new();
    for (number, call) in sim.calls.iter().enumerate() {
        let stage = match number {
            _ if is_trigger(call) => Stage::Trigger,
            number if number < first => Stage::Before,
            number if number > last => Stage::After,
            _ => continue,
        };
        let is_known = |known: &Place| known.stage == stage && known.call == *call;
        if !places.iter().any(is_known) {
            let own = sim.calls[..number].iter().filter(|other| *other == call);
            places.push(Place {
                stage,
                call: call.clone(),
                number,
                own: own.count(),
            });
        }
    }
    places
}

impl Place {
    fn rule(&self, fault: Fault, for_ever: bool) -> Rule {
        let about = match (for_ever, fault) {
            (false, _) => About::Numbers(self.number, self.number + 1),
            // What gets no turn is no call.
            (true, Fault::NoTurn) => About::Numbers(self.number, usize::MAX),
            (true, _) => About::Call(self.call.clone(), self.own, usize::MAX),
        };
        Rule { about, fault }
    }
}

/// What is wrong with one case.
fn wrong(case: &Case, rule: Rule) -> Option<String> {
    let schedule = Schedule {
        seed: 1,
        service: case.service.clone(),
        facts: Facts::PLAIN,
        rules: vec![rule],
        operation: Operation::Run,
        timeout: Duration::from_secs(600),
        stop_at: None,
        latency: 40,
        dated: true,
    };
    let report = match schedule.report() {
        Ok(report) => report,
        Err(why) => return Some(why),
    };
    let code = exit_code(&report, false);
    let right = right(case);
    let told = report
        .problem
        .as_ref()
        .map_or("", |problem| &problem.message);
    if !right.contains(&code) {
        return Some(format!("{right:?} would be right, not {code}: {told}"));
    }
    let is_about_a_call = matches!(code, 5..=8) && Class::of(case.fault) != Class::Odd;
    if is_about_a_call && !told.contains(&case.call) {
        return Some(format!("exit code {code} does not name the call: {told}"));
    }
    None
}

#[test]
fn each_fault_at_each_call_gives_its_exit_code_and_names_the_call() {
    let check = |service: &str| {
        let mut found = Vec::new();
        let mut cases = 0;
        for place in places(service) {
            for fault in Fault::all() {
                for for_ever in [false, true] {
                    let case = Case {
                        service: service.to_owned(),
                        stage: place.stage,
                        call: place.call.clone(),
                        fault,
                        for_ever,
                    };
                    cases += 1;
                    let rule = place.rule(fault, for_ever);
                    found.extend(wrong(&case, rule).map(|why| format!("{case:?}\n    {why}")));
                }
            }
        }
        (cases, found)
    };
    let (mut cases, mut found) = (0, Vec::new());
    std::thread::scope(|scope| {
        let checks: Vec<_> = services()
            .iter()
            .map(|service| scope.spawn(|| check(service)))
            .collect();
        for check in checks {
            let (own, wrong) = check.join().expect("it panics for no case");
            cases += own;
            found.extend(wrong);
        }
    });
    assert!(cases > 10_000, "{cases} cases");
    let count = found.len();
    assert!(
        found.is_empty(),
        "{count} of {cases}:\n{}",
        found.join("\n")
    );
}
