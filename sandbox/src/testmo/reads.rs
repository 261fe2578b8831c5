//! The calls that read.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::answers::{self, Wrongs};
use super::filter::{PARAMETERS, Wanted};
use super::list::{Paging, Query, Sizes, USUAL};
use super::store::{Run, Source, Store, Test, Thread};
use super::{Caller, Testmo, expands, shapes};
use crate::call::{Call, Reply};

/// How many tests of a run a page has: 100, and up to 1,000.
const TESTS: Sizes = Sizes::Within(100..=1_000);

/// What a call found, or what is wrong with its query.
pub type Found = Result<Reply, Wrongs>;

/// Sorts by a key, the last first if so wanted.
fn sorted<T, K: Ord>(items: &mut [T], descends: bool, key: impl Fn(&T) -> K) {
    if descends {
        items.sort_by_key(|item| Reverse(key(item)));
    } else {
        items.sort_by_key(key);
    }
}

pub fn projects(testmo: &Testmo, caller: &Caller, call: &Call) -> Found {
    let mut query = Query::new(call, &["page", "per_page"]);
    let paging = query.paging(&USUAL);
    query.end()?;
    let projects = testmo.settings.projects.iter();
    let page = paging.cut(
        projects
            .filter(|project| caller.sees(project.id))
            .collect::<Vec<_>>(),
    );
    let result: Vec<Value> = page.items.iter().map(|it| shapes::project(it)).collect();
    Ok(answers::page(&page, &result, &json!({})))
}

pub fn project(testmo: &Testmo, id: u64, call: &Call) -> Found {
    Query::new(call, &[]).end()?;
    Ok(match testmo.settings.project(id) {
        Some(project) => answers::result(&shapes::project(project), &json!({})),
        None => answers::missing("project"),
    })
}

pub fn sources(testmo: &Testmo, store: &Store, project: u64, call: &Call) -> Found {
    const SORTS: [&str; 3] = [
        "automation_sources:created_at",
        "automation_sources:ran_at",
        "automation_sources:retired_at",
    ];
    let known = [
        "page",
        "per_page",
        "sort",
        "order",
        "is_retired",
        "expands",
    ];
    let mut query = Query::new(call, &known);
    let paging = query.paging(&USUAL);
    let sort = query.word("sort", &SORTS).unwrap_or(SORTS[0]);
    let descends = query.descends();
    let retired = query.flag("is_retired");
    let kinds = query.words("expands", &expands::OF_SOURCES);
    query.end()?;
    let mut found: Vec<&Source> = store
        .sources
        .iter()
        .filter(|source| source.project == project)
        .filter(|source| retired.is_none_or(|retired| source.retired == retired))
        .collect();
    let ran = |source: &Source| {
        let runs = store.runs.iter().filter(|run| run.source == source.id);
        runs.map(|run| run.created).max()
    };
    sorted(&mut found, descends, |source| {
        let time = match sort {
            "automation_sources:ran_at" => ran(source),
            "automation_sources:retired_at" => source.retired.then_some(source.created),
            _ => Some(source.created),
        };
        (time, source.id)
    });
    let page = paging.cut(found);
    let result: Vec<Value> = page
        .items
        .iter()
        .map(|source| shapes::source(&testmo.settings, store, source))
        .collect();
    let makers = page.items.iter().map(|source| source.created_by);
    let expands = expands::of_sources(testmo, &kinds.unwrap_or_default(), makers);
    Ok(answers::page(&page, &result, &expands))
}

pub fn source(testmo: &Testmo, store: &Store, id: u64, call: &Call) -> Found {
    let mut query = Query::new(call, &["expands"]);
    let kinds = query.words("expands", &expands::OF_SOURCES);
    query.end()?;
    let Some(source) = store.sources.iter().find(|source| source.id == id) else {
        return Ok(answers::missing("source"));
    };
    let makers = std::iter::once(source.created_by);
    let expands = expands::of_sources(testmo, &kinds.unwrap_or_default(), makers);
    let result = shapes::source(&testmo.settings, store, source);
    Ok(answers::result(&result, &expands))
}

