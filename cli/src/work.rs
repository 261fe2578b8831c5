//! A target, ready to be carried out.

use crate::{
    config::plan::Planned,
    edge::convert,
    error::{Code, Problem},
    failure::Failure,
    gate::Gate,
    keys,
    model::{Report, Target, Verdict},
    session::Session,
    subjects::share_subjects,
};

/// A target, and the way to its service.
pub struct Work {
    pub planned: Planned,
    pub target: Target,
    pub gate: Gate,
}

impl Work {
    /// Finds the keys of all targets, and keeps them out of everything that is printed.
    ///
    /// # Errors
    /// A usage failure if a key is missing, or a target is at a place where no key may go.
    pub fn of_all(session: &Session, planned: Vec<Planned>) -> Result<Vec<Self>, Failure> {
        let credentials = keys::find_all(&planned, &session.environment)?;
        session
            .terminal
            .hide(credentials.iter().flatten().map(|it| &it.key));
        let works = planned.into_iter().zip(credentials);
        works
            .map(|(planned, credential)| {
                let gate = Gate::new(&planned.target.api_url, credential).map_err(|reason| {
                    Failure::usage(
                        format!(
                            "the `api_url` of target `{}` is {reason}",
                            planned.target.name
                        ),
                        "correct the `api_url`; nothing was triggered",
                    )
                })?;
                Ok(Self {
                    target: convert::target_in(planned.target.clone()),
                    planned,
                    gate,
                })
            })
            .collect()
    }

    /// Whether two targets must not run at once.
    pub fn shares(&self, other: &Self) -> bool {
        let (one, two) = (&self.planned, &other.planned);
        self.gate.whose() == other.gate.whose()
            && share_subjects((&one.provider, &one.target), (&two.provider, &two.target))
    }

    /// Whether its runs are told from earlier ones by nothing but being seen at work.
    pub fn is_known_by_its_way(&self) -> bool {
        proctor::services::named(&self.target.provider)
            .is_some_and(|service| service.is_known_by_its_way(&self.target))
    }

    /// The report of a target of which nothing was run.
    pub fn without_run(&self, problem: Problem) -> Report {
        Report {
            target: self.target.name.clone(),
            provider: self.target.provider.clone(),
            verdict: Verdict::Errored,
            reason: Some(problem.message.clone()),
            problem: Some(problem),
            run: None,
            handle: None,
            tests: Vec::new(),
            warnings: Vec::new(),
            started_at_ms: crate::session::now_ms(),
            duration_ms: 0,
            queued_ms: None,
            location: self.target.location.clone(),
            set_aside: None,
        }
    }
}

/// That nothing came of a trigger, neither a run nor a reason.
pub fn nothing() -> Problem {
    Problem::new(
        Code::Internal,
        "the trigger came to nothing, and gave no reason",
    )
}
