use std::{fs, path::Path, sync::Arc, time::Duration};

use super::{
    diagnostic::Source,
    file,
    options::{self, Baseline, DEFAULT_FAIL_ON, Options, variable},
    plan::{Place, Planned, Wish, plan, refused},
    quarantine::Rule,
    schema,
};
use crate::{
    bindings::proctor::ci::types::{Mistake, Value, Verdict},
    environment::Environment,
    failure::Failure,
    fixtures::catalogue,
};

fn planned(text: &str, wish: &Wish) -> Result<Vec<Planned>, Failure> {
    let source = Source {
        path: "proctor.toml".to_owned(),
        text: text.to_owned(),
    };
    let catalogue = catalogue();
    plan(
        wish,
        Some(file::read(source, &catalogue)),
        &catalogue,
        false,
    )
}

const GOOD: &str = r#"
[defaults]
timeout = "20m"

[targets.api]
provider = "exam"
app = "a"
base_url = "https://staging.example.com"
suites = ["one", "two"]
api.stream = false

[targets.shop]
provider = "browse"
timeout = "5m"
api_url = "http://127.0.0.1:9/browse/"
key_env = "OTHER_KEY"
flow = "checkout"
strict = true
"#;

#[test]
fn a_good_file_is_read_with_places_and_types() {
    let wish = Wish {
        default_timeout: Some(Duration::from_secs(1200)),
        ..Wish::default()
    };
    let planned = planned(GOOD, &wish).unwrap();
    let [api, shop] = planned.as_slice() else {
        panic!("two targets: {planned:?}")
    };
    assert_eq!(api.target.location.as_ref().unwrap().line, 5);
    assert_eq!(api.target.timeout_ms, 1_200_000);
    assert_eq!(api.target.overrides[0].value, Value::Boolean(false));
    assert_eq!(shop.target.timeout_ms, 300_000);
    assert_eq!(shop.target.api_url, "http://127.0.0.1:9/browse");
    assert_eq!(shop.key_env.as_deref(), Some("OTHER_KEY"));
    assert_eq!(
        shop.target.settings[0].value,
        Value::Texts(vec!["checkout".to_owned()])
    );
}

#[test]
fn flags_win_over_the_file_for_the_targets_that_are_named() {
    let wish = Wish {
        names: vec!["api".to_owned()],
        sets: vec![
            "suites=three".to_owned(),
            "suites=four,five".to_owned(),
            "app=b".to_owned(),
        ],
        api_url: Some("https://other.example.com".to_owned()),
        timeout: Some(Duration::from_secs(1)),
        ..Wish::default()
    };
    let planned = planned(GOOD, &wish).unwrap();
    assert_eq!(planned.len(), 1);
    let target = &planned[0].target;
    assert_eq!(
        (target.timeout_ms, target.api_url.as_str()),
        (1_000, "https://other.example.com")
    );
    let value = |name: &str| {
        &target
            .settings
            .iter()
            .find(|setting| setting.name == name)
            .unwrap()
            .value
    };
    let suites = ["three", "four", "five"].map(str::to_owned).to_vec();
    assert_eq!(value("suites"), &Value::Texts(suites));
    assert_eq!(value("app"), &Value::Text("b".to_owned()));
}

#[test]
fn a_set_may_supply_what_the_file_lacks() {
    let text = "[targets.api]\nprovider = \"exam\"\napp = \"a\"\n";
    let wish = Wish {
        sets: vec!["base_url=https://x.example".to_owned()],
        ..Wish::default()
    };
    assert_eq!(planned(text, &wish).unwrap().len(), 1);
    assert_eq!(planned(text, &Wish::default()).unwrap_err().exit_code(), 2);
}

