//! Comments on pull requests of GitHub.

use proctor_test_support::forge::{Forge, May};
use proctor_test_support::{Proctor, sandbox};
use serde_json::json;

use super::{
    MARKER, OF_JOB, OF_PERSON, actions, bodies, comments, failed, on_github, only, passed, person,
    render, results,
};

/// Who writes as GitHub Actions.
const BOT: u64 = 41_898_282;

#[test]
fn a_run_comments_once_and_keeps_its_comment_up_to_date() {
    let forge = Forge::github(&[actions(May::Write)]);
    forge.state().add(1, "User", "## hello");
    let sandbox = sandbox("");
    let run = |app: &str| {
        let run = on_github(&forge, Proctor::run(&sandbox, app));
        run.arguments(&["--comment", "github", "--comment-key", "api"])
            .variable("GITHUB_TOKEN", OF_JOB)
            .variable("GITHUB_OUTPUT", "output")
            .end()
    };
    let first = run("app-outcomes");
    let text = only(&forge, BOT);
    assert!(text.starts_with("<!-- proctor:api -->\n## "), "{text}");
    assert!(
        text.contains("Proctor: ") && !text.contains("passed\n\nExit code 0"),
        "{text}"
    );
    assert!(
        text.ends_with("\n<sub>[build](https://github.com/o/r/actions/runs/77)</sub>\n"),
        "{text}"
    );
    let outputs = first.read("output");
    assert!(
        outputs.contains("comment-url<<")
            && outputs.contains("\nhttps://github.com/o/r/pull/12#issuecomment-102\n"),
        "{outputs}"
    );
    run("app-7f3")
        .expect(0)
        .says("brought the comment up to date on pull request 12 of o/r");
    let text = only(&forge, BOT);
    assert!(
        text.starts_with("<!-- proctor:api -->\n") && text.contains("Exit code 0"),
        "{text}"
    );
    assert_eq!(forge.texts(1), ["## hello"]);
    // Once to create, and again to see whether somebody else has.
    assert_eq!(
        (forge.calls("POST").len(), forge.calls("PATCH").len()),
        (1, 1)
    );
}

#[test]
fn runs_that_were_left_are_commented_when_they_are_followed() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sandbox = sandbox("");
    let mut started = on_github(&forge, Proctor::start(&sandbox, "app-7f3"));
    // Asked for in the environment, for all commands.
    started = started
        .variable("PROCTOR_COMMENT", "auto")
        .variable("GITHUB_TOKEN", OF_JOB);
    let started = started.end().expect(0);
    assert_eq!(forge.server.asked(), [], "there is nothing to tell yet");
    let wait = Proctor::new(&["wait", "proctor-handle.json"]).within(started.folder.path());
    on_github(&forge, wait)
        .key(proctor_test_support::KEY)
        .variable("PROCTOR_COMMENT", "auto")
        .variable("PROCTOR_COMMENT_KEY", "left")
        .variable("GITHUB_TOKEN", OF_JOB)
        .end()
        .expect(0);
    assert!(only(&forge, BOT).starts_with("<!-- proctor:left -->\n"));
}

#[test]
fn a_comment_is_found_on_any_page() {
    let forge = Forge::github(&[actions(May::Write)]);
    {
        let mut state = forge.state();
        for number in 0..250 {
            let body = match number {
                240 => format!("{MARKER}\r\nold"),
                _ => format!("comment {number}"),
            };
            state.add(BOT, "Bot", &body);
        }
    }
    comments(&forge, &results(&[passed("a")])).end().expect(0);
    let state = forge.state();
    assert_eq!(state.comments.len(), 250);
    let text = &state.comments[240].body;
    assert!(
        text.starts_with(MARKER) && text.contains("passed") && !text.contains("old"),
        "{text}"
    );
    drop(state);
    let looked: Vec<String> = forge
        .calls("GET")
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    let path = "/api/repos/o/r/issues/12/comments?per_page=100&page=";
    assert_eq!(looked, [1, 2, 3].map(|page| format!("{path}{page}")));
}

#[test]
fn each_key_has_a_comment_of_its_own() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sample = results(&[passed("a")]);
    for _ in 0..2 {
        comments(&forge, &sample).end().expect(0);
        comments(&forge, &sample)
            .variable("GITHUB_JOB", "other")
            .end()
            .expect(0);
        comments(&forge, &sample)
            .arguments(&["--comment-key", "mine --> /close"])
            .end()
            .expect(0);
    }
    let state = forge.state();
    let heads: Vec<&str> = bodies(&state.comments)
        .iter()
        .filter_map(|body| body.lines().next())
        .collect();
    assert_eq!(
        heads,
        [
            MARKER,
            "<!-- proctor:Hosted%20tests/other -->",
            "<!-- proctor:mine%20-%2D%3E%20%2Fclose -->"
        ]
    );
}

