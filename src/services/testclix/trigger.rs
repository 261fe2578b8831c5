//! Triggering: which tests, their states before, and what is to be seen of a trigger that was not answered.

use std::time::Duration;

use super::status::{self, Kind};
use super::{GRACE, execute};
use crate::api::{Answer, Client, Failure, Fault, Phase, json};
use crate::error::{Code, Problem, spoken};
use crate::model::{Baseline, Item, Mistake, Target, Trigger};
use crate::services::{Description, Lost, Plan, Seeker};

/// How often it is looked whether somebody else's run has ended.
const BUSY_PAUSE: Duration = Duration::from_secs(5);
/// How long somebody else's run is waited for at most. Ours.
const BUSY_LIMIT: Duration = Duration::from_secs(300);

/// How long, in seconds, an unchanged state is waited on.
pub fn grace(target: &Target) -> u64 {
    let given = target.integer("grace");
    given.map_or(GRACE, |seconds| u64::try_from(seconds).unwrap_or(GRACE))
}

/// Looks for settings that cannot be right together.
pub fn validate(target: &Target) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut wrong = |parameter: &str, message: String| {
        mistakes.push(Mistake {
            parameter: Some(parameter.to_owned()),
            message,
        });
    };
    let tests = target.texts("test");
    let names = target.texts("names");
    match (tests.is_empty(), target.is_set("failing")) {
        (true, false) => wrong(
            "test",
            "give the ids of tests, or failing = true for those that the status list names"
                .to_owned(),
        ),
        (false, true) => wrong(
            "failing",
            "either test or failing says what is executed, not both".to_owned(),
        ),
        _ => {}
    }
    if tests.iter().any(|id| id.trim().is_empty()) {
        wrong("test", "an id is empty".to_owned());
    }
    if let Some(twice) = twice(tests) {
        wrong("test", format!("the test {twice} is given twice"));
    }
    if !names.is_empty() && names.len() != tests.len() {
        let message = format!(
            "there are {} names for {} tests; give one for each, in the same order",
            names.len(),
            tests.len()
        );
        wrong("names", message);
    }
    if let Some(twice) = twice(names) {
        wrong("names", format!("two tests are called {twice:?}"));
    }
    if target
        .integer("grace")
        .is_some_and(|seconds| !(0..=86_400).contains(&seconds))
    {
        wrong(
            "grace",
            "give a number of seconds from 0 to 86400".to_owned(),
        );
    }
    mistakes
}

/// The first text that stands in a list twice.
fn twice(texts: &[String]) -> Option<&String> {
    let mut rest = texts;
    while let Some((first, later)) = rest.split_first() {
        if later.contains(first) {
            return Some(first);
        }
        rest = later;
    }
    None
}

/// A test and what people call it.
struct Test {
    id: String,
    title: String,
}

/// Reads the states before, once nobody else's run of the tests is going on.
pub fn prepare(client: &mut Client, target: &Target) -> Result<Vec<Plan>, Problem> {
    let tests = tests(client, target)?;
    if tests.is_empty() {
        return Err(Problem::new(
            Code::NoTests,
            "the status list names no failing test",
        ));
    }
    plans(client, &tests)
}

/// The same for tests that are left: those that were sent already are at work, and must not be waited for.
pub fn prepare_left(client: &mut Client, left: &[Trigger]) -> Result<Vec<Plan>, Problem> {
    let tests: Vec<Test> = left
        .iter()
        .map(|trigger| Test {
            id: trigger.subject.clone(),
            title: trigger.title.clone(),
        })
        .collect();
    plans(client, &tests)
}