#[test]
fn wrong_flags_are_told_with_advice() {
    let cases: [(&str, &[&str], &str, &str); 6] = [
        (
            "exma",
            &[],
            "there is no provider `exma`",
            "did you mean `exam`?",
        ),
        (
            "exam",
            &["app=a"],
            "`base_url` is missing",
            "The system under test.",
        ),
        (
            "browse",
            &["flw=a"],
            "the command line has 2 mistakes",
            "did you mean `flow`?",
        ),
        ("browse", &["flow"], "--set flow: write it as KEY=VALUE", ""),
        (
            "browse",
            &["flow=a", "browser=chorme"],
            "--set browser=chorme",
            "did you mean `chrome`?",
        ),
        (
            "browse",
            &["flow=a", "strict=true", "strict=true"],
            "--set strict is given twice",
            "",
        ),
    ];
    for (provider, sets, message, advice) in cases {
        let wish = Wish {
            provider: Some(provider.to_owned()),
            sets: sets.iter().map(|set| (*set).to_owned()).collect(),
            ..Wish::default()
        };
        let failure = plan(&wish, None, &catalogue(), false).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        assert!(failure.problem.message.contains(message), "{failure:?}");
        assert!(format!("{failure:?}").contains(advice), "{failure:?}");
    }
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let kinds = catalogue().kinds;
    let environment: Environment = [("PROCTOR_TIMEOUT", "2m"), ("PROCTOR_JOBS", "2")]
        .into_iter()
        .collect();
    let flags = Options {
        timeout: Some(Duration::from_secs(1)),
        ..Options::default()
    };
    let file = Options {
        timeout: Some(Duration::from_secs(3)),
        jobs: Some(3),
        exit_zero: Some(true),
        ..Options::default()
    };
    let settled = flags
        .or(Options::of_environment(&environment, &kinds).unwrap())
        .or(file);
    assert_eq!(settled.timeout, Some(Duration::from_secs(1)));
    assert_eq!(settled.jobs, Some(2));
    assert_eq!(settled.exit_zero, Some(true));
    assert_eq!(settled.allow_empty, None);
}

fn quarantine(text: &str) -> Vec<Rule> {
    let text = format!("{text}\n{GOOD}");
    let source = Source {
        path: "proctor.toml".to_owned(),
        text,
    };
    let config = file::read(source, &catalogue());
    assert_eq!(config.general, []);
    config.quarantine
}

#[test]
fn quarantine_is_read_in_every_form() {
    let expected = Rule {
        tests: vec!["a/*".to_owned()],
        until: "2028-02-29".to_owned(),
        reason: "ticket 17".to_owned(),
        targets: Vec::new(),
    };
    let tables = "[[quarantine]]\ntests = [\"a/*\"]\nuntil = 2028-02-29\nreason = \" ticket 17 \"";
    assert_eq!(quarantine(tables), std::slice::from_ref(&expected));
    let inline =
        "quarantine = [{ tests = [\"a/*\"], until = \"2028-02-29\", reason = \"ticket 17\" }]";
    assert_eq!(quarantine(inline), std::slice::from_ref(&expected));
    let of_targets = format!("{tables}\ntargets = [\"shop\", \"api\"]");
    let targets = vec!["shop".to_owned(), "api".to_owned()];
    assert_eq!(
        quarantine(&of_targets),
        [Rule {
            targets,
            ..expected
        }]
    );
    assert_eq!(quarantine("quarantine = []"), []);
}

#[test]
fn what_counts_is_read_from_words() {
    let read = |text: &str| options::fail_on(text).map(|it| (it.verdicts, it.flaky, it.new));
    let usual = DEFAULT_FAIL_ON.to_vec();
    assert_eq!(read("flaky"), Ok((usual.clone(), true, false)));
    assert_eq!(read("new, flaky"), Ok((usual, true, true)));
    let errored = vec![Verdict::Errored];
    assert_eq!(read("new,errored"), Ok((errored.clone(), false, true)));
    assert_eq!(read("errored"), Ok((errored, false, false)));
    for empty in ["", " , ", ","] {
        assert!(read(empty).is_err_and(|error| error.contains("`--exit-zero`")));
    }
    assert!(read("news").is_err_and(|error| error.contains("did you mean `new`?")));
    assert_eq!(options::baseline("last"), Ok(Baseline::Last));
    assert_eq!(
        options::baseline("./last"),
        Ok(Baseline::File("./last".to_owned()))
    );
    assert!(options::baseline("").is_err());
}

