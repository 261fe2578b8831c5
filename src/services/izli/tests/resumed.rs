//! Runs of a job that was killed, gone on with by another.

use super::*;
use crate::model::Stage;
use crate::services::tests::lives::{at_every_request, lives};

fn target() -> Target {
    Target {
        name: "shop".into(),
        provider: "izli".into(),
        api_url: "https://x/api/v1".into(),
        settings: vec![Setting {
            name: "api_monitor".into(),
            value: Value::Texts(vec!["api_1".into()]),
        }],
        overrides: Vec::new(),
        timeout: Duration::from_secs(600),
        location: None,
    }
}

#[test]
fn wherever_it_is_killed_there_is_one_trigger_at_most_and_the_verdict_of_its_run() {
    for (fresh, later) in [
        (passing as fn() -> Server, 0),
        (nameless, 0),
        (passing, 30),
        (nameless, 30),
    ] {
        let served = Rc::new(RefCell::new(fresh()));
        let mut lost = 0;
        let kills = at_every_request(
            &target(),
            Duration::from_secs(later),
            || {
                let serving = Rc::clone(&served);
                *served.borrow_mut() = fresh();
                lives(move |request, Instant(now)| serving.borrow_mut().serve(request, now))
            },
            |told, known, report| match served.borrow().triggers.len() {
                1 => assert_eq!(report.verdict, Verdict::Passed, "{told}: {report:?}"),
                none => {
                    lost += 1;
                    assert_eq!(none, 0, "{told}");
                    let known = known.expect("the intent is told before the request");
                    assert_eq!(known.triggers[0].stage, Stage::Sent, "{told}");
                    let code = report.problem.as_ref().map(|problem| problem.code);
                    assert_eq!(code, Some(Code::Unavailable), "{told}: {report:?}");
                }
            },
        );
        assert!(kills > 8 && lost == 1, "{kills} {lost}");
    }
}
