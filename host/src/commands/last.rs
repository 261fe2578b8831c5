//! The last results of the targets of a run: what they are compared with, and what is kept for the next.

use std::path::PathBuf;

use crate::{
    bindings::{
        exports::proctor::ci::reports::{Conclusion, Remarks, Results},
        proctor::ci::types::{Code, Report, Verdict},
    },
    ci::Lineage,
    config::plan::Planned,
    handles::Entry,
    state::{
        self,
        last::{LastOf, Origin},
    },
};

use super::{session::Session, settled::Settled};

/// Where the last results of the targets of a run are kept.
#[derive(Debug, Clone)]
pub struct Last {
    /// The directory of `--state`.
    directory: PathBuf,
    /// The same as named.
    shown: String,
    lineage: Lineage,
    entries: Vec<Entry>,
}

impl Last {
    /// None without `--state`.
    pub fn of(session: &Session, settled: &Settled, planned: &[Planned]) -> Option<Self> {
        let shown = settled.state.clone()?;
        let entries = planned.iter().map(|planned| {
            let (key_env, plugin) = (planned.key_env.clone(), planned.plugin.clone());
            state::blank(&planned.target, key_env, plugin)
        });
        Some(Self {
            directory: session.path(&shown),
            shown,
            lineage: Lineage::of(&session.environment, settled.branch.as_deref()),
            entries: entries.collect(),
        })
    }

    /// The results that were kept of these targets, merged into those of one run: on a request those of the branch that it is
    /// to become part of, on a branch its own of an earlier commit. None if nothing was kept. What cannot be read is warned
    /// of and left out.
    pub async fn baseline(&self, session: &Session) -> Option<String> {
        let mut texts = Vec::new();
        for entry in &self.entries {
            let found = match &self.lineage.base {
                Some(base) => self.place(entry, base).newest(),
                None => {
                    let commit = self.lineage.commit.as_deref();
                    self.place(entry, self.line()).before(commit)
                }
            };
            match found {
                Ok(text) => texts.extend(text),
                Err(why) => self.doubt(session, &why),
            }
        }
        self.merged(session, texts).await
    }

    /// Puts the texts together; those that hold no results are left out.
    async fn merged(&self, session: &Session, mut texts: Vec<String>) -> Option<String> {
        loop {
            if texts.len() < 2 {
                return texts.pop();
            }
            let read = session.component.read(texts.clone(), Vec::new()).await;
            let unreadable = match read {
                Ok(Ok(results)) => {
                    let text = session.component.render("json", &results).await;
                    return match text {
                        Ok(text) => Some(text),
                        Err(problem) => {
                            self.doubt(session, &problem.message);
                            None
                        }
                    };
                }
                Ok(Err(unreadable)) => unreadable,
                Err(problem) => {
                    self.doubt(session, &problem.message);
                    return None;
                }
            };
            self.doubt(session, &unreadable.message);
            let at = usize::try_from(unreadable.file).unwrap_or(usize::MAX);
            if at >= texts.len() {
                return None;
            }
            texts.remove(at);
        }
    }

    /// Keeps the results of the run for the next. A target that came to no judgement keeps what was there: what went wrong on
    /// the way is not to be known to fail from then on.
    pub async fn keep(&self, session: &Session, results: &Results) {
        // What a request changes is not what others are compared with.
        if self.lineage.base.is_some() {
            return;
        }
        let origin = Origin {
            commit: self.lineage.commit.clone(),
            number: self.lineage.number.clone(),
        };
        for entry in &self.entries {
            let named = |report: &Report| report.target == entry.target.name;
            let Some(at) = results.targets.iter().position(named) else {
                continue;
            };
            let Some(alone) = alone(results, at) else {
                continue;
            };
            let place = self.place(entry, self.line());
            let kept = match session.component.render("json", &alone).await {
                Ok(text) => {
                    let kept = place.keep(&origin, &session.console.redact(&text));
                    kept.map_err(|error| error.to_string())
                }
                Err(problem) => Err(problem.message),
            };
            if let Err(why) = kept {
                let name = &entry.target.name;
                session.console.warn(&format!(
                    "the results of {name} cannot be kept in {}: {why}; later runs are compared with older ones",
                    self.shown
                ));
            }
        }
    }

    fn place<'a>(&'a self, entry: &'a Entry, line: &'a str) -> LastOf<'a> {
        LastOf {
            directory: &self.directory,
            project: &self.lineage.project,
            line,
            entry,
        }
    }

    /// Outside of any branch there is one line.
    fn line(&self) -> &str {
        self.lineage.line.as_deref().unwrap_or_default()
    }

    fn doubt(&self, session: &Session, why: &str) {
        session.console.warn(&format!(
            "earlier results that are kept in {} cannot be compared with: {why}",
            self.shown
        ));
    }
}