fn plans(client: &mut Client, tests: &[Test]) -> Result<Vec<Plan>, Problem> {
    let until = client.ports.now().after(BUSY_LIMIT);
    let mut told = false;
    loop {
        // Each round reads all of them again, so that no state is older than the wait for another test.
        let intents = read_states(client, tests)?;
        let busy = intents
            .iter()
            .find(|intent| kind_before(client, intent).is_busy());
        let Some(Trigger { title, .. }) = busy else {
            warn_of_unknown(client, &intents);
            return Ok(intents.into_iter().map(plan).collect());
        };
        if client.ports.now() >= until {
            return Err(Problem::new(
                Code::Unavailable,
                format!(
                    "a run of {title} that somebody else started was still going on after {}; nothing was triggered",
                    spoken(BUSY_LIMIT)
                ),
            ));
        }
        if !std::mem::replace(&mut told, true) {
            client.warn(format!(
                "a run of {title} that somebody else started is going on; waiting for its end"
            ));
        }
        client.wait(BUSY_PAUSE).map_err(waiting)?;
    }
}

fn waiting(fault: Fault) -> Problem {
    let failure = Failure {
        call: "waiting for somebody else's run to end".to_owned(),
        fault,
    };
    failure.problem(Phase::BeforeTrigger)
}

fn plan(intent: Trigger) -> Plan {
    Plan {
        call: Some(execute(&intent)),
        intent,
    }
}

fn kind_before(client: &Client, intent: &Trigger) -> Kind {
    let word = intent.baseline.state.as_deref().unwrap_or_default();
    Kind::of(client.service(), word)
}

fn warn_of_unknown(client: &mut Client, intents: &[Trigger]) {
    for intent in intents {
        if kind_before(client, intent) == Kind::Unknown {
            client.warn(format!(
                "{} is in a state that is not known, {:?}; only a run that is seen at work will count",
                intent.title,
                intent.baseline.state.as_deref().unwrap_or_default()
            ));
        }
    }
}

/// The tests to execute: those that are named, or those that the status list names as failing.
fn tests(client: &mut Client, target: &Target) -> Result<Vec<Test>, Problem> {
    if target.is_set("failing") {
        return failing(client).map_err(|failure| failure.problem(Phase::BeforeTrigger));
    }
    let names = target.texts("names");
    let ids = target.texts("test").iter().enumerate();
    Ok(ids
        .map(|(at, id)| Test {
            id: id.clone(),
            title: names.get(at).unwrap_or(id).clone(),
        })
        .collect())
}

/// Source: `GET /status/details` is documented up to the entries of its list, which are read as texts or objects.
fn failing(client: &mut Client) -> Result<Vec<Test>, Failure> {
    let path = "/status/details";
    let answer = client.get(path)?;
    let service = client.service();
    let malformed = |why: &str| Failure {
        call: format!("GET {path}"),
        fault: Fault::Malformed {
            why: why.to_owned(),
            request_id: None,
        },
    };
    let entries = json::list(&answer.json, service.assumed("failing"))
        .ok_or_else(|| malformed("there is no list of failing tests in it"))?;
    let count = json::number(&answer.json, service.assumed("failing_count"));
    if count.is_some_and(|count| count > entries.len() as f64) {
        return Err(malformed("it counts more failing tests than it names"));
    }
    let mut tests: Vec<Test> = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = json::scalar(entry)
            .or_else(|| json::text(entry, service.assumed("failing_id")))
            .ok_or_else(|| malformed("a failing test has no id"))?;
        let title = json::text(entry, service.assumed("failing_name"));
        if tests.iter().all(|test| test.id != id) {
            let title = match title {
                // Two tests of one name would be one in the reports.
                Some(name) if tests.iter().any(|test| test.title == name) => {
                    format!("{name} ({id})")
                }
                Some(name) => name,
                None => id.clone(),
            };
            tests.push(Test { id, title });
        }
    }
    Ok(tests)
}

/// Reads the state of each test. One that is not recorded or not validated cannot be run.
fn read_states(client: &mut Client, tests: &[Test]) -> Result<Vec<Trigger>, Problem> {
    let mut intents = Vec::with_capacity(tests.len());
    for Test { id, title } in tests {
        let first = status::first(client, id).map_err(|failure| unknown(&failure, id))?;
        let word = first.word.ok_or_else(|| {
            Problem::new(
                Code::Protocol,
                format!("the service does not tell the state of {title}"),
            )
        })?;
        if Kind::of(client.service(), &word) == Kind::Unready {
            return Err(Problem::new(
                Code::Usage,
                format!("{title} cannot be run: its state is {word}"),
            )
            .next("record the test and let it be validated in the app, then run again"));
        }
        intents.push(Trigger {
            subject: id.clone(),
            title: title.clone(),
            job: first.bare.then(|| id.clone()),
            baseline: Baseline {
                state: Some(word),
                ..Baseline::default()
            },
            ..Trigger::default()
        });
    }
    Ok(intents)
}

