//! Plugins: the example runs, and all are confined.

mod fixtures;
mod refusals;
mod versions;

use std::{
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use proctor_host::{
    bindings::proctor::ci::types::{Code, Setting, Value, Verdict},
    engine::{Engine, PluginError},
    failure::Failure,
};
use proctor_test_components::{ECHO_PATH, FIRST_PATH, HOSTILE_PATH};
use tokio::sync::OnceCell;

use crate::{
    server::Server,
    support::{KEY, attempt, problem},
};

static MAIN: LazyLock<Engine> = LazyLock::new(|| Engine::embedded().expect("for this machine"));

static ECHO: OnceCell<Engine> = OnceCell::const_new();
static HOSTILE: OnceCell<Engine> = OnceCell::const_new();

/// The example, compiled once.
async fn example() -> Engine {
    loaded(&ECHO, ECHO_PATH).await
}

/// The hostile component as a plugin, compiled once.
async fn hostile() -> Engine {
    loaded(&HOSTILE, HOSTILE_PATH).await
}

async fn loaded(cell: &OnceCell<Engine>, path: &str) -> Engine {
    let plugin = async { load(path).await.expect("a plugin") };
    cell.get_or_init(|| plugin).await.clone()
}

async fn load(path: impl AsRef<Path>) -> Result<Engine, PluginError> {
    MAIN.plugin(path.as_ref(), "mine.wasm").await
}

/// Answers as the service of the example: `7` to a trigger, and the lines to a look from the second on.
fn echo(lines: &'static str) -> impl Fn(&str) -> (u16, String) + Send + Sync {
    let looks = AtomicUsize::new(0);
    move |first| match first.split(' ').next() {
        Some("POST") => (201, "7".to_owned()),
        Some("GET") if looks.fetch_add(1, Ordering::Relaxed) > 0 => (200, lines.to_owned()),
        Some("GET") => (200, "running".to_owned()),
        _ => (204, String::new()),
    }
}

/// The first lines of the requests that arrived, in small letters.
fn requests(server: &Server) -> Vec<String> {
    let heads = server.heads();
    let first = |head: &String| head.lines().next().unwrap_or_default().to_owned();
    heads.iter().map(first).collect()
}

#[tokio::test]
async fn the_example_triggers_follows_and_reports() {
    let server = Server::answering(echo("done\npassed sign in\nfailed pay\nodd rest\n")).await;
    let plugin = example().await;
    let providers = plugin.providers().await.expect("described");
    assert_eq!(providers[0].name, "echo");

    let attempt = attempt(&server.origin, &[]);
    let report = plugin.run(attempt.job.clone()).await;
    let tests: Vec<_> = report
        .tests
        .iter()
        .map(|test| (test.name.as_str(), test.verdict))
        .collect();
    assert_eq!(
        tests,
        [
            ("sign in", Verdict::Passed),
            ("pay", Verdict::Failed),
            ("rest", Verdict::Failed)
        ]
    );
    assert_eq!(problem(&report), (Code::Failed, "pay failed"));
    assert_eq!((report.verdict, report.handle), (Verdict::Failed, None));
    assert_eq!(
        requests(&server),
        [
            "post /runs/ http/1.1",
            "get /runs/7 http/1.1",
            "get /runs/7 http/1.1"
        ]
    );
    let key = format!("authorization: bearer {KEY}");
    assert!(
        server.heads().iter().all(|head| head.contains(&key)),
        "{:?}",
        server.heads()
    );
}

#[tokio::test]
async fn the_example_passes_when_all_tests_do() {
    let server = Server::answering(echo("done\npassed sign in\n")).await;
    let plugin = example().await;
    let report = plugin.run(attempt(&server.origin, &[]).job).await;
    assert_eq!(
        (report.verdict, report.problem, report.tests.len()),
        (Verdict::Passed, None, 1)
    );
}

#[tokio::test]
async fn the_example_stops_its_run_when_told() {
    let told = attempt("http://127.0.0.1:1", &[]);
    let stop = told.job.stop.clone();
    let server = Server::answering(move |first| match first.split(' ').next() {
        Some("POST") => (201, "7".to_owned()),
        Some("GET") => {
            stop.tell("SIGTERM");
            (200, "running".to_owned())
        }
        _ => (204, String::new()),
    })
    .await;
    let mut job = attempt(&server.origin, &[]).job;
    job.stop = told.job.stop;
    let report = example().await.run(job).await;
    assert_eq!(
        (problem(&report).0, report.verdict),
        (Code::Interrupted, Verdict::Cancelled)
    );
    assert_eq!(report.handle, None);
    assert_eq!(
        requests(&server).last().map(String::as_str),
        Some("delete /runs/7 http/1.1")
    );
}

#[tokio::test]
async fn the_example_keeps_its_handle_when_results_cannot_be_read() {
    let server = Server::answering(|first| match first.split(' ').next() {
        Some("POST") => (201, "7".to_owned()),
        _ => (503, String::new()),
    })
    .await;
    let plugin = example().await;
    let report = plugin.run(attempt(&server.origin, &[]).job).await;
    assert_eq!(
        (problem(&report).0, report.verdict),
        (Code::Unavailable, Verdict::Errored)
    );
    assert_eq!(
        report
            .handle
            .and_then(|handle| handle.triggers[0].job.clone())
            .as_deref(),
        Some("7")
    );
}

#[tokio::test]
async fn a_plugin_is_confined_as_the_component_is() {
    let (own, other) = (Server::start().await, Server::start().await);
    let plugin = hostile().await;
    let url = format!("{}/stolen", other.origin);
    let told = attempt(&own.origin, &[("mode", "get"), ("url", &url)]);
    let report = plugin.run(told.job.clone()).await;
    assert_eq!(report.warnings, ["ErrorCode::HttpRequestDenied"]);
    assert!(
        told.debug().contains("only http://127.0.0.1:"),
        "{}",
        told.debug()
    );
    assert_eq!((own.connections(), other.connections()), (0, 0));

    let path = file!();
    for mode in ["files", "sockets"] {
        let path = if mode == "files" { path } else { &own.address };
        let report = plugin
            .run(attempt(&own.origin, &[("mode", mode), ("path", path)]).job)
            .await;
        let refused = |line: &String| line.contains(": refused (");
        assert!(
            report.warnings.len() == 4 && report.warnings.iter().all(refused),
            "{report:?}"
        );
    }
    let report = plugin
        .run(attempt(&own.origin, &[("mode", "memory")]).job)
        .await;
    assert_eq!(problem(&report).0, Code::Internal);
}

#[tokio::test]
async fn a_plugin_that_traps_is_internal_with_its_name() {
    let plugin = hostile().await;
    let told = attempt(
        "http://127.0.0.1:1",
        &[("mode", "panic"), ("path", "because")],
    );
    let report = plugin.run(told.job).await;
    let (code, message) = problem(&report);
    assert_eq!(
        Failure::from(report.problem.clone().expect("a problem")).exit_code(),
        70
    );
    assert_eq!((code, report.verdict), (Code::Internal, Verdict::Errored));
    assert!(
        message.starts_with("the plugin `mine.wasm` failed: "),
        "{message}"
    );
    assert!(message.contains("on purpose: because"), "{message}");
    let who = report.problem.as_ref().map(|problem| problem.who.as_str());
    assert_eq!(who, Some("the author of the plugin"));
}

#[tokio::test]
async fn a_plugin_makes_no_reports() {
    let plugin = load(FIRST_PATH).await.expect("a plugin");
    let problem = plugin.report_kinds().await.expect_err("services alone");
    assert_eq!(
        problem.message,
        "the plugin `mine.wasm` failed: it makes no reports"
    );
}

#[tokio::test]
async fn all_plugins_of_an_account_stand_in_one_line() {
    let own = Server::start().await;
    let job = || attempt(&own.origin, &[("mode", "turns")]).job;
    let other = load(HOSTILE_PATH).await.expect("a plugin");
    let first = hostile().await.run(job()).await;
    assert_eq!(first.warnings, ["granted", "not within"]);
    // The first has noted that the account rests for ten minutes.
    let second = other.run(job()).await;
    assert_eq!(second.warnings, ["not within", "not within"]);
}

/// What a plugin says of a budget counts for plugins alone.
#[tokio::test]
async fn a_plugin_holds_up_nothing_of_the_component() {
    let own = Server::answering(|_| (404, "{}".to_owned())).await;
    let job = || attempt(&own.origin, &[("mode", "turns")]).job;
    let told = hostile().await.run(job()).await;
    assert_eq!(told.warnings, ["granted", "not within"]);
    let mut job = job();
    job.target.provider = "keploy".into();
    job.target.settings = vec![Setting {
        name: "app".into(),
        value: Value::Text("app-7f3".into()),
    }];
    let problem = MAIN.check(job).await.expect_err("there is no such thing");
    assert!(problem.message.contains("404"), "{}", problem.message);
}

/// It gets as much as for a run, as it makes no reports.
#[tokio::test]
async fn a_plugin_that_never_describes_itself_is_stopped() {
    let module = fixtures::beginning("(func $spin (loop (br 0))) (start $spin)");
    let (code, message, _) = fixtures::refused_text(&module).await;
    assert_eq!(code, Code::Internal);
    assert!(message.contains("computed for 10s"), "{message}");
}

/// Tables grow no further than a limit, which the component has to bear.
#[tokio::test]
async fn tables_are_limited() {
    let grows = "(table 1 funcref)
        (func $grow (loop
            (br_if 0 (i32.ne (table.grow (ref.null func) (i32.const 1000)) (i32.const -1)))))
        (func $start (call $grow)
            (if (i32.gt_u (table.size) (i32.const 100000)) (then (unreachable))))
        (start $start)";
    let (code, message, _) = fixtures::refused_text(&fixtures::beginning(grows)).await;
    assert_eq!(code, Code::Usage, "{message}");
    assert!(!message.contains("unreachable"), "{message}");
}
