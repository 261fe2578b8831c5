//! Bad input and the commands that start nothing: the same words as the native program's.

use proctor_sandbox::Sandbox;
use proctor_test_support::{KEY, Proctor, sandbox};

use super::host::{Invocation, hosts};

fn config(sandbox: &Sandbox, more: &str) -> String {
    format!(
        "[targets.api]\nprovider = \"keploy\"\napi_url = \"{}\"\napp = \"app-7f3\"\nbase_url = \"{}\"\n{more}",
        sandbox.service_url("keploy"),
        sandbox.system_url()
    )
}

#[test]
fn without_a_configuration_nothing_is_run() {
    for host in hosts() {
        Invocation::new(&["run"])
            .end_under(host)
            .expect(2)
            .says("nothing says what to run")
            .says("exit code 2 (usage)");
    }
}

#[test]
fn without_a_folder_nothing_is_triggered() {
    for host in hosts() {
        let sandbox = sandbox("");
        Invocation::run(&sandbox, "app-7f3")
            .without_folder()
            .end_under(host)
            .expect(2)
            .says("no handle can be written to proctor-handle.json")
            .says("--dir");
        assert!(sandbox.received().is_empty(), "{host:?}");
    }
}

#[test]
fn mistakes_are_told_as_the_native_program_does() {
    let sandbox = sandbox("");
    for more in [
        "suites = [\"a\"",
        "suits = [\"a\"]\n",
        "buggy = \"maybe\"\n",
        "suites = 3\n",
        "timeout = \"soon\"\n",
        "key_env = \"kep_this_is_a_key\"\n",
        "[target.x]\n",
    ] {
        let config = config(&sandbox, more);
        let native = Proctor::new(&["run"])
            .file("proctor.toml", &config)
            .key(KEY)
            .end()
            .expect(2);
        let ours = Invocation::new(&["run"])
            .file("proctor.toml", &config)
            .variable("KEPLOY_API_KEY", KEY)
            .end()
            .expect(2);
        let told = ours.err.trim_end_matches("exit code 2 (usage)\n");
        assert_eq!(told, native.err, "{more}");
    }
    assert!(sandbox.received().is_empty());
}

