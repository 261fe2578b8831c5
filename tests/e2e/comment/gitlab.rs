//! Comments on merge requests of GitLab.

use proctor_test_support::Proctor;
use proctor_test_support::forge::{Account, Forge, Instead, May};
use serde_json::{Value, json};

use super::{failed, only, passed, render, results, warned};

/// A token of the project.
const OF_PROJECT: &str = "glpat-of-the-project-0123456789";

/// What GitLab gives each job.
const OF_JOB: &str = "glcbt-of-the-job-0123456789";

const MARKER: &str = "<!-- proctor:hosted-tests%201%2F2 -->";

const fn project(may: May) -> Account {
    Account {
        token: OF_PROJECT,
        id: 9,
        kind: "Bot",
        may,
    }
}

/// The user who has pushed.
const fn pusher() -> Account {
    Account {
        token: OF_JOB,
        id: 3,
        kind: "User",
        may: May::Write,
    }
}

/// A job of a pipeline for the merge request 12 of the project 7, with these results.
fn job(forge: &Forge, results: &Value) -> Proctor {
    let variables = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", &forge.api()),
        ("CI_SERVER_URL", "https://gitlab.example.com"),
        ("CI_JOB_NAME", "hosted-tests 1/2"),
        (
            "CI_JOB_URL",
            "https://gitlab.example.com/group/project/-/jobs/1",
        ),
        ("CI_PROJECT_ID", "7"),
        ("CI_COMMIT_SHA", "0123456789abcdef0123456789abcdef01234567"),
        ("CI_MERGE_REQUEST_IID", "12"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "7"),
        (
            "CI_MERGE_REQUEST_PROJECT_URL",
            "https://gitlab.example.com/group/project",
        ),
        ("CI_JOB_TOKEN", OF_JOB),
    ];
    let render = render(results).arguments(&["--comment", "auto", "--verbose"]);
    variables
        .into_iter()
        .fold(render, |proctor, (name, value)| {
            proctor.variable(name, value)
        })
}

