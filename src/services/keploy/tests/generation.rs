//! Generating suites, and what cannot.

use super::small::{bodies, integer, serve};
use super::*;
use crate::model::{Generated, Wishes};
use crate::services::generate;

/// What a service does with the wish, in order: the word at the end, what it makes, and whether the answer is lost.
fn made(
    target: &Target,
    wishes: Wishes,
    word: &'static str,
    makes: usize,
    loses: bool,
) -> (Generated, Fake) {
    let mut started: Option<Duration> = None;
    let mut stopped = false;
    let mut ports = Fake::new(serve(move |call, _, _, now| {
        let since = started.map(|at| now.saturating_sub(at));
        let ended = since.is_some_and(|since| since >= Duration::from_secs(30));
        Some(match call {
            "GET /apps/a1/test-suites" => {
                let mut list = vec![json!({"id": "s1", "name": "checkout"})];
                if ended {
                    list.extend(
                        (0..makes).map(|n| json!({"id": format!("new-{n}"), "name": "made"})),
                    );
                }
                (200, json!(list))
            }
            "GET /jobs" => {
                let mut list = vec![json!({"job_id": "old"})];
                if started.is_some() {
                    list.push(json!({"job_id": "j"}));
                    // Somebody runs suites at the same time.
                    list.push(json!({"job_id": "run", "test_suite_ids": ["s1"]}));
                }
                (200, json!(list))
            }
            "POST /apps/a1/test-suites/generate" => {
                started = Some(now);
                match loses {
                    true => (500, Json::Null),
                    false => (202, json!({"job_id": "j"})),
                }
            }
            "GET /jobs/j" if stopped => (200, json!({"job_status": "STOPPED"})),
            "GET /jobs/j" if ended => (
                200,
                json!({"job_status": word, "error": "no endpoint answers"}),
            ),
            "GET /jobs/j" => (200, json!({"job_status": "RUNNING"})),
            "POST /jobs/j/stop" => {
                stopped = true;
                (200, json!({}))
            }
            _ => return None,
        })
    }));
    let generated = generate(target, wishes, &mut ports);
    (generated, ports)
}

fn problem(generated: &Generated) -> Option<Code> {
    generated.problem.as_ref().map(|problem| problem.code)
}

#[test]
fn what_is_new_is_told() {
    let wishes = Wishes {
        schema: Some("openapi: 3.1.0".into()),
        docs: Some("it sells".into()),
        prompt: Some("mind refunds".into()),
        max_suites: Some(5),
    };
    let target = with(target(), integer("rate_limit", 3));
    let (generated, ports) = made(&target, wishes, "COMPLETED", 2, false);
    assert_eq!(generated.problem, None);
    let ids: Vec<&str> = generated
        .items
        .iter()
        .map(|item| item.id.as_str())
        .collect();
    assert_eq!(ids, ["new-0", "new-1"]);
    assert_eq!(generated.job.as_deref(), Some("j"));
    assert_eq!(
        bodies(&ports, Method::Post, "/generate"),
        [
            json!({"base_url": "https://staging.example.com", "schema": "openapi: 3.1.0", "docs": "it sells",
            "user_prompt": "mind refunds", "max_test_suites": 5, "rate_limit": 3})
        ]
    );
}

#[test]
fn every_other_end_has_its_code() {
    for (word, makes, expected) in [
        ("COMPLETED", 0, Some(Code::NoTests)),
        ("FAILED", 0, Some(Code::ServiceErrored)),
        ("FAILED", 2, Some(Code::ServiceErrored)),
        ("CANCELLED", 0, Some(Code::ServiceErrored)),
        ("MARINATED", 0, Some(Code::TimedOut)),
    ] {
        let (generated, ports) = made(&target(), Wishes::default(), word, makes, false);
        assert_eq!(problem(&generated), expected, "{word}");
        assert_eq!(generated.items.len(), makes, "{word}");
        let stopped = ports.count("POST", "/jobs/j/stop") > 0;
        assert_eq!(stopped, expected == Some(Code::TimedOut), "{word}");
    }
    let (generated, _) = made(&target(), Wishes::default(), "FAILED", 0, false);
    let told = generated.problem.expect("it failed").message;
    assert!(told.contains("ended FAILED: no endpoint answers"), "{told}");
}

#[test]
fn a_lost_answer_is_looked_for_among_jobs_that_run_nothing() {
    let (generated, ports) = made(&target(), Wishes::default(), "COMPLETED", 1, true);
    assert_eq!(generated.problem, None);
    assert_eq!(generated.items.len(), 1);
    assert_eq!(ports.count("POST", "/generate"), 1);
}

#[test]
fn too_much_is_refused_before_it_is_sent() {
    let wishes = Wishes {
        schema: Some("x".repeat(5_000_000)),
        ..Wishes::default()
    };
    let (generated, ports) = made(&target(), wishes, "COMPLETED", 1, false);
    assert_eq!(problem(&generated), Some(Code::Usage));
    assert_eq!(ports.count("POST", ""), 0);
}

#[test]
fn what_names_something_else_than_an_app_is_refused_before_anything_is_asked() {
    for (setting, name) in [
        (text("branch", "pr-12"), "`branch`"),
        (text("ci_branch.name", "pr-12"), "`ci_branch.name`"),
        (
            integer("load_test.virtual_users", 5),
            "`load_test.virtual_users`",
        ),
        (suites(&["checkout"]), "`suites`"),
        (text("test_report", "tr-9"), "`test_report`"),
    ] {
        let target = with(target(), setting);
        let (generated, ports) = made(&target, Wishes::default(), "COMPLETED", 1, false);
        let problem = generated.problem.expect(name);
        assert_eq!(problem.code, Code::Usage, "{name}");
        assert!(
            problem.message.contains(name),
            "{name}: {}",
            problem.message
        );
        assert!(ports.sent.is_empty(), "{name}");
    }
}

#[test]
fn a_service_that_makes_nothing_says_so() {
    let target = Target {
        provider: "izli".into(),
        ..target()
    };
    let mut ports = Fake::new(serve(|_, _, _, _| None));
    let generated = generate(&target, Wishes::default(), &mut ports);
    assert_eq!(problem(&generated), Some(Code::Usage));
    assert!(ports.sent.is_empty());
}
