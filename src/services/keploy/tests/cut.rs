//! A time limit, or a word to stop, that comes while results are read. It says nothing of the run: that is judged later.

use super::*;

/// What is read late, or once more, after the run has ended.
#[derive(Debug, Clone, Copy)]
enum Late {
    /// The suites' reports are not there yet.
    Reports,
    /// The run is not listed yet.
    Run,
    /// Only the single report of a suite says what came of it.
    Verdict,
    /// Only the list of suites says which name belongs to the id that was asked for.
    Names,
}

/// When what is late is there.
const THERE: Duration = Duration::from_secs(6);

impl Late {
    const ALL: [Self; 4] = [Self::Reports, Self::Run, Self::Verdict, Self::Names];

    fn target(self) -> Target {
        match self {
            Self::Names => with(target(), suites(&["s1"])),
            _ => target(),
        }
    }

    fn server(self) -> Rc<RefCell<Server>> {
        let mut server = Server {
            takes: Duration::from_millis(2_500),
            ..Server::default()
        };
        if matches!(self, Self::Verdict) {
            server.reports = json!([{"id": "r2", "suite_id": "s2", "name": "search"}]);
        }
        Rc::new(RefCell::new(server))
    }

    fn ports(self, server: &Rc<RefCell<Server>>) -> Fake {
        let served = Rc::clone(server);
        Fake::new(move |request, Instant(now)| {
            let mut server = served.borrow_mut();
            server.visible = !matches!(self, Self::Run) || now >= THERE;
            match self {
                Self::Reports if request.url.contains("/suite-reports?") && now < THERE => {
                    Ok(error(404, "RESOURCE_NOT_FOUND"))
                }
                _ => server.serve(request, now),
            }
        })
    }

    /// Runs with ports that are made ready for something to cut it off, which has this code. Returns whether it did so
    /// after the run's end.
    fn cut(self, target: &Target, expected: Code, ready: impl FnOnce(&mut Fake)) -> bool {
        let server = self.server();
        let mut ports = self.ports(&server);
        ready(&mut ports);
        let report = run(target, &mut ports);
        let told = format!(
            "{self:?} {:?} {:?}: {report:?}",
            target.timeout, ports.stop_at
        );
        let is_wrong = |test: &crate::model::TestCase| test.verdict == Verdict::Errored;
        assert!(!report.tests.iter().any(is_wrong), "{told}");
        let Some(problem) = &report.problem else {
            return false;
        };
        assert_eq!(problem.code, expected, "{told}");
        let (triggers, stopped) = (server.borrow().triggers, server.borrow().stopped);
        assert_eq!(report.handle.is_some(), triggers > 0 && !stopped, "{told}");
        let Some(handle) = &report.handle else {
            return false;
        };
        assert!(problem.next.contains("proctor wait"), "{told}");
        let later = watch(&self.target(), handle, &mut self.ports(&server));
        assert_eq!(later.verdict, Verdict::Passed, "{told}: {later:?}");
        problem.message.contains("the run had ended")
    }
}

/// Every moment up to long after the last read.
fn moments() -> impl Iterator<Item = Duration> {
    (10..9_000).step_by(10).map(Duration::from_millis)
}

#[test]
fn a_time_limit_that_falls_while_results_are_read_is_no_error() {
    for late in Late::ALL {
        let cut = moments().filter(|limit| {
            let mut target = late.target();
            target.timeout = *limit;
            late.cut(&target, Code::TimedOut, |ports| {
                ports.no_turn_from = Some(*limit);
            })
        });
        assert!(cut.count() > 0, "{late:?}");
    }
}

#[test]
fn a_word_to_stop_that_comes_while_results_are_read_is_no_error() {
    for late in Late::ALL {
        let cut = moments().filter(|at| {
            late.cut(&late.target(), Code::Interrupted, |ports| {
                ports.stop_at = Some(*at);
            })
        });
        assert!(cut.count() > 0, "{late:?}");
    }
}

#[test]
fn a_word_to_stop_that_cuts_off_a_stop_asks_for_it_once_more() {
    let server = Rc::new(RefCell::new(Server {
        takes: Duration::from_secs(3_600),
        ..Server::default()
    }));
    let served = Rc::clone(&server);
    let limit = Duration::from_secs(2);
    let told = Duration::from_millis(2_100);
    let mut ports = Fake::new(move |request, Instant(now)| {
        match request.url.ends_with("/stop") && now < told {
            true => Err(SendError::Lost("connection closed".into())),
            false => served.borrow_mut().serve(request, now),
        }
    });
    ports.stop_at = Some(told);
    let mut target = target();
    target.timeout = limit;
    let report = run(&target, &mut ports);
    assert_eq!(code(&report), Some(Code::Interrupted), "{report:?}");
    assert_eq!(ports.count("POST", "/stop"), 2, "{:?}", ports.sent);
    assert!(server.borrow().stopped && report.handle.is_none());
}