#[test]
fn a_merge_request_is_commented_once() {
    let forge = Forge::gitlab(&[project(May::Write), pusher()]);
    job(&forge, &results(&[failed("a")]))
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(1)
        .says("commented on merge request !12: https://gitlab.example.com/group/project/-/merge_requests/12#note_101");
    let text = only(&forge, 9);
    assert!(
        text.starts_with(MARKER) && text.contains("failed"),
        "{text}"
    );
    assert!(
        text.ends_with(
            "<sub>Commit 0123456789abcdef0123456789abcdef01234567, \
             [build](https://gitlab.example.com/group/project/-/jobs/1)</sub>"
        ),
        "{text}"
    );
    job(&forge, &results(&[passed("a")]))
        .variable("GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(0)
        .says("brought the comment up to date on merge request !12");
    assert!(only(&forge, 9).contains("passed"));
    assert_eq!(
        (forge.calls("POST").len(), forge.calls("PUT").len()),
        (1, 1)
    );
}

#[test]
fn it_is_found_among_hundreds_of_notes_and_markers_of_others() {
    let forge = Forge::gitlab(&[project(May::Maintain), pusher()]);
    let forged = format!("{MARKER}\n## passed");
    {
        let mut state = forge.state();
        state.add(66, "User", &forged);
        for number in 0..230 {
            state.add(1, "User", &format!("note {number}"));
        }
        state.add(9, "Bot", &format!("{MARKER}\nold"));
    }
    job(&forge, &results(&[passed("a")]))
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(0);
    assert_eq!(forge.texts(66), [forged]);
    assert!(only(&forge, 9).contains("passed"));
    assert_eq!(forge.calls("POST"), []);
}

/// A token that may change every note, at a server that does not tell whose it is.
#[test]
fn a_note_of_nobody_knows_whom_is_left_alone() {
    let forge = Forge::gitlab(&[project(May::Maintain)]);
    let forged = format!("{MARKER}\n## passed");
    forge.state().add(66, "User", &forged);
    for (tests, code, says) in [
        (failed("a"), 1, "failed"),
        (passed("a"), 0, "passed"),
        (failed("a"), 1, "failed"),
    ] {
        let mut state = forge.state();
        let notes = state.comments.iter();
        let notes = notes.map(|note| {
            json!({"id": note.id, "body": note.body, "author": {"id": note.author}, "system": false})
        });
        let answers = [
            (200, Value::Array(notes.collect())),
            (403, json!({"message": "403 Forbidden"})),
        ];
        state.instead.extend(answers.map(|(status, body)| Instead {
            method: "GET",
            status,
            headers: Vec::new(),
            body,
            is_done: false,
        }));
        drop(state);
        job(&forge, &results(&[tests]))
            .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
            .end()
            .expect(code);
        assert_eq!(forge.texts(66), std::slice::from_ref(&forged));
        assert!(only(&forge, 9).contains(says));
    }
}

#[test]
fn a_pipeline_of_a_branch_comments_on_its_first_open_merge_request() {
    let forge = Forge::gitlab(&[project(May::Write)]);
    job(&forge, &results(&[passed("a")]))
        .without("CI_MERGE_REQUEST_IID")
        .without("CI_MERGE_REQUEST_PROJECT_ID")
        .without("CI_MERGE_REQUEST_PROJECT_URL")
        .variable("CI_OPEN_MERGE_REQUESTS", "group/project!12,group/other!13")
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(0)
        .says("https://gitlab.example.com/group/project/-/merge_requests/12#note_101");
    assert!(
        forge.calls("POST")[0]
            .path
            .starts_with("/api/projects/group%2Fproject/merge_requests/12/notes")
    );
}

#[test]
fn a_jobs_own_token_reads_and_it_is_said_what_is_needed_to_write() {
    let forge = Forge::gitlab(&[pusher()]);
    let outcome = job(&forge, &results(&[failed("a")])).end();
    warned(
        outcome,
        1,
        &[
            "the token of CI_JOB_TOKEN",
            "PROCTOR_GITLAB_TOKEN",
            "scope `api`",
        ],
    );
    let shown = |head: &str| {
        head.to_ascii_lowercase()
            .contains(&format!("job-token: {OF_JOB}"))
    };
    assert!(forge.server.asked().iter().all(|asked| shown(&asked.head)));

    // A server that lets it write is taken at its word: it is the user's note then.
    let forge = Forge::gitlab(&[pusher()]);
    forge
        .state()
        .add(66, "User", &format!("{MARKER}\nof somebody else"));
    forge.state().add(3, "User", &format!("{MARKER}\nold"));
    let outcome = job(&forge, &results(&[passed("a")])).end();
    warned(outcome, 0, &["CI_JOB_TOKEN"]);
    let put = forge.calls("PUT");
    assert_eq!(put.len(), 1, "the own one, and no other: {put:?}");
    assert!(put[0].path.ends_with("/notes/102"), "{}", put[0].path);
}

#[test]
fn tokens_that_may_not_write_are_explained() {
    for (account, token, status) in [
        (project(May::Read), OF_PROJECT, "(403"),
        (project(May::Write), "glpat-another-0123456789", "(401"),
    ] {
        let forge = Forge::gitlab(&[account]);
        let outcome = job(&forge, &results(&[failed("a")]))
            .variable("PROCTOR_GITLAB_TOKEN", token)
            .end();
        warned(
            outcome,
            1,
            &[status, "the token of PROCTOR_GITLAB_TOKEN", "scope `api`"],
        );
        assert!(forge.state().comments.is_empty());
    }
}

#[test]
fn two_jobs_at_once_leave_one_note() {
    let forge = Forge::gitlab(&[project(May::Write)]);
    forge.state().before_creating = Some(Box::new(|state| {
        state.add(9, "Bot", &format!("{MARKER}\nof the other job"));
    }));
    job(&forge, &results(&[failed("a")]))
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(1);
    assert!(only(&forge, 9).contains("failed"));
}

#[test]
fn nothing_that_a_service_says_is_carried_out() {
    let forge = Forge::gitlab(&[project(May::Write)]);
    let mut tests = Vec::new();
    for hostile in super::hostile::TEXTS {
        let mut test = failed(hostile);
        for place in ["suite", "message", "details", "expected", "actual"] {
            test[place] = hostile.into();
        }
        tests.push(test);
    }
    let mut results = results(&tests);
    let target = &mut results["targets"][0];
    target["reason"] = "/merge".into();
    target["warnings"] = serde_json::json!(["/close", "\n/approve"]);
    target["run"]["id"] = "/merge".into();
    job(&forge, &results)
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(1);
    let text = only(&forge, 9);
    assert!(
        text.contains("close") && text.contains("merge"),
        "it is told of: {text}"
    );
    assert_eq!(forge.state().commands, Vec::<String>::new());
}

#[test]
fn thousands_of_failures_fit() {
    let forge = Forge::gitlab(&[project(May::Write)]);
    let tests: Vec<Value> = (0..3_000)
        .map(|number| {
            let mut test = failed(&format!("test {number} of #{number} at 0123456789abcdef"));
            test["details"] = "größe 日本 👩‍🚀 #1 ".repeat(30).into();
            test
        })
        .collect();
    job(&forge, &results(&tests))
        .variable("PROCTOR_GITLAB_TOKEN", OF_PROJECT)
        .end()
        .expect(1);
    let text = only(&forge, 9);
    // The server refuses what is longer.
    assert!(text.len() > 600_000, "{}", text.len());
    assert!(
        text.contains("There was no room for all of it"),
        "what is left out is told"
    );
}
