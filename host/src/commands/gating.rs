//! Which tests' trouble counts: what is in quarantine, and what failures are compared with.

use std::{sync::Arc, time::SystemTime};

use tokio::sync::OnceCell;

use crate::{
    bindings::{
        exports::proctor::ci::reports::{
            Assessment, Circumstances, Quarantine, QuarantineRule, Remarks,
        },
        proctor::ci::types::Report,
    },
    component::no_remarks,
    config::{
        file::Config,
        options::{Baseline, FailOn},
    },
    failure::Failure,
};

use super::{last::Earlier, results_files, session::Session, settled::Settled};

/// What tests are looked at by, read before anything is triggered.
#[derive(Debug, Clone, Default)]
pub struct Gating {
    rules: Vec<QuarantineRule>,
    /// The names of all targets of the configuration.
    targets: Vec<String>,
    compared: Compared,
}

/// What failures are compared with.
#[derive(Debug, Clone, Default)]
enum Compared {
    #[default]
    Nothing,
    With(Vec<Report>),
    /// What is kept last, read when the first results are there.
    Last(Arc<OnceCell<Earlier>>),
}

impl Gating {
    /// What the configuration says of quarantine.
    pub fn of(config: Option<&Config>) -> Self {
        let rules = config.iter().flat_map(|config| &config.quarantine);
        let rules = rules.map(|rule| QuarantineRule {
            tests: rule.tests.clone(),
            targets: rule.targets.clone(),
            quarantine: Quarantine {
                reason: rule.reason.clone(),
                until: rule.until.clone(),
            },
        });
        let targets = config.iter().flat_map(|config| &config.targets);
        Self {
            rules: rules.collect(),
            targets: targets.map(|entry| entry.name.clone()).collect(),
            compared: Compared::Nothing,
        }
    }

    /// Whether there is a quarantine.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The same with a file of earlier results.
    ///
    /// # Errors
    /// A usage failure if it cannot be read, or holds something else.
    pub async fn compared_with(self, session: &Session, file: &str) -> Result<Self, Failure> {
        let files = [file.to_owned()];
        let results = results_files::read(session, &files, Vec::new()).await?;
        Ok(Self {
            compared: Compared::With(results.targets),
            ..self
        })
    }

    /// Adds to what is remarked what is known of each test in trouble, and says what somebody should know of the rules.
    ///
    /// # Errors
    /// An internal failure if the component cannot look at them.
    pub async fn assess(
        &self,
        session: &Session,
        settled: &Settled,
        reports: &[Report],
        remarks: Remarks,
    ) -> Result<Remarks, Failure> {
        let baseline = self.baseline(session, settled).await;
        self.tell_of_kept(session);
        self.look(session, reports, remarks, baseline, settled.policy.flaky)
            .await
    }

    /// What is remarked of a part of the reports before all are there, said to nobody.
    ///
    /// # Errors
    /// As for [`Gating::assess`].
    pub async fn quietly(
        &self,
        session: &Session,
        settled: &Settled,
        reports: &[Report],
    ) -> Result<Remarks, Failure> {
        let baseline = self.baseline(session, settled).await;
        let circumstances = self.circumstances(baseline, settled.policy.flaky);
        let (component, nothing) = (&session.component, no_remarks());
        let assessed = component.assess(reports, &nothing, &circumstances);
        Ok(assessed.await?.remarks)
    }

    /// The same for results that were read, which are compared with a file if with anything.
    ///
    /// # Errors
    /// As for [`Gating::assess`].
    pub async fn assess_again(
        &self,
        session: &Session,
        reports: &[Report],
        remarks: Remarks,
        flaky: bool,
    ) -> Result<Remarks, Failure> {
        let baseline = match &self.compared {
            Compared::With(earlier) => Some(earlier.clone()),
            Compared::Nothing | Compared::Last(_) => None,
        };
        self.look(session, reports, remarks, baseline, flaky).await
    }

    /// Says which rules hold no longer.
    ///
    /// # Errors
    /// As for [`Gating::assess`].
    pub async fn tell(&self, session: &Session) -> Result<(), Failure> {
        if self.rules.is_empty() {
            return Ok(());
        }
        let looked = self.look(session, &[], no_remarks(), None, false);
        looked.await.map(|_| ())
    }