/// The results of one target as those of a run of it alone; none if it came to no judgement.
fn alone(results: &Results, at: usize) -> Option<Results> {
    let report = results.targets.get(at)?;
    let is_judged = matches!(report.verdict, Verdict::Passed | Verdict::Failed)
        && report
            .problem
            .as_ref()
            .is_none_or(|problem| problem.code == Code::Failed);
    let place = u32::try_from(at).ok()?;
    let is_set_aside = results
        .remarks
        .targets
        .iter()
        .any(|remark| remark.target == place);
    if !is_judged || is_set_aside || report.tests.is_empty() {
        return None;
    }
    let exit_code = *results.conclusion.exit_codes.get(at)?;
    let mut tests = results.remarks.tests.clone();
    tests.retain(|remark| remark.target == place);
    for remark in &mut tests {
        remark.target = 0;
    }
    Some(Results {
        version: results.version.clone(),
        started_at_ms: report.started_at_ms,
        duration_ms: report.duration_ms,
        conclusion: Conclusion {
            verdict: report.verdict,
            exit_code,
            exit_codes: vec![exit_code],
        },
        targets: vec![report.clone()],
        remarks: Remarks {
            tests,
            targets: Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::{
            exports::proctor::ci::reports::{SetAside, TargetRemark, TestRemark},
            proctor::ci::types::{Problem, Target, TestCase},
        },
        component::{no_remarks, without_run},
        failure::Failure,
    };

    fn report(name: &str, verdict: Verdict, code: Option<Code>) -> Report {
        let target = Target {
            name: name.to_owned(),
            provider: "browse".to_owned(),
            api_url: "https://api.example.com".to_owned(),
            settings: Vec::new(),
            overrides: Vec::new(),
            timeout_ms: 1,
            location: None,
        };
        let nothing = Failure::internal("", "").into_problem();
        let test = TestCase {
            suite: String::new(),
            name: "one".to_owned(),
            verdict,
            queued_ms: None,
            duration_ms: None,
            attempts: 1,
            message: None,
            details: None,
            expected: None,
            actual: None,
            url: None,
            attachments: Vec::new(),
        };
        Report {
            verdict,
            problem: code.map(|code| Problem {
                code,
                ..nothing.clone()
            }),
            tests: vec![test],
            ..without_run(target, nothing)
        }
    }

    fn results(targets: Vec<Report>, remarks: Remarks) -> Results {
        Results {
            version: "0".to_owned(),
            started_at_ms: 0,
            duration_ms: 0,
            conclusion: Conclusion {
                verdict: Verdict::Failed,
                exit_code: 1,
                exit_codes: (0..).take(targets.len()).collect(),
            },
            targets,
            remarks,
        }
    }

    #[test]
    fn a_target_alone_has_its_own_code_and_remarks() {
        let remark = |target| TestRemark {
            target,
            test: 0,
            earlier: Vec::new(),
            standing: None,
            quarantine: None,
        };
        let remarks = Remarks {
            tests: vec![remark(0), remark(1)],
            targets: Vec::new(),
        };
        let targets = vec![
            report("a", Verdict::Passed, None),
            report("b", Verdict::Failed, Some(Code::Failed)),
        ];
        let alone = alone(&results(targets, remarks), 1).expect("it was judged");
        assert_eq!(alone.targets[0].target, "b");
        assert_eq!(alone.conclusion.exit_codes, [1]);
        let places: Vec<u32> = alone.remarks.tests.iter().map(|it| it.target).collect();
        assert_eq!(places, [0]);
    }

    #[test]
    fn what_came_to_no_judgement_is_not_kept() {
        for (verdict, code) in [
            (Verdict::Errored, Some(Code::ServiceErrored)),
            (Verdict::TimedOut, Some(Code::TimedOut)),
            (Verdict::Cancelled, Some(Code::Interrupted)),
            (Verdict::Failed, Some(Code::Unavailable)),
            (Verdict::Skipped, None),
        ] {
            let results = results(vec![report("a", verdict, code)], no_remarks());
            assert!(alone(&results, 0).is_none(), "{verdict:?} {code:?}");
        }
        let mut empty = report("a", Verdict::Failed, Some(Code::Failed));
        empty.tests.clear();
        assert!(alone(&results(vec![empty], no_remarks()), 0).is_none());
        let set_aside = Remarks {
            tests: Vec::new(),
            targets: vec![TargetRemark {
                target: 0,
                set_aside: SetAside::FailFast,
            }],
        };
        let passed = results(vec![report("a", Verdict::Passed, None)], set_aside);
        assert!(alone(&passed, 0).is_none());
    }
}
