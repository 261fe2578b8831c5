//! Every mistake that is found before anything is sent, with its message.

use super::*;
use crate::services::validate;

/// What is found in a target, as `parameter: message`.
fn found(target: &Target) -> Vec<String> {
    validate(target)
        .into_iter()
        .map(|mistake| {
            let parameter = mistake.parameter.unwrap_or_default();
            format!("{parameter}: {}", mistake.message)
        })
        .collect()
}

#[test]
fn targets_that_can_be_right_are_let_through() {
    let all = [
        bare(),
        target(),
        with(bare(), [text("auth", "PRIVATE-TOKEN")]),
        with(bare(), [text("auth", "none")]),
        with(target(), [text("results_next", "Link")]),
        with(
            bare(),
            [text(
                "trigger",
                "  PUT   /a-b_c~d/%C3%BC;v=1/*?q=a+b&[]=',!$()@:x",
            )],
        ),
        with(bare(), [texts("env", &["PROJECT", "NOTE", "_not_used9"])]),
    ];
    for target in all {
        assert_eq!(found(&target), Vec::<String>::new());
    }
}

#[test]
fn what_is_missing_is_named() {
    let table = [
        (
            "auth",
            "auth: it is missing; write \"none\" if there is no key",
        ),
        ("trigger", "trigger: it is missing"),
        ("poll", "poll: it is missing"),
        ("state", "state: it is missing"),
        ("passed", "passed: it names no word"),
        ("failed", "failed: it names no word"),
        (
            "test_verdict",
            "test_verdict: it is missing; `tests` needs to know where a result has its verdict",
        ),
        (
            "duration_unit",
            "duration_unit: it is missing; write \"ms\" or \"s\"",
        ),
    ];
    for (name, message) in table {
        assert_eq!(found(&without(target(), &[name])), [message]);
    }
    let mut nowhere = target();
    nowhere.api_url.clear();
    assert_eq!(
        found(&nowhere),
        ["api_url: it is missing; an HTTP service has no address of its own"]
    );
}

