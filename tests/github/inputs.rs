//! Inputs become arguments, one each, whatever is in them; what cannot be right is refused before anything is downloaded.

use std::path::Path;

use proctor_test_support::read;

use crate::releases::{Releases, program, sha256};
use crate::runner::Runner;
use crate::step::Ended;

/// A program that writes down its arguments.
const RECORDER: &str = "case $1 in --version) echo proctor 1.2.3 ;; *) printf '%s\\0' \"$@\" >arguments; pwd >folder ;; esac";

fn recording() -> Runner {
    Runner::new().program("recorder", RECORDER)
}

fn recorded(folder: &Path) -> Vec<String> {
    let text = read(&folder.join("arguments"));
    let mut arguments: Vec<String> = text.split('\0').map(str::to_owned).collect();
    assert_eq!(arguments.pop().as_deref(), Some(""));
    arguments
}

/// The arguments that inputs become.
#[track_caller]
fn arguments(with: &[(&str, &str)]) -> Vec<String> {
    let mut runner = recording();
    let mut all = vec![("binary", "recorder")];
    all.extend(with);
    let ended = runner.run(&all).expect(0);
    assert_eq!(ended.errors(), []);
    let mut left: Vec<_> = std::fs::read_dir(runner.workspace())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["arguments", "folder"], "nothing was evaluated");
    recorded(&runner.workspace())
}

#[test]
fn each_input_is_a_flag() {
    assert_eq!(arguments(&[]), ["run"]);
    let all = arguments(&[
        ("config", "ci/proctor.toml"),
        ("targets", "api, shop\n\n  smoke  \n"),
        ("set", "app=a\nsuites=x,y\n"),
        ("api-url", "https://tests.example.com/api"),
        ("timeout", "1h 30m"),
        ("jobs", "3"),
        ("fail-on", "failed,errored"),
        ("reports", "junit=out/a b.xml, json\nhtml"),
        ("allow-empty", "true"),
        ("exit-zero", "True"),
        ("publish", "testmo"),
        ("comment", " auto "),
        ("on-interrupt", "detach"),
        ("no-wait", "true"),
        ("handle", "h.json"),
        ("skip-preflight", "TRUE"),
        ("args", "--output\nndjson\n\n--quiet\n"),
    ]);
    let expected = [
        "run",
        "--config=ci/proctor.toml",
        "--set=app=a",
        "--set=suites=x,y",
        "--api-url=https://tests.example.com/api",
        "--timeout=1h 30m",
        "--jobs=3",
        "--fail-on=failed,errored",
        "--report=junit=out/a b.xml",
        "--report=json",
        "--report=html",
        "--allow-empty",
        "--exit-zero",
        "--publish=testmo",
        "--comment=auto",
        "--on-interrupt=detach",
        "--no-wait",
        "--handle=h.json",
        "--skip-preflight",
        "--output",
        "ndjson",
        "--quiet",
        "--",
        "api",
        "shop",
        "smoke",
    ];
    assert_eq!(all, expected);
    let provider = arguments(&[
        ("provider", "keploy"),
        ("allow-empty", "false"),
        ("no-wait", ""),
    ]);
    assert_eq!(provider, ["run", "--provider=keploy"]);
}

/// Texts that a shell would take for something else.
const HOSTILE: [&str; 16] = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "\" ; touch pwned; \"",
    "' ; touch pwned; '",
    "${IFS}touch${IFS}pwned",
    "$HOME",
    "* ? [a-z]",
    "a  b\tc",
    "-rf",
    "--",
    "\\n\\$x\\",
    "&& touch pwned || touch pwned",
    "> pwned",
    "éß漢 🎉",
    "!! ~ {a,b} #x",
];

#[test]
fn nothing_in_an_input_is_evaluated() {
    for hostile in HOSTILE {
        let set = format!("name={hostile}");
        let got = arguments(&[
            ("config", hostile),
            ("set", &set),
            ("api-url", hostile),
            ("timeout", hostile),
            ("publish", hostile),
            ("comment", hostile),
            ("handle", hostile),
            ("args", hostile),
        ]);
        let flags = [
            "config=",
            "set=name=",
            "api-url=",
            "timeout=",
            "publish=",
            "comment=",
            "handle=",
        ];
        let mut expected = vec!["run".to_owned()];
        expected.extend(flags.map(|flag| format!("--{flag}{hostile}")));
        expected.push(hostile.to_owned());
        assert_eq!(got, expected);
    }
}

#[test]
fn the_names_of_targets_are_no_flags() {
    let all = HOSTILE.map(|text| text.replace(',', ";")).join("\n");
    let got = arguments(&[("targets", &all)]);
    assert_eq!(got[..2], ["run", "--"]);
    assert_eq!(got[2..].join("\n"), all);
}

