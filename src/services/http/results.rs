//! From the answers to tests and a verdict. Fails closed: a pass needs the word of the run and that of a test.

use serde_json::Value;

use super::paging::pages;
use super::place::Place;
use super::settings::{Settings, Tests};
use crate::api::{Client, json};
use crate::error::Problem;
use crate::model::{Run, Target, TestCase, Trigger, Verdict};
use crate::services::case::{one_line, read_word};
use crate::services::{Description, Followed, Found, Judged, State};
use crate::verdict::{is_trouble, worst};

/// Collects the results and judges them together with the run's state.
pub fn collect(
    client: &mut Client,
    target: &Target,
    settings: &Settings,
    trigger: &Trigger,
    followed: &Followed,
    found: &mut Found,
) -> Result<Judged, Problem> {
    found.run = trigger.runs.first().map(|id| Run {
        id: id.clone(),
        url: link(settings.run_url.as_ref(), &followed.body),
    });
    let Some(tests) = &settings.tests else {
        return Ok(as_a_whole(target, &followed.state, found));
    };
    pages(
        client,
        target,
        settings,
        trigger,
        followed,
        |client, answer| {
            let results = tests
                .list
                .list(answer)
                .ok_or("`tests` leads to nothing in it")?;
            for result in results {
                let number = found.tests.len() + 1;
                found
                    .tests
                    .push(test(client.service(), tests, number, result));
            }
            Ok(())
        },
    )?;
    Ok(judge(&followed.state, &found.tests))
}

/// The run as one test, if it has come to its end.
fn as_a_whole(target: &Target, state: &State, found: &mut Found) -> Judged {
    let (Some(verdict), Some(word)) = (state.verdict(), state.word()) else {
        return Judged::because(Verdict::Errored, "the run has not ended");
    };
    let test = TestCase::new(&target.name, "run as a whole", verdict);
    found.tests.push(match verdict {
        Verdict::Passed => test,
        _ => test.because(ended_as(word)),
    });
    match verdict {
        Verdict::Passed => Judged::plain(verdict),
        _ => Judged::because(verdict, ended_as(word)),
    }
}

fn ended_as(word: &str) -> String {
    format!("the run ended as {}", one_line(word))
}

/// The worst of the tests and of the run's own state, which may know of more than the tests do.
fn judge(state: &State, tests: &[TestCase]) -> Judged {
    let (Some(own), Some(word)) = (state.verdict(), state.word()) else {
        return Judged::because(Verdict::Errored, "the run has not ended");
    };
    let of_tests = worst(tests.iter().map(|test| test.verdict));
    match (own, of_tests) {
        (own, _) if tests.is_empty() && is_trouble(own) => {
            Judged::because(own, format!("{}, and it has no results", ended_as(word)))
        }
        (_, _) if tests.is_empty() => Judged::because(Verdict::Skipped, "the run has no results"),
        (Verdict::Passed | Verdict::Skipped, Verdict::Skipped) => {
            Judged::because(Verdict::Skipped, "every test of the run was skipped")
        }
        (own, of_tests) if worst([own, of_tests]) == of_tests && own != Verdict::Skipped => {
            Judged::plain(of_tests)
        }
        // A state that says nothing was run does not agree with a test that passed.
        (Verdict::Skipped, of_tests) if is_trouble(of_tests) => Judged::plain(of_tests),
        (own, _) => Judged::because(
            own,
            format!("{}, though its tests do not say so", ended_as(word)),
        ),
    }
}

/// One result as a test.
fn test(service: &Description, tests: &Tests, number: usize, result: &Value) -> TestCase {
    let words = tests.verdict.words(result);
    let (verdict, why) = if words.is_empty() {
        (Verdict::Errored, Some("it has no verdict".to_owned()))
    } else {
        // Words that contradict each other are together one that is not known.
        read_word(service, &words.join(", "))
    };
    let text = |place: &Option<Place>| place.as_ref().and_then(|place| place.word(result));
    let name = text(&tests.name).unwrap_or_else(|| format!("test {number}"));
    let mut test = TestCase::new(text(&tests.suite).unwrap_or_default(), name, verdict);
    test.duration_ms = duration_ms(tests, result);
    test.url = link(tests.url.as_ref(), result);
    if verdict != Verdict::Passed {
        let told = tests
            .message
            .as_ref()
            .and_then(|place| message(place, result));
        let line = told.as_deref().map(first_line);
        test.details = told.filter(|told| line.as_deref() != Some(told));
        test.message = line.or(why);
    }
    test
}

/// All texts at a place, each on a line of its own.
fn message(place: &Place, result: &Value) -> Option<String> {
    let texts: Vec<String> = place
        .all(result)
        .into_iter()
        .filter(|value| !value.is_null())
        .map(json::shown)
        .filter(|text| !text.trim().is_empty())
        .collect();
    (!texts.is_empty()).then(|| json::cut(&texts.join("\n")))
}

fn first_line(text: &str) -> String {
    one_line(text.trim().lines().next().unwrap_or_default())
}

/// The duration in milliseconds, if there is a sensible one. Some services write numbers as texts.
fn duration_ms(tests: &Tests, result: &Value) -> Option<u64> {
    let written = tests.duration.as_ref()?.word(result)?;
    let number = written.parse::<serde_json::Number>().ok()?.as_f64()?;
    let ms = number * tests.unit_ms;
    (0.0..1e12).contains(&ms).then(|| ms.round() as u64)
}

fn link(place: Option<&Place>, answer: &Value) -> Option<String> {
    place.and_then(|place| place.link(answer))
}