#[test]
fn a_mistake_is_blamed_on_what_has_made_it() {
    let mistake = |parameter: &str| Mistake {
        parameter: Some(parameter.to_owned()),
        message: "it is wrong".to_owned(),
    };
    let told = |sets: &[&str], mistakes: &[Mistake]| {
        let wish = Wish {
            names: vec!["api".to_owned()],
            sets: sets.iter().map(|set| (*set).to_owned()).collect(),
            ..Wish::default()
        };
        let planned = planned(GOOD, &wish).unwrap();
        let failure = refused(&planned[0], mistakes, false);
        let details = failure.details.map(|details| details.plain());
        let problem = failure.problem;
        (problem.message, problem.next, details.unwrap_or_default())
    };
    let in_file = "correct the file; nothing was triggered";
    let (message, next, details) = told(&[], &[mistake("app")]);
    assert_eq!(
        (message.as_str(), next.as_str()),
        ("proctor.toml has a mistake", in_file)
    );
    assert!(details.contains("`app`: it is wrong"), "{details}");

    let (message, next, details) = told(&["app=b"], &[mistake("app")]);
    assert_eq!(message, "--set app=b: it is wrong");
    assert_eq!(next, "correct the command line; nothing was triggered");
    assert_eq!(details, "");

    let (message, next, details) = told(&["app=b"], &[mistake("app"), mistake("suites")]);
    assert_eq!(message, "target `api` has 2 mistakes");
    assert_eq!(
        next,
        "correct the file, or what --set says; nothing was triggered"
    );
    assert!(
        details.starts_with("--set app=b: it is wrong\n"),
        "{details}"
    );
    assert!(
        details.contains("`suites`: it is wrong\n --> proctor.toml:"),
        "{details}"
    );
}

#[test]
fn what_a_setting_of_a_group_asks_for_is_asked_of_the_command_line() {
    let place = |settings: &[&str]| Place {
        source: Arc::new(Source {
            path: "proctor.toml".to_owned(),
            text: String::new(),
        }),
        table: 0..0,
        settings: settings
            .iter()
            .map(|name| ((*name).to_owned(), 0..0))
            .collect(),
        sets: vec!["load.users=10".to_owned()],
    };
    assert_eq!(place(&["app"]).set_of("load.limits"), Some("load.users=10"));
    assert_eq!(place(&["load.rate"]).set_of("load.limits"), None);
    assert_eq!(
        place(&["load.users"]).set_of("load.users"),
        Some("load.users=10")
    );
    assert_eq!(place(&["app"]).set_of("app"), None);
}

#[test]
fn a_wrong_variable_is_named() {
    let environment: Environment = [(variable("fail_on"), "faild")].into_iter().collect();
    let errors = Options::of_environment(&environment, &catalogue().kinds).unwrap_err();
    assert_eq!(
        errors,
        [
            "the environment variable PROCTOR_FAIL_ON: there is no verdict `faild`; did you mean `failed`?"
        ]
    );
}

#[test]
fn the_schema_is_reviewed() {
    insta::assert_snapshot!(format!("{:#}", schema::of_config(&catalogue())));
}

/// Every `NAME.toml` in `tests/reject` is refused with exactly the text of its `NAME.err`. With `PROCTOR_BLESS` set the
/// texts are written instead, to be reviewed.
#[test]
fn what_must_be_refused_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reject");
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let expected = path.with_extension("err");
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => {}
            Some("err") => {
                assert!(
                    path.with_extension("toml").exists(),
                    "{path:?} belongs to nothing"
                );
                continue;
            }
            _ => panic!("{path:?} is no fixture"),
        }
        let failure = planned(&fs::read_to_string(&path).unwrap(), &Wish::default()).unwrap_err();
        let details = failure
            .details
            .as_ref()
            .map_or("", crate::failure::Details::text);
        let told = format!("{}\n{details}\n", failure.problem.message);
        assert_eq!(failure.exit_code(), 2, "{path:?}");
        if std::env::var_os("PROCTOR_BLESS").is_some() {
            fs::write(&expected, &told).unwrap();
        }
        assert_eq!(told, fs::read_to_string(&expected).unwrap(), "{path:?}");
        seen += 1;
    }
    assert!(seen >= 10, "only {seen} fixtures were found");
}
