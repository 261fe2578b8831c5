//! Suites of a branch, and the coverage of the schema beside a run.

use super::small::{Told, bodies, integer, serve, told};
use super::*;

/// A service of one app with a branch that has a suite of its own.
#[derive(Default)]
struct Branches {
    coverage: Json,
    created: bool,
    started: Option<Vec<String>>,
    empty: bool,
}

impl Branches {
    fn route(&mut self, call: &str, query: &str, body: &Json) -> Told {
        let of_branch = query.contains("branch_id=b7");
        Some(match call {
            "GET /apps/a1/branches" => {
                let mut list = vec![json!({"id": "b7", "name": "pr-12", "status": "open"})];
                if self.created {
                    list.push(json!({"id": "b8", "name": "pr-13"}));
                }
                (200, json!(list))
            }
            "POST /apps/a1/branches/ci" => {
                self.created = true;
                (200, json!({"id": "b7", "name": "pr-12"}))
            }
            "GET /apps/a1/test-suites" if of_branch && self.empty => (200, json!([])),
            "GET /apps/a1/test-suites" if of_branch => (
                200,
                json!([{"id": "s1", "name": "checkout"}, {"id": "s9", "name": "refunds"}]),
            ),
            "GET /apps/a1/test-suites" => (200, json!([{"id": "s1", "name": "checkout"}])),
            "GET /jobs" | "GET /apps/a1/test-runs" => (200, json!([])),
            "POST /apps/a1/test-suites/run" => {
                let ids = body["test_suite_ids"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                let ids = ids.iter().filter_map(Json::as_str).map(str::to_owned);
                self.started = Some(ids.collect());
                (202, json!({"job_id": "j"}))
            }
            "GET /jobs/j" => (200, json!({"job_status": "COMPLETED", "run_id": "r"})),
            "GET /apps/a1/test-runs/r/suite-reports" => (200, self.reports()),
            "GET /apps/a1/schema-coverage" if !self.coverage.is_null() => {
                (200, json!({"coverage_percentage": self.coverage}))
            }
            _ => return None,
        })
    }

    fn reports(&self) -> Json {
        let names = [("s1", "checkout"), ("s9", "refunds")];
        let asked = self.started.clone().unwrap_or_default();
        let ran = |id: &str| asked.is_empty() && id == "s1" || asked.iter().any(|each| each == id);
        names
            .iter()
            .filter(|(id, _)| ran(id))
            .map(|(id, name)| {
                json!({"id": id, "suite_id": id, "name": name, "status": "passed", "steps": [
                {"name": "one", "pass": true}]})
            })
            .collect()
    }
}

fn end(branches: Branches, settings: Vec<Setting>) -> (Report, Fake, Option<Vec<String>>) {
    let mut target = target();
    target.settings.extend(settings);
    let branches = Rc::new(RefCell::new(branches));
    let served = Rc::clone(&branches);
    let mut ports = Fake::new(serve(move |call, query, body, _| {
        served.borrow_mut().route(call, query, body)
    }));
    let report = run(&target, &mut ports);
    let started = branches.borrow().started.clone();
    (report, ports, started)
}

#[test]
fn a_run_of_a_branch_names_the_branchs_suites() {
    for branch in ["pr-12", "b7"] {
        let (report, _, started) = end(Branches::default(), vec![text("branch", branch)]);
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        assert_eq!(started.expect("a run"), ["s1", "s9"]);
    }
    let settings = vec![text("branch", "pr-12"), suites(&["refunds"])];
    let (report, _, started) = end(Branches::default(), settings);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(started.expect("a run"), ["s9"]);
}

#[test]
fn a_branch_that_is_not_there_or_has_nothing_starts_nothing() {
    let (report, _, started) = end(Branches::default(), vec![text("branch", "pr-21")]);
    assert_eq!((code(&report), started), (Some(Code::Usage), None));
    assert!(
        reason(&report).contains("no branch \"pr-21\""),
        "{report:?}"
    );
    let empty = Branches {
        empty: true,
        ..Branches::default()
    };
    let (report, _, started) = end(empty, vec![text("branch", "pr-12")]);
    assert_eq!((code(&report), started), (Some(Code::NoTests), None));
}

#[test]
fn a_branch_of_ci_is_found_or_created_with_what_is_known_of_it() {
    let settings = vec![
        text("ci_branch.name", "pr-12"),
        text("ci_branch.provider", "github"),
        integer("ci_branch.pr_number", 12),
    ];
    let (report, ports, started) = end(Branches::default(), settings);
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!(started.expect("a run"), ["s1", "s9"]);
    assert_eq!(
        bodies(&ports, Method::Post, "/branches/ci"),
        [json!({"name": "pr-12", "git_ref": {"provider": "github", "pr_number": 12}})]
    );
}

#[test]
fn the_coverage_is_a_test_beside_the_suites() {
    for (told_as, least, verdict, expected) in [
        (json!(80), 80, Verdict::Passed, None),
        (json!("79.5%"), 80, Verdict::Failed, Some(Code::Failed)),
        (json!(0.9), 80, Verdict::Errored, Some(Code::ServiceErrored)),
        (Json::Null, 80, Verdict::Errored, Some(Code::ServiceErrored)),
    ] {
        let branches = Branches {
            coverage: told_as.clone(),
            ..Branches::default()
        };
        let (report, ..) = end(branches, vec![integer("min_schema_coverage", least)]);
        assert_eq!(
            (report.verdict, code(&report)),
            (verdict, expected),
            "{told_as}: {report:?}"
        );
        assert_eq!(
            told(&report),
            [
                "checkout/one: passed".to_owned(),
                format!("schema coverage/>= 80 %: {verdict}")
            ]
        );
    }
}

#[test]
fn a_check_creates_no_branch() {
    for (name, fact) in [("pr-12", "is there"), ("pr-99", "would be created")] {
        let mut target = with(target(), text("ci_branch.name", name));
        target.settings.push(integer("min_schema_coverage", 50));
        let mut branches = Branches {
            coverage: json!(61),
            ..Branches::default()
        };
        let mut ports = Fake::new(serve(move |call, query, body, _| match call {
            "GET /users/me" | "GET /apps/a1" => Some((200, json!({}))),
            call => branches.route(call, query, body),
        }));
        let facts = check(&target, &mut ports).expect("it is all right");
        assert!(facts.iter().any(|each| each.contains(fact)), "{facts:?}");
        assert_eq!(ports.count("POST", ""), 0);
    }
}
