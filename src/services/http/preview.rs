//! What a target would send, for people. Variables are shown by their names, as their values may be nobody's business.

use super::settings::{Next, Settings};
use super::template::Part;
use super::words;
use crate::model::Target;

/// What would be sent and how the answers would be read. Nothing is sent.
pub fn facts(target: &Target, settings: &Settings) -> Vec<String> {
    let base = target.api_url.as_str();
    let mut facts = vec![trigger(target, settings, base), poll(settings, base)];
    facts.extend(meanings(target));
    facts.push(results(settings, base));
    facts.push(match &settings.cancel {
        Some(cancel) => format!("stops a run: {}", cancel.shown(base)),
        None => "cannot stop a run: there is no `cancel`".to_owned(),
    });
    facts.push("nothing was sent: whether the key is accepted shows at the first run".to_owned());
    facts
}

fn trigger(target: &Target, settings: &Settings, base: &str) -> String {
    let auth = match target.text("auth").unwrap_or_default() {
        "none" => "without a key".to_owned(),
        "bearer" => "with the key as a bearer token".to_owned(),
        "basic" => "with the key as user and password".to_owned(),
        header => format!("with the key in the header {header}"),
    };
    let body = match &settings.trigger.body {
        Some(body) => format!("with the body {}", body.written().trim()),
        None => "without a body".to_owned(),
    };
    format!("triggers: {} {auth}, {body}", settings.trigger.shown(base))
}

fn poll(settings: &Settings, base: &str) -> String {
    let states: Vec<&str> = settings
        .states
        .iter()
        .map(|place| place.written())
        .collect();
    let of_run = match &settings.run_id {
        Some(place) if settings.poll.uses(&Part::RunId) => {
            format!("{{run_id}} is {} of the trigger's answer", place.written())
        }
        _ => {
            "it does not name the run, so an end counts only once the state has changed".to_owned()
        }
    };
    format!(
        "polls: {} for {}; {of_run}",
        settings.poll.shown(base),
        states.join(", else ")
    )
}

fn meanings(target: &Target) -> Vec<String> {
    let mut facts = Vec::new();
    for (list, _) in words::LISTS {
        let words = target.texts(list);
        if !words.is_empty() {
            facts.push(format!("{list}: {}", words.join(", ")));
        }
    }
    facts
}

fn results(settings: &Settings, base: &str) -> String {
    let Some(tests) = &settings.tests else {
        return "results: none are read; the run counts as one test".to_owned();
    };
    let from = match &settings.results {
        Some(results) => results.shown(base),
        None => "the last poll's answer".to_owned(),
    };
    let next = match &settings.next {
        None => String::new(),
        Some(Next::Link) => ", page by page by the Link header".to_owned(),
        Some(Next::Address(place)) => format!(", page by page as {} says", place.written()),
        Some(Next::Cursor(place, page)) => format!(
            ", page by page with {} as {{next}} in {}",
            place.written(),
            page.shown(base)
        ),
    };
    format!(
        "results: {from}, {} with the verdict at {}{next}",
        tests.list.written(),
        tests.verdict.written()
    )
}