fn unknown(failure: &Failure, id: &str) -> Problem {
    let problem = failure.problem(Phase::BeforeTrigger);
    match &failure.fault {
        Fault::Refused(refusal) if refusal.status == 404 => problem.next(format!(
            "copy the id from the test's panel in the app, and quote its ampersand in a shell; the key's project knows no test {id}"
        )),
        _ => problem,
    }
}

/// Checks the key and the tests by reading.
pub fn check(client: &mut Client, target: &Target) -> Result<Vec<String>, Problem> {
    let overall = client
        .get("/status")
        .map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    let overall = json::text(&overall.json, client.service().assumed("state"));
    let tests = tests(client, target)?;
    let intents = read_states(client, &tests)?;
    let mut facts = vec![format!(
        "the key is accepted; its project is in the state {}",
        overall.as_deref().unwrap_or("unknown")
    )];
    if intents.is_empty() {
        facts.push("the status list names no failing test: nothing would be run".to_owned());
    }
    for intent in intents {
        let word = intent.baseline.state.unwrap_or_default();
        facts.push(format!("test {} is in the state {word}", intent.title));
    }
    Ok(facts)
}

/// The failing tests, as the API lists no others.
pub fn discover(client: &mut Client) -> Result<Vec<Item>, Problem> {
    let tests = failing(client).map_err(|failure| failure.problem(Phase::BeforeTrigger))?;
    client.warn(
        "the API lists failing tests alone; the ids of all others stand in their panels in the app"
            .to_owned(),
    );
    Ok(tests
        .into_iter()
        .map(|Test { id, title }| Item {
            kind: "failing test".to_owned(),
            id,
            name: title,
            parent: None,
            note: None,
        })
        .collect())
}

/// Reads the trigger's answer. DOC: it repeats the id, and tells `queued`, which says that the trigger was accepted and
/// not that a state read later is new; it counts for that only if the user trusts it.
pub fn accepted(
    target: &Target,
    answer: &Answer,
    intent: &Trigger,
    service: &Description,
) -> Option<Trigger> {
    let id = json::text(&answer.json, service.assumed("test_id"));
    let state = json::text(&answer.json, service.assumed("state"))
        .filter(|word| Kind::of(service, word).is_busy());
    if status::is_of_another(service, &intent.subject, &answer.json)
        || (id.is_none() && state.is_none())
    {
        return None;
    }
    Some(Trigger {
        last_state: state.filter(|_| target.is_set("trust_trigger_status")),
        ..intent.clone()
    })
}

/// Looks whether the test is at work: nothing was a moment before it was triggered, so to the sender the run is ours. Who
/// comes later cannot tell it from anybody else's, as neither runs nor times are told.
pub fn find_lost(client: &mut Client, intent: &Trigger, seeker: Seeker) -> Result<Lost, Failure> {
    let answer = client.get(&status::path(&status::segment_of(intent)))?;
    let service = client.service();
    let Some(word) = status::word(service, &intent.subject, &answer) else {
        return Ok(Lost::Unclear("its state is not told".to_owned()));
    };
    let is_busy = Kind::of(service, &word).is_busy();
    if is_busy && seeker == Seeker::Successor {
        return Ok(Lost::Unclear(format!(
            "the test is at work, its state is {word}, but nothing tells by whose trigger"
        )));
    }
    if is_busy {
        return Ok(Lost::Found(Trigger {
            last_state: Some(word),
            ..intent.clone()
        }));
    }
    let before = intent.baseline.state.as_deref().unwrap_or("not known");
    Ok(Lost::Unclear(format!(
        "the test is not at work; its state is {word}, before it was {before}"
    )))
}
