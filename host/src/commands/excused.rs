//! Which failures of a target do not count, before the results of all are there.

use crate::bindings::{
    exports::proctor::ci::reports::{Standing, TestRemark},
    proctor::ci::types::Report,
};

use super::{session::Session, settled::Settled};

/// Looks at which failures do not count, if there may be any.
pub struct Excused(Option<Settled>);

impl Excused {
    /// By the quarantine and the baseline of the command with these options.
    pub fn new(settled: &Settled) -> Self {
        let may_excuse = settled.gating.has_rules() || settled.policy.new_only;
        Self(may_excuse.then(|| settled.clone()))
    }

    /// The places of a report's tests whose failure does not count. What cannot be looked at counts.
    pub async fn of(&self, session: &Session, report: &Report) -> Vec<u32> {
        let Some(settled) = &self.0 else {
            return Vec::new();
        };
        let reports = std::slice::from_ref(report);
        let remarks = settled.gating.quietly(session, settled, reports).await;
        let tests = remarks.map_or_else(|_| Vec::new(), |remarks| remarks.tests);
        let excused = tests
            .into_iter()
            .filter(|remark| is_excused(remark, settled));
        excused.map(|remark| remark.test).collect()
    }
}

fn is_excused(remark: &TestRemark, settled: &Settled) -> bool {
    let is_known = settled.policy.new_only && remark.standing == Some(Standing::Known);
    remark.quarantine.is_some() || is_known
}
