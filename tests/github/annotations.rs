//! `.github/annotations.sh`, which looks in CI whether annotations have arrived.

use std::process::{Command, Output, Stdio};

use proctor_test_support::{consumers, root};

use crate::runner::executable;

/// A gh that answers from files, and refuses what is no call of these.
const GH: &str = r#"[ "$1 $2" = 'api --paginate' ] || exit 64
case $3 in
'repos/octo/shop/actions/runs/42/attempts/1/jobs?per_page=100') cat jobs ;;
'repos/octo/shop/check-runs/7/annotations?per_page=100') cat seven ;;
'repos/octo/shop/check-runs/8/annotations?per_page=100') cat eight ;;
*) exit 65 ;;
esac"#;

const JOBS: &str = r#"{"total_count":3,"jobs":[{"id":7,"name":"action (a)"},{"id":9,"name":"test"}]}
{"total_count":3,"jobs":[{"id":8,"name":"action (b)"}]}"#;

/// Looks for an error at `a.toml:6` in the jobs `action (`, one of which has these annotations.
fn look(jobs: &str, eight: &str) -> Option<Output> {
    consumers::program("jq")?;
    let folder = tempfile::tempdir().expect("a folder");
    executable(&folder.path().join("gh"), GH);
    let right = r#"[{"path":"x","start_line":1,"annotation_level":"notice"}]
[{"path":"a.toml","start_line":6,"annotation_level":"failure"}]"#;
    for (name, text) in [("jobs", jobs), ("seven", right), ("eight", eight)] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").expect("a PATH")
    );
    let output = Command::new(root().join(".github/annotations.sh"))
        .args(["action (", "a.toml:6"])
        .env("PATH", path)
        .env("GITHUB_REPOSITORY", "octo/shop")
        .env("GITHUB_RUN_ID", "42")
        .env("GITHUB_RUN_ATTEMPT", "1")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output();
    Some(output.expect("it starts"))
}

#[test]
fn each_job_must_have_its_annotation() {
    let right = r#"[{"path":"a.toml","start_line":6,"annotation_level":"failure"}]"#;
    let Some(output) = look(JOBS, right) else {
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        output.stdout,
        b"job 7 has its annotation\njob 8 has its annotation\n"
    );
    let wrong = [
        right.replace('6', "7"),
        right.replace("a.toml", "b.toml"),
        right.replace("failure", "warning"),
        "[]".to_owned(),
    ];
    for eight in wrong {
        let output = look(JOBS, &eight).expect("it was there");
        assert_eq!(output.status.code(), Some(1), "{eight}");
        assert!(
            String::from_utf8_lossy(&output.stderr)
                .starts_with("job 8 has no error at a.toml:6, but ")
        );
    }
    let none = look(r#"{"jobs":[]}"#, right).expect("it was there");
    assert_eq!(none.status.code(), Some(1));
}