    /// What failures are compared with; none if with nothing.
    async fn baseline(&self, session: &Session, settled: &Settled) -> Option<Vec<Report>> {
        match &self.compared {
            Compared::Nothing => None,
            Compared::With(earlier) => Some(earlier.clone()),
            Compared::Last(kept) => {
                let read = async || match &settled.last {
                    Some(last) => last.baseline(session).await,
                    None => Earlier::default(),
                };
                let earlier = kept.get_or_init(read).await;
                Some(earlier.targets.clone().unwrap_or_default())
            }
        }
    }

    /// Says what cannot be compared with of what is kept.
    fn tell_of_kept(&self, session: &Session) {
        let Compared::Last(kept) = &self.compared else {
            return;
        };
        let Some(earlier) = kept.get() else { return };
        for doubt in &earlier.doubts {
            session.console.warn(doubt);
        }
        if earlier.targets.is_none() {
            session.console.note(
                "no earlier results are kept of these targets: every failure is taken for a new one",
            );
        }
    }

    fn circumstances(&self, baseline: Option<Vec<Report>>, flaky: bool) -> Circumstances {
        Circumstances {
            rules: self.rules.clone(),
            today: today(),
            targets: self.targets.clone(),
            baseline,
            flaky,
        }
    }

    async fn look(
        &self,
        session: &Session,
        reports: &[Report],
        remarks: Remarks,
        baseline: Option<Vec<Report>>,
        flaky: bool,
    ) -> Result<Remarks, Failure> {
        let has_remarks = !remarks.tests.is_empty();
        if self.rules.is_empty() && baseline.is_none() && !has_remarks {
            return Ok(remarks);
        }
        let circumstances = self.circumstances(baseline, flaky);
        let component = &session.component;
        let Assessment {
            remarks,
            warnings,
            notes,
        } = component.assess(reports, &remarks, &circumstances).await?;
        for warning in warnings {
            session.console.warn(&warning);
        }
        for note in notes {
            session.console.note(&note);
        }
        Ok(remarks)
    }
}

/// Reads what the tests of a command that judges are looked at by.
///
/// # Errors
/// A usage failure if the earlier results cannot be read, or only new failures are to count and there are no earlier ones.
pub async fn prepare(
    session: &Session,
    settled: &Settled,
    config: Option<&Config>,
) -> Result<Gating, Failure> {
    let gating = Gating::of(config);
    match &settled.baseline {
        Some(Baseline::File(file)) => gating.compared_with(session, file).await,
        Some(Baseline::Last) => {
            refuse_last(session, settled)?;
            Ok(Gating {
                compared: Compared::Last(Arc::default()),
                ..gating
            })
        }
        None if settled.policy.new_only => Err(without_baseline("nothing was triggered")),
        None => Ok(gating),
    }
}

/// Refuses to compare with what is kept last where that cannot be found, or could be of the same commit: then nothing that it
/// broke would be new.
fn refuse_last(session: &Session, settled: &Settled) -> Result<(), Failure> {
    if settled.state.is_none() {
        return Err(Failure::usage(
            "nothing says where the last results are kept that failures are to be compared with",
            "name the directory with --state DIR or PROCTOR_STATE, or a results file with --baseline FILE; \
             nothing was triggered",
        ));
    }
    let lineage = settled.lineage(session);
    if lineage.base.is_none() && lineage.commit.is_none() {
        return Err(Failure::usage(
            "nothing says which commit this is a build of, so it could be compared with its own results (--baseline last)",
            "name the commit with --commit ID or PROCTOR_COMMIT, or a results file with --baseline FILE; \
             nothing was triggered",
        ));
    }
    Ok(())
}

/// Refuses to count new failures alone where nothing tells them from others.
pub fn without_baseline(then: &str) -> Failure {
    Failure::usage(
        "only new failures are to count (`new`), but nothing says what they are compared with",
        format!(
            "give earlier results with --baseline FILE, as `--report json` writes them; {then}"
        ),
    )
}

/// What counts as a failure, as a flag of a command without a configuration says it.
///
/// # Errors
/// A usage failure that names the flag.
pub fn fail_on(text: Option<&str>) -> Result<FailOn, Failure> {
    let Some(text) = text else {
        return Ok(FailOn::default());
    };
    crate::config::options::fail_on(text)
        .map_err(|error| Failure::usage(format!("--fail-on: {error}"), "correct it"))
}

/// The day in UTC: `2026-12-31`.
fn today() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}