#[test]
fn the_token_is_given_to_whoever_comments_and_to_nobody_else() {
    // Whether it is there, and whose it is.
    let teller = "case $1 in --version) echo proctor 1.2.3 ;; *) echo \"${GITHUB_TOKEN:+given} ${#GITHUB_TOKEN}\" >told ;; esac";
    let told = |runner: Runner, comment: &str| {
        let mut runner = runner.program("teller", teller);
        runner
            .run(&[("binary", "teller"), ("comment", comment)])
            .expect(0);
        read(&runner.workspace().join("told")).trim().to_owned()
    };
    let length = crate::action::TOKEN.len();
    for comment in ["auto", "github"] {
        assert_eq!(told(Runner::new(), comment), format!("given {length}"));
    }
    for comment in ["", "never"] {
        assert_eq!(told(Runner::new(), comment), "0");
    }
    let own = Runner::new().variable("GITHUB_TOKEN", "ghs_of_an_app_of_the_user");
    assert_eq!(told(own, "auto"), "given 25");
    let other = Runner::new().variable("GH_TOKEN", "ghs_of_an_app_of_the_user");
    assert_eq!(told(other, "auto"), "0");
}

#[test]
fn a_value_of_several_lines_stays_one_argument() {
    assert_eq!(
        arguments(&[("config", "a\nb\n::error::x\n")]),
        ["run", "--config=a\nb\n::error::x"]
    );
    assert_eq!(
        arguments(&[("set", "a=1\r\n\r\nb=2\r\n")]),
        ["run", "--set=a=1", "--set=b=2"]
    );
}

/// Runs with inputs that must be refused, on a runner that could install Proctor.
#[track_caller]
fn refused(with: &[(&str, &str)], text: &str) -> Ended {
    let releases = Releases::new();
    let mut runner = crate::release::runner(
        &releases,
        env!("CARGO_PKG_VERSION"),
        &sha256(&program("1.2.3")),
    );
    let ended = runner.run(with).refused(2, text);
    assert_eq!(
        releases.requests(),
        Vec::<String>::new(),
        "nothing is downloaded"
    );
    assert_eq!(ended.paths, Vec::<String>::new());
    ended
}

#[test]
fn what_cannot_be_right_is_refused_before_anything_is_downloaded() {
    refused(
        &[("command", "publish")],
        "the input `command` is `publish`: choose one of run install",
    );
    refused(
        &[("allow-empty", "yes")],
        "the input `allow-empty` is `yes`: write true or false",
    );
    refused(
        &[("set", "app=a\nbase_url")],
        "the input `set` has the line `base_url`: write NAME=VALUE",
    );
    refused(&[("set", "=a")], "the input `set` has the line `=a`");
    refused(
        &[("provider", "keploy"), ("targets", "a")],
        "both `provider` and `targets` are given",
    );
    refused(
        &[("binary", "x"), ("version", "1.2.3")],
        "both `binary` and `version` are given",
    );
    refused(
        &[("binary", "no-such-program")],
        "the input `binary` is `no-such-program`, which is no program",
    );
    refused(&[("binary", "./no such")], "which is no program");
    for version in [
        "latest",
        "1.2",
        "1.2.3/..",
        "../../1.2.3",
        "1.2.3;id",
        "$(id)",
    ] {
        refused(
            &[("version", version)],
            &format!("the input `version` is `{version}`"),
        );
    }
    refused(
        &[("attestation", "maybe")],
        "choose one of auto required off",
    );
    refused(
        &[("working-directory", "no such")],
        "the input `working-directory` is `no such`, which is no folder",
    );
    refused(
        &[("command", "install"), ("provider", "keploy")],
        "with `command: install` nothing is run",
    );
    refused(
        &[("command", "install"), ("args", "--quiet")],
        "with `command: install` nothing is run",
    );
}

#[test]
fn a_refused_input_cannot_forge_anything() {
    for name in [
        "allow-empty",
        "version",
        "command",
        "working-directory",
        "binary",
    ] {
        let hostile = "x\n::error::forged\n##[error]forged\r::set-output name=verdict::passed\u{1b}[2J %0A::error::forged";
        let ended = refused(&[(name, hostile)], "x ::error::forged");
        assert!(
            !ended.log.contains("##[") && !ended.log.contains('\u{1b}'),
            "{}",
            ended.log
        );
    }
    let long = refused(&[("version", &"9".repeat(100_000))], "…`");
    assert!(long.log.len() < 1_000, "{}", long.log.len());
}

#[test]
fn it_runs_in_the_folder_that_is_named() {
    for folder in ["services/shop", "-a 'b $(c)"] {
        let mut runner = recording()
            .file(&format!("{folder}/x"), "")
            .variable("CDPATH", "/tmp:/usr");
        runner
            .run(&[("binary", "recorder"), ("working-directory", folder)])
            .expect(0);
        assert_eq!(recorded(&runner.workspace().join(folder)), ["run"]);
    }
}

#[test]
fn a_program_can_be_named_by_its_path() {
    let mut runner = recording();
    std::fs::rename(
        runner.path("bin/recorder"),
        runner.workspace().join("my proctor"),
    )
    .expect("a file");
    std::fs::create_dir(runner.workspace().join("sub")).expect("a folder");
    let with = [("binary", "./my proctor"), ("working-directory", "sub")];
    let ended = runner.run(&with).expect(0);
    assert_eq!(recorded(&runner.workspace().join("sub")), ["run"]);
    let workspace = std::fs::canonicalize(runner.workspace()).expect("a folder");
    assert_eq!(ended.paths, [workspace.to_str().expect("UTF-8")]);
}
