//! How a comment is asked for.

use proctor_test_support::forge::{Forge, May};
use proctor_test_support::{Proctor, sandbox};

use super::{OF_JOB, actions, comments, on_github, passed, render, results};

#[test]
fn nobody_gets_a_comment_unasked() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sandbox = sandbox("");
    let run = on_github(&forge, Proctor::run(&sandbox, "app-7f3"));
    run.variable("GITHUB_TOKEN", OF_JOB).end().expect(0);
    // Who renders says so: the jobs that the results are from have commented on their own.
    let render = on_github(&forge, render(&results(&[passed("a")])));
    render
        .variable("PROCTOR_COMMENT", "auto")
        .variable("GITHUB_TOKEN", OF_JOB)
        .end()
        .expect(0);
    assert_eq!(forge.server.asked(), []);
}

#[test]
fn a_wish_that_makes_no_sense_is_wrong_usage() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sample = results(&[passed("a")]);
    let long = "x".repeat(101);
    for (arguments, says) in [
        (
            ["--comment", "gitub"],
            "--comment: `gitub` is not allowed here; did you mean `github`?",
        ),
        (["--comment-key", " "], "--comment-key: the text is empty"),
        (
            ["--comment-key", long.as_str()],
            "--comment-key: the name of a comment has at most 100 characters, not 101",
        ),
    ] {
        let job = on_github(&forge, render(&sample)).arguments(&arguments);
        job.end().expect(2).says(says);
        let sandbox = sandbox("");
        let run = on_github(&forge, Proctor::run(&sandbox, "app-7f3")).arguments(&arguments);
        run.end().expect(2).says(says);
        assert!(sandbox.received().is_empty(), "nothing was triggered");
    }
    Proctor::new(&["run"])
        .file(
            "proctor.toml",
            "[defaults]\ncomment = \"always\"\ncomment_key = \"x\"\n",
        )
        .end()
        .expect(2)
        .says("`comment`: `always` is not allowed here")
        .says("give it as --comment-key or PROCTOR_COMMENT_KEY");
    Proctor::new(&["run", "--no-wait", "--comment", "auto"])
        .end()
        .expect(2)
        .says("--no-wait");
    assert_eq!(forge.server.asked(), []);
}

#[test]
fn another_ci_system_comments_if_it_is_told_where() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sample = results(&[passed("a")]);
    let on_jenkins = |wish: &str| {
        comments(&forge, &sample)
            .without("GITHUB_ACTIONS")
            .variable("JENKINS_URL", "https://ci.example/")
            .arguments(&["--comment-key", "jenkins"])
            .variable("PROCTOR_COMMENT", wish)
    };
    on_jenkins("github").end().expect(0);
    assert_eq!(
        forge.texts(41_898_282).len(),
        0,
        "auto looks at the environment"
    );
    let job = render(&sample).arguments(&["--comment", "github"]);
    let job = on_github(&forge, job)
        .without("GITHUB_ACTIONS")
        .variable("GITHUB_TOKEN", OF_JOB);
    job.end().expect(0);
    assert_eq!(forge.texts(41_898_282).len(), 1);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_after_a_signal() {
    let forge = Forge::github(&[actions(May::Write)]);
    let sandbox = sandbox("queue_ms = 60000");
    let mut run = on_github(&forge, Proctor::run(&sandbox, "app-7f3"));
    run = run
        .arguments(&["--comment", "auto"])
        .variable("GITHUB_TOKEN", OF_JOB);
    let child = run.spawn();
    proctor_test_support::until("the trigger", || {
        sandbox
            .received()
            .iter()
            .any(|received| received.method == "POST")
    });
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    let outcome = run.child_within(child, 60).expect(143);
    assert!(
        outcome
            .err
            .contains("no comment was written, as Proctor was told to stop"),
        "{}",
        outcome.err
    );
    assert_eq!(forge.server.asked(), []);
}