#[test]
fn flags_and_variables_that_are_wrong_are_refused() {
    let sandbox = sandbox("");
    let cases: [(&[&str], &str); 6] = [
        (&["--set", "base_ulr=x"], "did you mean `base_url`"),
        (&["--report", "junitt"], "did you mean `junit`"),
        (&["--fail-on", "fialed"], "did you mean `failed`"),
        (
            &["--report", "junit=a", "--report", "json=./a"],
            "something else would be written to it",
        ),
        (
            &["--report", "junit=proctor-handle.json"],
            "something else would be written to it",
        ),
        (&["--jobs", "3"], "--jobs"),
    ];
    for (more, told) in cases {
        Invocation::run(&sandbox, "app-7f3")
            .arguments(more)
            .end()
            .expect(2)
            .says(told);
    }
    Invocation::run(&sandbox, "app-7f3")
        .variable("PROCTOR_FAIL_ON", "fialed")
        .end()
        .expect(2)
        .says("PROCTOR_FAIL_ON");
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_key_that_is_missing_is_told_with_its_variable() {
    let sandbox = sandbox("");
    for key in ["", "two words"] {
        Invocation::new(&["run"])
            .file("proctor.toml", &config(&sandbox, ""))
            .variable("KEPLOY_API_KEY", key)
            .end()
            .expect(2)
            .says("KEPLOY_API_KEY")
            .says("--env");
    }
    Invocation::new(&["run"])
        .file("proctor.toml", &config(&sandbox, "key_env = \"OTHER\"\n"))
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(2)
        .says("OTHER or OTHER_FILE");
    assert!(sandbox.received().is_empty());
}

#[test]
fn a_key_may_lie_in_a_file() {
    let sandbox = sandbox("");
    Invocation::new(&["check"])
        .file("proctor.toml", &config(&sandbox, ""))
        .file("key", &format!("{KEY}\n"))
        .variable("KEPLOY_API_KEY_FILE", "key")
        .end()
        .expect(0)
        .says("api (keploy): ready");
}

#[test]
fn plugins_are_refused() {
    Invocation::new(&["run"])
        .file("proctor.toml", "[targets.it]\nplugin = \"it.wasm\"\n")
        .end()
        .expect(2)
        .says("names the plugin it.wasm, which this program cannot load");
}

#[test]
fn options_that_only_the_native_program_has_are_warned_of() {
    let sandbox = sandbox("");
    let config = config(&sandbox, "[defaults]\ntrace = \"t.har\"\njobs = 2\n");
    let outcome = Invocation::new(&["run"])
        .file("proctor.toml", &config)
        .variable("KEPLOY_API_KEY", KEY)
        .variable("PROCTOR_STATE", "state")
        .end()
        .expect(0)
        .says("warning: `trace` is set, which only the native program knows")
        .says("warning: `state` is set, which only the native program knows");
    assert!(!outcome.err.contains("`jobs`"), "{}", outcome.err);
}

#[test]
fn what_is_turned_off_is_not_warned_of_and_retries_are() {
    let sandbox = sandbox("");
    let config = config(
        &sandbox,
        "retries = 2\n[defaults]\ncomment = \"auto\"\nretries = 0\n",
    );
    let run = |variable: (&str, &str)| {
        Invocation::new(&["run"])
            .file("proctor.toml", &config)
            .variable("KEPLOY_API_KEY", KEY)
            .variable(variable.0, variable.1)
            .end()
            .expect(0)
    };
    let outcome = run(("PROCTOR_COMMENT", "never"))
        .says("warning: `retries` of target `api` is set, which only the native program knows");
    assert!(!outcome.err.contains("`comment`"), "{}", outcome.err);
    let outcome = run(("PROCTOR_RETRY_FAILED", "0")).says("warning: `comment` is set");
    assert!(!outcome.err.contains("retries"), "{}", outcome.err);
}

#[test]
fn standard_output_is_for_a_report_that_is_to_go_there() {
    let sandbox = sandbox("");
    let outcome = Invocation::run(&sandbox, "app-7f3")
        .arguments(&["--report", "json=-"])
        .end()
        .expect(0);
    let results: serde_json::Value = serde_json::from_str(&outcome.out).expect("JSON alone");
    assert_eq!(results["verdict"], "passed");
    assert!(outcome.err.contains("1 target"), "{}", outcome.err);
}

#[test]
fn what_is_there_is_shown_as_the_native_program_shows_it() {
    let native = Proctor::new(&["providers"]).end().expect(0);
    let ours = Invocation::new(&["providers"]).end().expect(0);
    assert_eq!(ours.out, native.out);

    let sandbox = sandbox("");
    let url = sandbox.service_url("keploy");
    let list = ["list", "--provider", "keploy", "--api-url", &url];
    let native = Proctor::new(&list).key(KEY).end().expect(0);
    for host in hosts() {
        let ours = Invocation::new(&list)
            .variable("KEPLOY_API_KEY", KEY)
            .end_under(host)
            .expect(0);
        assert_eq!(ours.out, native.out, "{host:?}");
    }
}

#[test]
fn a_check_triggers_nothing() {
    let sandbox = sandbox("");
    let file = config(&sandbox, "");
    Invocation::new(&["check"])
        .file("proctor.toml", &file)
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(0)
        .says("api (keploy): ready");
    Invocation::new(&["check"])
        .file("proctor.toml", &file.replace("app-7f3", "no-such-app"))
        .variable("KEPLOY_API_KEY", KEY)
        .end()
        .expect(2)
        .says("next: ");
    assert_eq!(sandbox.count("POST", "**"), 0);
}

#[test]
fn help_and_version_are_no_mistakes() {
    for host in hosts() {
        let version = Invocation::new(&["--version"]).end_under(host).expect(0);
        assert_eq!(
            version.out.trim(),
            concat!("proctor-cli ", env!("CARGO_PKG_VERSION")),
            "{host:?}"
        );
    }
    let help = Invocation::new(&["run", "--help"]).end().expect(0).out;
    for word in [
        "--report",
        "--timeout",
        "keploy",
        "KEPLOY_API_KEY",
        "base_url",
    ] {
        assert!(help.contains(word), "{word}");
    }
    Invocation::new(&[]).end().expect(2);
}