#[test]
fn targets_and_configuration_are_a_part_of_the_key() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sandbox = sandbox("");
    let run = |arguments: &[&str]| {
        let config = ["api", "shop"].map(|name| {
            format!(
                "[targets.{name}]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n",
                sandbox.service_url("keploy"),
                sandbox.system_url()
            )
        });
        let config = format!("[defaults]\ncomment = \"auto\"\n{}", config.concat());
        on_github(&forge, Proctor::new(&["run"]).arguments(arguments))
            .file("proctor.toml", &config)
            .key(proctor_test_support::KEY)
            .variable("GH_TOKEN", OF_JOB)
            .end()
            .expect(0);
    };
    run(&[]);
    run(&["api"]);
    run(&["api"]);
    // The legs of a matrix that differ by what is set, in whatever order.
    let suites = ["--set", "suites=checkout"];
    let limit = ["--set", "rate_limit=5"];
    run(&[&["api"], &suites[..], &limit].concat());
    run(&[&["api"], &limit[..], &suites].concat());
    run(&[&["api"], &limit[..]].concat());
    let url = sandbox.service_url("keploy");
    run(&["api", "--api-url", &url]);
    let state = forge.state();
    let heads: Vec<&str> = bodies(&state.comments)
        .iter()
        .filter_map(|body| body.lines().next())
        .collect();
    let begin = "<!-- proctor:Hosted%20tests/e2e/proctor.toml";
    assert_eq!(
        heads[..2],
        [format!("{begin} -->"), format!("{begin}/api -->")]
    );
    let mut set: Vec<&str> = heads[2..].to_vec();
    assert_eq!(set.len(), 3, "{set:?}");
    set.dedup();
    assert_eq!(set.len(), 3, "{set:?}");
    for head in set {
        let is_digest = head.starts_with(&format!("{begin}/api/set-"));
        assert!(is_digest && !head.contains("checkout"), "{head}");
    }
}

#[test]
fn a_marker_of_somebody_else_is_none() {
    // Even if the token may change what others have written.
    for may in [May::Write, May::Maintain] {
        let forge = Forge::github(&[actions(may)]);
        let forged = format!("{MARKER}\n## ✅ Proctor: passed");
        forge.state().add(66, "User", &forged);
        for _ in 0..2 {
            comments(&forge, &results(&[failed("a")])).end().expect(1);
        }
        assert_eq!(forge.texts(66), [forged]);
        assert!(only(&forge, BOT).contains("❌ Proctor: failed"));
    }
}

#[test]
fn a_person_is_known_by_the_token() {
    let forge = Forge::github(&[person(May::Maintain)]);
    let others = [(66, "User"), (67, "Bot")].map(|(id, kind)| {
        let text = format!("{MARKER}\nof {id}");
        forge.state().add(id, kind, &text);
        (id, text)
    });
    for _ in 0..2 {
        comments(&forge, &results(&[passed("a")]))
            .variable("GITHUB_TOKEN", OF_PERSON)
            .end()
            .expect(0);
    }
    for (id, text) in others {
        assert_eq!(forge.texts(id), [text]);
    }
    assert!(only(&forge, 5).contains("passed"));
}

#[test]
fn what_cannot_be_changed_is_left_and_another_one_created() {
    let forge = Forge::github(&[actions(May::Write)]);
    let other = format!("{MARKER}\nof another app");
    forge.state().add(67, "Bot", &other);
    comments(&forge, &results(&[passed("a")])).end().expect(0);
    assert_eq!(forge.texts(67), [other]);
    assert!(only(&forge, BOT).starts_with(MARKER));
}

#[test]
fn two_jobs_at_once_leave_one_comment() {
    let forge = Forge::github(&[actions(May::Write)]);
    forge.state().before_creating = Some(Box::new(|state| {
        state.add(BOT, "Bot", &format!("{MARKER}\nof the other job"));
    }));
    comments(&forge, &results(&[failed("a")])).end().expect(1);
    let text = only(&forge, BOT);
    assert!(
        text.starts_with(MARKER) && text.contains("failed"),
        "{text}"
    );
    assert_eq!(forge.calls("DELETE").len(), 1);
}

#[test]
fn the_event_tells_where_the_ref_does_not() {
    let events = [
        json!({"issue": {"number": 12, "pull_request": {}}}),
        json!({"pull_request": {"number": 12, "head": {"sha": "0123456789abcdef0123456789abcdef01234567"}}}),
        json!({"workflow_run": {"pull_requests": [{"number": 12}], "head_sha": "0123456789abcdef"}}),
    ];
    for event in events {
        let forge = Forge::github(&[actions(May::Write)]);
        comments(&forge, &results(&[passed("a")]))
            .variable("GITHUB_REF", "refs/heads/main")
            .variable("GITHUB_EVENT_PATH", "event.json")
            .file("event.json", &event.to_string())
            .end()
            .expect(0);
        let text = only(&forge, BOT);
        let has_commit = text.contains("<sub>Commit 0123456789abcdef");
        assert_eq!(has_commit, event.get("issue").is_none(), "{text}");
    }
}

#[test]
fn without_a_pull_request_there_is_none_and_it_is_said_if_it_was_asked_for() {
    let forge = Forge::github(&[actions(May::Write)]);
    for (wish, notice) in [("auto", false), ("github", true), ("never", false)] {
        let job = on_github(&forge, render(&results(&[passed("a")])));
        let outcome = job
            .arguments(&["--comment", wish])
            .variable("GITHUB_REF", "refs/heads/main")
            .variable("GITHUB_TOKEN", OF_JOB)
            .end()
            .expect(0);
        let said = outcome
            .err
            .contains("no comment is written, as this job is not about a pull or merge request");
        assert_eq!(said, notice, "{wish}: {}", outcome.err);
        assert!(!outcome.err.contains("warning"), "{}", outcome.err);
    }
    assert_eq!(forge.server.asked(), []);
}
