//! Targets that are left out, as there is no key for them and that was allowed.

use crate::{
    bindings::{
        exports::proctor::ci::reports::{SetAside, TargetRemark},
        proctor::ci::types::{Report, Verdict},
    },
    config::{options::Output, plan::Planned},
    handles::LeftOut,
};

use super::{
    follow::Followed,
    session::{Session, now_ms},
};

/// What is left out, by its place among all targets, in their order.
#[derive(Default)]
pub struct Aside(Vec<(usize, Report)>);

impl Aside {
    /// Leaves a target out, which comes after all that were before.
    pub fn add(&mut self, place: usize, planned: &Planned, why: String) {
        let target = &planned.target;
        let left_out = LeftOut {
            target: target.name.clone(),
            provider: target.provider.clone(),
            reason: why,
            location: target.location.clone(),
        };
        self.0.push((place, report(left_out)));
    }

    /// What was left out when the runs were to be started.
    pub fn of_earlier(left_out: Vec<LeftOut>) -> Self {
        Self(left_out.into_iter().map(report).enumerate().collect())
    }

    /// What is left out, as it is written down.
    pub fn left_out(&self) -> Vec<LeftOut> {
        let of = |(_, report): &(usize, Report)| LeftOut {
            target: report.target.clone(),
            provider: report.provider.clone(),
            reason: report.reason.clone().unwrap_or_default(),
            location: report.location.clone(),
        };
        self.0.iter().map(of).collect()
    }

    /// Whether the target at this place is left out.
    pub fn has(&self, place: usize) -> bool {
        self.0.iter().any(|(at, _)| *at == place)
    }

    /// Says what is left out, before anything else is done.
    pub fn tell(&self, session: &Session) {
        for (_, report) in &self.0 {
            match session.console.output() {
                Output::Ndjson => session.console.ndjson_left_out(report),
                Output::Human => {
                    let why = report.reason.as_deref().unwrap_or_default();
                    let warning = format!("{} is left out: {why}", report.target);
                    session.console.warn(&warning);
                }
            }
        }
    }

    /// What came of all targets, those among them that were left out.
    pub fn join(self, followed: Followed) -> Followed {
        let Self(aside) = self;
        let Followed {
            reports,
            mut remarks,
            ..
        } = followed;
        let count = reports.len() + aside.len();
        let (mut aside, mut reports) = (aside.into_iter().peekable(), reports.into_iter());
        let mut all = Vec::with_capacity(count);
        // Where each of the reports has come to stand.
        let mut places = Vec::with_capacity(count);
        for place in 0..count {
            if let Some((_, report)) = aside.next_if(|(at, _)| *at == place) {
                remarks.targets.push(TargetRemark {
                    target: place_of(place),
                    set_aside: SetAside::MissingKey,
                });
                all.push(report);
            } else if let Some(report) = reports.next() {
                places.push(place_of(place));
                all.push(report);
            }
        }
        let moved = |place: u32| {
            let known = usize::try_from(place)
                .ok()
                .and_then(|place| places.get(place));
            known.copied().unwrap_or(place)
        };
        for remark in &mut remarks.tests {
            remark.target = moved(remark.target);
        }
        let of_aside = remarks
            .targets
            .split_off(remarks.targets.len() - (count - places.len()));
        for remark in &mut remarks.targets {
            remark.target = moved(remark.target);
        }
        remarks.targets.extend(of_aside);
        Followed {
            reports: all,
            remarks,
            ..followed
        }
    }
}

fn place_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn report(left_out: LeftOut) -> Report {
    let LeftOut {
        target,
        provider,
        reason,
        location,
    } = left_out;
    Report {
        target,
        provider,
        verdict: Verdict::Skipped,
        reason: Some(reason),
        problem: None,
        run: None,
        handle: None,
        tests: Vec::new(),
        warnings: Vec::new(),
        started_at_ms: now_ms(),
        duration_ms: 0,
        queued_ms: None,
        location,
    }
}