#[test]
fn what_is_wrong_with_one_parameter_is_told() {
    const TRIGGER: &[(&str, &str)] = &[
        (
            "/runs",
            "it must be a method and a path, as in \"POST /runs\"",
        ),
        (
            "SEND /runs",
            "\"SEND\" is no method: there are GET, POST, PUT, PATCH and DELETE",
        ),
        (
            "post /runs",
            "\"post\" is no method: there are GET, POST, PUT, PATCH and DELETE",
        ),
        (
            "POST https://evil.example/runs",
            "it must be a path below api_url that begins with `/`, not a whole URL",
        ),
        (
            "POST runs",
            "the path must begin with one `/`; it is put after api_url",
        ),
        (
            "POST //evil.example/runs",
            "the path must begin with one `/`; it is put after api_url",
        ),
        (
            "POST /runs/../admin",
            "the path has a segment `.` or `..`, which could leave api_url",
        ),
        (
            "POST /runs/%2E%2e/admin",
            "the path has a segment `.` or `..`, which could leave api_url",
        ),
        (
            "POST /runs/.",
            "the path has a segment `.` or `..`, which could leave api_url",
        ),
        (
            "POST /runs#now",
            "the path has a `#`, which is never sent; write %23",
        ),
        ("POST /my runs", "the path has a blank; write %20"),
        (
            "POST /runs?at=100%",
            "the path has a `%` without two hexadecimal digits; write %25",
        ),
        (
            "POST /runs\\now",
            "the path has a `\\`, which must be percent-encoded",
        ),
        (
            "POST /läufe",
            "the path has the character 'ä', which must be percent-encoded",
        ),
        (
            "POST /runs\u{7}",
            "the path has the character '\\u{7}', which must be percent-encoded",
        ),
        (
            "POST /{run_id}",
            "{run_id} is not known before the run is triggered",
        ),
        ("POST /{next}", "{next} is for `results_page` alone"),
        (
            "POST /{env.OTHER}",
            "{env.OTHER} is used, but `env` does not name OTHER",
        ),
        (
            "POST /{env.A B}",
            "`{env.A B}` is no placeholder: there are {run_id} and {env.NAME}",
        ),
        (
            "POST /{project}",
            "`{project}` is no placeholder: there are {run_id} and {env.NAME}",
        ),
        (
            "POST /{}",
            "`{}` is no placeholder: there are {run_id} and {env.NAME}",
        ),
        (
            "POST /{env.PROJECT",
            "the `{` at character 2 has no counterpart; write `{{` for a brace",
        ),
        (
            "POST /ok/env.PROJECT}",
            "the `}` at character 16 has no counterpart; write `}}` for a brace",
        ),
    ];
    for (value, message) in TRIGGER {
        let wrong = with(bare(), [text("trigger", value)]);
        assert_eq!(found(&wrong), [format!("trigger: {message}")], "{value}");
    }
    let one = |name: &str, value: &str, message: &str| {
        let wrong = with(target(), [text(name, value)]);
        assert_eq!(found(&wrong), [format!("{name}: {message}")], "{value}");
    };
    one("auth", "Bearer", "write \"bearer\"");
    one(
        "auth",
        "",
        "\"\" is neither bearer, basic or none, nor the name of a header",
    );
    one(
        "auth",
        "my key",
        "\"my key\" is neither bearer, basic or none, nor the name of a header",
    );
    one(
        "auth",
        "X-Key:",
        "\"X-Key:\" is neither bearer, basic or none, nor the name of a header",
    );
    one("auth", "Host", "the header Host cannot hold a key");
    one("duration_unit", "minutes", "write \"ms\" or \"s\"");
    one(
        "poll",
        "DELETE /runs/{run_id}",
        "it is sent again and again, so it must be a GET or POST, not a DELETE",
    );
    one(
        "results",
        "PUT /runs/{run_id}",
        "it is sent again and again, so it must be a GET or POST, not a PUT",
    );
    one(
        "results",
        "GET /latest",
        "{run_id} is not used, so that it could be about another run",
    );
    one(
        "cancel",
        "DELETE /latest",
        "{run_id} is not used, so that it could be about another run",
    );
    one(
        "cancel",
        "DELETE /{run_id}/{env.X}",
        "{env.X} is used, but `env` does not name X",
    );
    one(
        "trigger_body",
        "{env.PROJECT}",
        "it is not JSON: key must be a string at line 1 column 2; placeholders stand inside texts only",
    );
    one(
        "trigger_body",
        "{\"n\": {env.NOTE}}",
        "it is not JSON: key must be a string at line 1 column 8; placeholders stand inside texts only",
    );
    one(
        "trigger_body",
        "{\"id\": \"{run_id}\"}",
        "{run_id} is not known before the run is triggered",
    );
    one(
        "trigger_body",
        "{\"x\": \"{env.X}\"}",
        "{env.X} is used, but `env` does not name X",
    );
    one(
        "results_page",
        "GET /runs/{run_id}?a={b}",
        "`{b}` is no placeholder: there are {run_id} and {env.NAME}",
    );
    one(
        "results_page",
        "GET /runs/{run_id}",
        "{next} is not used, so that every page would be the same",
    );
}

#[test]
fn a_path_into_json_is_told_with_the_place_of_its_mistake() {
    let table = [
        (
            "",
            "`` is no JSONPath (RFC 9535): it makes no sense from character 1 on",
        ),
        (
            "run.id",
            "`run.id` is no JSONPath (RFC 9535): it makes no sense from character 1 on",
        ),
        (
            "$.run.",
            "`$.run.` is no JSONPath (RFC 9535): at character 7, must start with lowercase alpha or '_'",
        ),
        (
            "$.run[",
            "`$.run[` is no JSONPath (RFC 9535): it makes no sense from character 6 on",
        ),
        (
            "$.ü b",
            "`$.ü b` is no JSONPath (RFC 9535): it makes no sense from character 4 on",
        ),
        (
            "$.a[?nth(@.b) == 1]",
            "`$.a[?nth(@.b) == 1]` is no JSONPath (RFC 9535): at character 6, function name 'nth' is not defined",
        ),
        (
            "$.a[?match(@.b, 'x')]",
            "`$.a[?match(@.b, 'x')]` uses match() or search(), which are not there; compare with == instead",
        ),
        (
            "$.a[?search(@.b, 'x')]",
            "`$.a[?search(@.b, 'x')]` uses match() or search(), which are not there; compare with == instead",
        ),
    ];
    const PLACES: [&str; 11] = [
        "run_id",
        "state",
        "run_url",
        "results_next",
        "tests",
        "test_name",
        "test_suite",
        "test_verdict",
        "test_duration",
        "test_message",
        "test_url",
    ];
    for (path, message) in table {
        for name in PLACES {
            let wrong = with(target(), [text(name, path)]);
            assert_eq!(found(&wrong), [format!("{name}: {message}")]);
        }
    }
    let long = with(target(), [text("tests", &"$".repeat(2_001))]);
    assert_eq!(found(&long), ["tests: it is longer than 2000 bytes"]);
    for (open, close) in [("(", ")"), ("@[?", "]")] {
        let path = |times: usize| {
            let path = format!("$[?{}@.a{}]", open.repeat(times), close.repeat(times));
            found(&with(target(), [text("tests", &path)]))
        };
        assert_eq!(path(11), Vec::<String>::new());
        let deep = ["tests: its brackets stand more than 12 deep in each other"];
        assert_eq!(path(12), deep);
        assert_eq!(path(300), deep);
    }
    let second = with(bare(), [texts("state", &["$.a", "$["])]);
    assert_eq!(found(&second).len(), 1);
}

