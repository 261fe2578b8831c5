//! Questions and answers: in a pipe, and on a terminal.

use proctor_sandbox::{Sandbox, Scenario};
use proctor_test_support::{KEY, Proctor, sandbox};

use super::{config, keploy, wrote};

fn asked(sandbox: &Sandbox, answers: &str) -> Proctor {
    Proctor::new(&["init", "--interactive"])
        .variable("PROCTOR_API_URL", sandbox.service_url("keploy"))
        .key(KEY)
        .answers(answers)
}

#[test]
fn everything_can_be_answered() {
    let sandbox = sandbox("");
    let system = sandbox.system_url();
    // What is wrong is asked again: the system, the app that a run needs, the address, a name that is taken, yes or no.
    let answers = format!(
        "travis\n2\n\
         keploy\n\n=app-7f3\nnot a url\n{system}\n1, =suite-search\nshop\n\
         maybe\ny\n1\n=app-outcomes\n{system}\n\nshop\n\nn\n\n"
    );
    let outcome = asked(&sandbox, &answers)
        .end()
        .expect(0)
        .says("Which CI system is the pipeline for?")
        .says("app, required: id of the app whose suites are run")
        .says("orders")
        .says("A run needs it.")
        .says("is not a URL")
        .says("Another target has this name.")
        .says("Write proctor.toml and .gitlab-ci.yml?")
        .says("wrote proctor.toml and .gitlab-ci.yml");
    wrote(&outcome, &["proctor.toml", ".gitlab-ci.yml"]);
    let config = config(&outcome);
    let shop = &config["targets"]["shop"];
    assert_eq!(shop["app"].as_str(), Some("app-7f3"));
    assert_eq!(
        shop["suites"].to_string().trim(),
        "[\"suite-checkout\", \"suite-search\"]"
    );
    let other = &config["targets"]["keploy"];
    assert_eq!(other["app"].as_str(), Some("app-outcomes"), "{config}");
    assert!(other.get("suites").is_none());
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn what_is_not_in_the_list_is_no_id_and_the_file_says_where_the_list_comes_from() {
    let sandbox = sandbox("");
    let system = sandbox.system_url();
    let answers = format!("1\nkeploy\n9\nstranger\norders\n{system}\n\nshop\nn\n\n");
    let outcome = asked(&sandbox, &answers)
        .end()
        .expect(0)
        .says("That is none of them: \"9\"")
        .says("That is none of them: \"stranger\"");
    let target = &config(&outcome)["targets"]["shop"];
    assert_eq!(target["app"].as_str(), Some("app-7f3"));
    let listed = sandbox.service_url("keploy");
    assert_eq!(target["api_url"].as_str(), Some(listed.as_str()));
}

#[test]
fn without_a_key_everything_is_typed_and_nobody_is_asked() {
    let sandbox = sandbox("");
    let answers = "1\nkeploy\nmy-app\nhttps://staging.example.com\n\nn\ny\n";
    let outcome = asked(&sandbox, answers)
        .without("KEPLOY_API_KEY")
        .end()
        .expect(0)
        .says("Nothing is listed, so ids are typed");
    assert_eq!(
        config(&outcome)["targets"]["keploy"]["app"].as_str(),
        Some("my-app")
    );
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_service_that_does_not_list_is_no_obstacle() {
    let sandbox = sandbox("");
    let answers = "1\nkeploy\nmy-app\nhttps://staging.example.com\n\nn\ny\n";
    let outcome = asked(&sandbox, answers)
        .key("kep_wrong")
        .end()
        .expect(0)
        .says("Nothing is listed, so ids are typed");
    assert_eq!(
        config(&outcome)["targets"]["keploy"]["app"].as_str(),
        Some("my-app")
    );
}

#[test]
fn a_long_list_is_shown_page_by_page() {
    let apps: String = (1..=45)
        .map(|number| format!("[[keploy.apps]]\nid = \"app-{number:02}\"\nname = \"App {number:02}\"\nsuites = []\n"))
        .collect();
    let scenario = format!("[keploy]\nallow_private_targets = true\n{apps}");
    let scenario = Scenario::from_toml(&scenario).unwrap_or_else(|error| panic!("{error}"));
    let sandbox =
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port");
    let answers = "1\nkeploy\n+\n+\n45\nhttps://staging.example.com\n\nn\ny\n";
    let outcome = asked(&sandbox, answers)
        .end()
        .expect(0)
        .says("+ shows more of 45")
        .says("  21) ")
        .says("  45) ");
    let config = config(&outcome);
    let (name, target) = config["targets"]
        .as_table()
        .and_then(|all| all.iter().next())
        .expect("a target");
    let app = target["app"].as_str().expect("an app");
    assert_eq!(name, app, "it is called after what was chosen");
    let shown = outcome
        .err
        .lines()
        .find(|line| line.contains(" 45) "))
        .expect("it is shown");
    assert!(shown.contains(app), "{shown}");
}

/// CheckView's flows are listed by website, and either is named in a target.
#[test]
fn what_lies_below_takes_the_place_of_what_it_belongs_to() {
    let scenario = Scenario::from_toml("").expect("a scenario");
    let sandbox =
        Sandbox::start("127.0.0.1:0".parse().expect("an address"), scenario).expect("a free port");
    let url = sandbox.service_url("checkview");
    let init = |answers: &str| {
        Proctor::new(&[
            "init",
            "github",
            "--interactive",
            "--provider",
            "checkview",
            "--api-url",
            &url,
        ])
        .variable("CHECKVIEW_API_TOKEN", "cvpat_sandbox")
        .answers(answers)
        .end()
        .expect(0)
        .says("give `flow` or `website`")
    };
    let all = config(&init("1\n\nsite\ny\n"));
    let site = &all["targets"]["site"];
    assert!(
        site["website"].as_str().is_some() && site.get("flow").is_none(),
        "{all}"
    );
    let one = config(&init("1\n1\nflow\ny\n"));
    let flow = &one["targets"]["flow"];
    assert!(
        flow["flow"][0].as_str().is_some() && flow.get("website").is_none(),
        "{one}"
    );
}

#[test]
fn a_service_by_description_is_asked_for_what_it_needs() {
    let answers = "jenkins\nhttp\nnot a url\nhttps://tests.example.com/api\nbearer\nPOST /runs\nnowhere\n$.state\nok\nbad\n\
                   GET /runs/{run_id}\n$.id\nsmoke\nn\ny\n";
    let outcome = Proctor::new(&["init", "--interactive"])
        .answers(answers)
        .end()
        .expect(0)
        .says("Base URL of the service's API")
        .says("`poll`: it must be a method and a path")
        .says("`run_id` does not say where the id is");
    let config = config(&outcome);
    let target = &config["targets"]["smoke"];
    for (key, value) in [
        ("api_url", "https://tests.example.com/api"),
        ("poll", "GET /runs/{run_id}"),
        ("run_id", "$.id"),
    ] {
        assert_eq!(target[key].as_str(), Some(value), "{config}");
    }
}

#[test]
fn answers_that_end_too_early_leave_nothing() {
    let sandbox = sandbox("");
    let whole = "1\nkeploy\nmy-app\nhttps://staging.example.com\n\nn\n";
    for lines in 0..whole.lines().count() {
        let answers: String = whole
            .lines()
            .take(lines)
            .map(|line| format!("{line}\n"))
            .collect();
        let outcome = asked(&sandbox, &answers)
            .without("KEPLOY_API_KEY")
            .end()
            .expect(2)
            .says("the answers ended at the question");
        wrote(&outcome, &[]);
    }
}

#[test]
fn nobody_answers_for_nothing() {
    let sandbox = sandbox("");
    let outcome = asked(&sandbox, "3\n")
        .file("Jenkinsfile", "")
        .file("Jenkinsfile.proctor", "")
        .file(".gitlab-ci.yml", "")
        .end()
        .expect(2)
        .says("Jenkinsfile.proctor is there already");
    assert!(!outcome.err.contains("Which service"), "{}", outcome.err);
}

#[test]
fn no_is_taken_for_an_answer() {
    let sandbox = sandbox("");
    let answers = "1\nkeploy\nmy-app\nhttps://staging.example.com\n\nn\nn\n";
    let outcome = asked(&sandbox, answers)
        .without("KEPLOY_API_KEY")
        .end()
        .expect(0)
        .says("nothing was written");
    wrote(&outcome, &[]);
}

#[test]
fn nothing_is_asked_without_a_terminal_unless_that_is_wanted() {
    let sandbox = sandbox("");
    let outcome = keploy(&sandbox, &["github"]).answers("n\n").end().expect(0);
    assert!(!outcome.err.contains('?'), "{}", outcome.err);
    Proctor::new(&["init", "github", "--yes"])
        .answers("keploy\n")
        .end()
        .expect(2);
    Proctor::new(&["init", "--yes", "--interactive"])
        .end()
        .expect(2);
}

#[cfg(target_os = "linux")]
mod terminal {
    use std::io::{Read as _, Seek as _, Write as _};
    use std::process::{Command, Stdio};

    use proctor_test_support::{consumers, program};

    /// Runs the program on a terminal of its own, with these answers.
    fn on_terminal(arguments: &str, answers: &str) -> Option<(i32, String, tempfile::TempDir)> {
        let mut script = consumers::program("script")?;
        let folder = tempfile::tempdir().expect("a folder");
        let mut input = tempfile::tempfile().expect("a file");
        input.write_all(answers.as_bytes()).expect("it is written");
        input.rewind().expect("it begins anew");
        let command = format!("'{}' {arguments}", program().display());
        let output = script
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "xterm")
            .current_dir(folder.path())
            .stdin(input)
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        Some((output.status.code().unwrap_or(-1), said, folder))
    }

    #[test]
    fn a_terminal_is_asked_without_a_flag() {
        let answers = "3\nkeploy\nmy-app\nhttps://staging.example.com\n\nn\ny\n";
        let Some((code, said, folder)) = on_terminal("init", answers) else {
            return;
        };
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("Which service runs the tests?"), "{said}");
        assert!(folder.path().join("Jenkinsfile").is_file(), "{said}");
        let text =
            std::fs::read_to_string(folder.path().join("proctor.toml")).expect("it is there");
        assert!(text.contains("app = \"my-app\""), "{text}");
    }

    #[test]
    fn a_terminal_is_not_asked_if_nobody_wants_that() {
        let Some((code, said, folder)) = on_terminal("init github --yes", "keploy\n") else {
            return;
        };
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("--provider NAME"), "{said}");
        assert!(!folder.path().join("proctor.toml").exists());
    }

    #[test]
    fn a_signal_ends_a_question() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(program())
            .args(["init", "--interactive"])
            .env_clear()
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = Vec::new();
        let mut err = child.stderr.take().expect("a pipe");
        let mut byte = [0];
        while !said.ends_with(b"Number or name:") {
            assert_eq!(err.read(&mut byte).expect("it can be read"), 1, "{said:?}");
            said.push(byte[0]);
        }
        let killed = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(killed.is_ok_and(|status| status.success()));
        // Its standard input stays open all the time.
        let input = child.stdin.take();
        let status = child.wait().expect("it ends");
        drop(input);
        assert_eq!(status.code(), Some(143));
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            0
        );
    }
}
