//! The last results of the targets of a run: what they are compared with, and what is kept for the next.

use std::path::PathBuf;

use crate::{
    bindings::{
        exports::proctor::ci::reports::{Conclusion, Remarks, Results},
        proctor::ci::types::{Code, ParameterKind, Report, Setting, Verdict},
    },
    ci::Lineage,
    config::plan::Planned,
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
    /// By what each target is known: its name, and what else tells it from others.
    targets: Vec<Vec<String>>,
}

/// What was kept of the targets of a run.
#[derive(Debug, Default)]
pub struct Earlier {
    /// None if nothing was kept that can be read.
    pub targets: Option<Vec<Report>>,
    /// Why some of it cannot be read.
    pub doubts: Vec<String>,
}

impl Last {
    /// None without `--state`.
    pub fn of(session: &Session, settled: &Settled, planned: &[Planned]) -> Option<Self> {
        let shown = settled.state.clone()?;
        let lineage = settled.lineage(session);
        let known_by = |planned| known_by(planned, !lineage.project.is_empty());
        Some(Self {
            directory: session.path(&shown),
            shown,
            targets: planned.iter().map(known_by).collect(),
            lineage,
        })
    }

    /// The results that were kept of these targets: on a request those of the branch that it is to become part of, on a branch
    /// its own of an earlier commit. What cannot be read is left out.
    pub async fn baseline(&self, session: &Session) -> Earlier {
        let (mut texts, mut doubts) = (Vec::new(), Vec::new());
        for target in &self.targets {
            let found = match (&self.lineage.base, &self.lineage.commit) {
                (Some(base), _) => self.place(target, base).newest(),
                (None, Some(commit)) => self.place(target, self.line()).before(commit),
                // It could be compared with itself.
                (None, None) => Ok(None),
            };
            match found {
                Ok(text) => texts.extend(text),
                Err(why) => doubts.push(self.doubt(&why)),
            }
        }
        let targets = self.read(session, texts, &mut doubts).await;
        Earlier { targets, doubts }
    }

    /// What the texts hold together. Those that hold no results are left out.
    async fn read(
        &self,
        session: &Session,
        mut texts: Vec<String>,
        doubts: &mut Vec<String>,
    ) -> Option<Vec<Report>> {
        while !texts.is_empty() {
            let read = session.component.read(texts.clone(), Vec::new()).await;
            let unreadable = match read {
                Ok(Ok(results)) => return Some(results.targets),
                Ok(Err(unreadable)) => unreadable,
                Err(problem) => {
                    doubts.push(self.doubt(&problem.message));
                    return None;
                }
            };
            doubts.push(self.doubt(&unreadable.message));
            let at = usize::try_from(unreadable.file).unwrap_or(usize::MAX);
            if at >= texts.len() {
                return None;
            }
            texts.remove(at);
        }
        None
    }

    /// Keeps the results of the run for the next. A target that came to no judgement keeps what was there: what went wrong on
    /// the way is not to be known to fail from then on. Nor is anything kept of a commit that nobody names: a later run of it
    /// would be compared with itself.
    pub async fn keep(&self, session: &Session, results: &Results) {
        // What a request changes is not what others are compared with.
        if self.lineage.base.is_some() {
            return;
        }
        let Some(commit) = self.lineage.commit.clone() else {
            return;
        };
        let origin = Origin {
            commit,
            number: self.lineage.number.clone(),
        };
        for target in &self.targets {
            let name = target.first().map_or("", String::as_str);
            let named = |report: &Report| report.target == name;
            let Some(at) = results.targets.iter().position(named) else {
                continue;
            };
            let Some(alone) = alone(results, at) else {
                continue;
            };
            let place = self.place(target, self.line());
            let kept = match session.component.render("json", &alone).await {
                Ok(text) => {
                    let kept = place.keep(&origin, &session.console.redact(&text));
                    kept.map_err(|error| error.to_string())
                }
                Err(problem) => Err(problem.message),
            };
            if let Err(why) = kept {
                session.console.warn(&format!(
                    "the results of {name} cannot be kept in {}: {why}; later runs are compared with older ones",
                    self.shown
                ));
            }
        }
    }

    fn place<'a>(&'a self, target: &'a [String], line: &'a str) -> LastOf<'a> {
        LastOf {
            directory: &self.directory,
            project: &self.lineage.project,
            line,
            target,
        }
    }

    /// Outside of any branch there is one line.
    fn line(&self) -> &str {
        self.lineage.line.as_deref().unwrap_or_default()
    }

    fn doubt(&self, why: &str) -> String {
        format!(
            "earlier results that are kept in {} cannot be compared with: {why}",
            self.shown
        )
    }
}

/// By what the results of a target are found: its name and its service, so that a request finds those of its branch though it
/// is about another system under test. One that the command line alone describes has no name of its own, and where it is not
/// known of which project a build is others may have the same: then its settings count, but for that system's address.
fn known_by(planned: &Planned, is_project_known: bool) -> Vec<String> {
    let target = &planned.target;
    let mut parts = vec![target.name.clone(), target.provider.clone()];
    if target.location.is_none() || !is_project_known {
        let is_system = |setting: &Setting| {
            let mut parameters = planned.provider.parameters.iter();
            parameters
                .any(|known| known.name == setting.name && known.kind == ParameterKind::SystemUrl)
        };
        let mut settings = target.settings.clone();
        settings.retain(|setting| !is_system(setting));
        parts.push(target.api_url.clone());
        parts.push(state::list_of(&settings));
    }
    parts
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
            proctor::ci::types::Problem,
        },
        component::{no_remarks, without_run},
        failure::Failure,
        fixtures::{target, test_case},
    };

    fn report(name: &str, verdict: Verdict, code: Option<Code>) -> Report {
        let nothing = Failure::internal("", "").into_problem();
        Report {
            verdict,
            problem: code.map(|code| Problem {
                code,
                ..nothing.clone()
            }),
            tests: vec![test_case("one", verdict)],
            ..without_run(target(name), nothing)
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