#[test]
fn words_are_in_one_list_only() {
    let table = [
        (
            texts("failed", &["fail", "DONE"]),
            "failed: \"DONE\" is in `passed` too",
        ),
        (
            texts("running", &["left-out"]),
            "running: \"left-out\" is in `skipped` too",
        ),
        (
            texts("queued", &["waiting", " "]),
            "queued: it has an empty word",
        ),
    ];
    for (setting, message) in table {
        assert_eq!(found(&with(target(), [setting])), [message]);
    }
}

#[test]
fn what_is_no_use_without_another_parameter_is_told() {
    let no_tests = without(target(), &["tests"]);
    let told = found(&no_tests);
    assert_eq!(told.len(), 8, "{told:?}");
    let why = "`tests` does not say where the results are";
    assert!(told.iter().all(|told| told.ends_with(why)), "{told:?}");
    let table = [
        (
            without(target(), &["run_id"]),
            vec![
                "poll: {run_id} is used, but `run_id` does not say where the id is",
                "results: {run_id} is used, but `run_id` does not say where the id is",
                "cancel: {run_id} is used, but `run_id` does not say where the id is",
            ],
        ),
        (
            without(target(), &["test_duration"]),
            vec!["duration_unit: `test_duration` does not say where the duration is"],
        ),
        (
            with(
                without(target(), &["results_next"]),
                [text("results_page", "GET /a?b={next}")],
            ),
            vec!["results_page: `results_next` does not say where the cursor is"],
        ),
        (
            with(
                without(target(), &["results"]),
                [text("results_next", "link")],
            ),
            vec!["results_next: the `Link` header is that of `results`, which is missing"],
        ),
        (
            with(
                target(),
                [
                    text("results_next", "link"),
                    text("results_page", "GET /a?b={next}"),
                ],
            ),
            vec!["results_page: a `Link` header tells the whole address"],
        ),
        (
            with(
                bare(),
                [text("trigger", "GET /start"), text("trigger_body", "{}")],
            ),
            vec!["trigger_body: a GET has no body"],
        ),
        (
            with(
                bare(),
                [texts("env", &["PROJECT", "NOTE", "1ST", "A-B", ""])],
            ),
            vec![
                "env: \"1ST\" cannot be the name of an environment variable",
                "env: \"A-B\" cannot be the name of an environment variable",
                "env: \"\" cannot be the name of an environment variable",
            ],
        ),
    ];
    for (target, messages) in table {
        assert_eq!(found(&target), messages);
    }
    for seconds in [0, -1, 3_601, i64::MAX] {
        let every = Setting {
            name: "poll_every".into(),
            value: Value::Integer(seconds),
        };
        assert_eq!(
            found(&with(bare(), [every])),
            ["poll_every: it must be from 1 to 3600 seconds"]
        );
    }
}

#[test]
fn all_mistakes_are_found_at_once() {
    let wrong = with(
        target(),
        [
            text("trigger", "POST /{x}"),
            text("state", "$["),
            text("auth", "no header"),
            texts("failed", &["done"]),
        ],
    );
    let told = found(&wrong);
    let parameters: Vec<&str> = told
        .iter()
        .filter_map(|told| told.split(':').next())
        .collect();
    assert_eq!(parameters, ["auth", "failed", "trigger", "state"]);
}