pub fn runs(testmo: &Testmo, store: &Store, project: u64, call: &Call) -> Found {
    let known = [&["page", "per_page", "sort", "order", "expands"], &PARAMETERS[..]].concat();
    let mut query = Query::new(call, &known);
    let paging = query.paging(&USUAL);
    query.word("sort", &["automation_runs:created_at"]);
    let descends = query.descends();
    let kinds = query
        .words("expands", &expands::OF_RUNS)
        .unwrap_or_default();
    let wanted = Wanted::read(&mut query);
    query.end()?;
    let mut found: Vec<&Run> = store
        .runs
        .iter()
        .filter(|run| run.project == project && wanted.takes(&testmo.settings, run))
        .collect();
    sorted(&mut found, descends, |run| (run.created, run.id));
    let page = paging.cut(found);
    let result: Vec<Value> = page
        .items
        .iter()
        .map(|run| shapes::run(&testmo.settings, run))
        .collect();
    let expands = expands::of_runs(testmo, store, &kinds, &page.items);
    Ok(answers::page(&page, &result, &expands))
}

pub fn run(testmo: &Testmo, store: &Store, id: u64, call: &Call) -> Found {
    let mut query = Query::new(call, &["expands"]);
    let kinds = query
        .words("expands", &expands::OF_RUNS)
        .unwrap_or_default();
    query.end()?;
    let Some(run) = store.run(id) else {
        return Ok(answers::missing("run"));
    };
    let expands = expands::of_runs(testmo, store, &kinds, &[run]);
    let result = shapes::run(&testmo.settings, run);
    Ok(answers::result(&result, &expands))
}

/// The tests of a run. ASSUMED: sorted by id unless told.
pub fn tests(testmo: &Testmo, store: &Store, id: u64, call: &Call) -> Found {
    const SORTS: [&str; 5] = [
        "automation_run_tests:id",
        "automation_run_tests:name",
        "automation_run_tests:status",
        "automation_run_tests:elapsed",
        "automation_run_tests:created_at",
    ];
    let known = [
        "page",
        "per_page",
        "sort",
        "order",
        "status_id",
        "thread_id",
    ];
    let mut query = Query::new(call, &known);
    let paging = query.paging(&TESTS);
    let sort = query.word("sort", &SORTS).unwrap_or(SORTS[0]);
    let descends = query.descends();
    let status = query.words("status_id", &["1", "2", "3", "4"]);
    let thread = query.number("thread_id");
    query.end()?;
    let Some(run) = store.run(id) else {
        return Ok(answers::missing("run"));
    };
    let outcome = |test: &Test| shapes::number(test.outcome);
    let mut found: Vec<(&Thread, &Test)> = run
        .threads
        .iter()
        .filter(|own| thread.is_none_or(|id| own.id == id))
        .flat_map(|own| own.seen(&testmo.settings).map(move |test| (own, test)))
        .filter(|(_, test)| {
            let own = outcome(test).to_string();
            status.as_ref().is_none_or(|it| it.contains(&own.as_str()))
        })
        .collect();
    sorted(&mut found, descends, |(_, test)| {
        let elapsed = test.sent.get("elapsed").and_then(Value::as_u64);
        let (text, number) = match sort {
            "automation_run_tests:name" => (test.text("name"), 0),
            "automation_run_tests:status" => ("", outcome(test)),
            "automation_run_tests:elapsed" => ("", elapsed.unwrap_or_default()),
            // Ids are given in the order of creation.
            _ => ("", 0),
        };
        (text, number, test.id)
    });
    Ok(tests_page(testmo, paging, found))
}

fn tests_page(testmo: &Testmo, paging: Paging, found: Vec<(&Thread, &Test)>) -> Reply {
    let page = paging.cut(found);
    let result: Vec<Value> = page
        .items
        .iter()
        .map(|(thread, test)| shapes::test(&testmo.settings, thread, test))
        .collect();
    answers::page(&page, &result, &json!({}))
}
