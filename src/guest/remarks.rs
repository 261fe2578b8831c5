//! What is known beside the reports: the model has it in the tests and targets, the contract in lists of its own, as the
//! records that plugins know stay as they are.

use super::bindings::exports::proctor::ci::reports;
use super::bindings::proctor::ci::types;
use super::convert::{each, report_in, test_in, test_out};
use crate::assess::{Circumstances, Rule, Told};
use crate::model::{Quarantine, Report, SetAside, Standing, TestCase};

/// Puts remarks where they belong. Those about what is not there are left out.
pub fn put(reports: &mut [Report], remarks: reports::Remarks) {
    let reports::Remarks { tests, targets } = remarks;
    for remark in tests {
        let report = reports.get_mut(remark.target as usize);
        let test = report.and_then(|report| report.tests.get_mut(remark.test as usize));
        if let Some(test) = test {
            test.earlier = each(remark.earlier, test_in);
            test.standing = remark.standing.map(standing_in);
            test.quarantine = remark.quarantine.map(quarantine_in);
        }
    }
    for remark in targets {
        if let Some(report) = reports.get_mut(remark.target as usize) {
            report.set_aside = Some(set_aside_in(remark.set_aside));
        }
    }
}

/// Takes the remarks out.
pub fn take(reports: &mut [Report]) -> reports::Remarks {
    let mut tests = Vec::new();
    let mut targets = Vec::new();
    for (target, report) in (0..).zip(reports) {
        for (number, test) in (0..).zip(&mut report.tests) {
            tests.extend(take_test(target, number, test));
        }
        if let Some(set_aside) = report.set_aside.take() {
            let set_aside = set_aside_out(set_aside);
            targets.push(reports::TargetRemark { target, set_aside });
        }
    }
    reports::Remarks { tests, targets }
}

fn take_test(target: u32, number: u32, test: &mut TestCase) -> Option<reports::TestRemark> {
    let earlier = std::mem::take(&mut test.earlier);
    let (standing, quarantine) = (test.standing.take(), test.quarantine.take());
    if earlier.is_empty() && standing.is_none() && quarantine.is_none() {
        return None;
    }
    Some(reports::TestRemark {
        target,
        test: number,
        earlier: each(earlier, test_out),
        standing: standing.map(standing_out),
        quarantine: quarantine.map(quarantine_out),
    })
}

const fn standing_in(standing: reports::Standing) -> Standing {
    match standing {
        reports::Standing::Fresh => Standing::New,
        reports::Standing::Known => Standing::Known,
    }
}

const fn standing_out(standing: Standing) -> reports::Standing {
    match standing {
        Standing::New => reports::Standing::Fresh,
        Standing::Known => reports::Standing::Known,
    }
}

fn quarantine_in(quarantine: reports::Quarantine) -> Quarantine {
    let reports::Quarantine { reason, until } = quarantine;
    Quarantine { reason, until }
}

fn quarantine_out(quarantine: Quarantine) -> reports::Quarantine {
    let Quarantine { reason, until } = quarantine;
    reports::Quarantine { reason, until }
}

const fn set_aside_in(set_aside: reports::SetAside) -> SetAside {
    match set_aside {
        reports::SetAside::MissingKey => SetAside::MissingKey,
        reports::SetAside::FailFast => SetAside::FailFast,
    }
}

const fn set_aside_out(set_aside: SetAside) -> reports::SetAside {
    match set_aside {
        SetAside::MissingKey => reports::SetAside::MissingKey,
        SetAside::FailFast => reports::SetAside::FailFast,
    }
}

pub fn circumstances_in(circumstances: reports::Circumstances) -> Circumstances {
    let reports::Circumstances {
        rules,
        today,
        targets,
        baseline,
        flaky,
    } = circumstances;
    Circumstances {
        rules: each(rules, rule_in),
        today,
        targets,
        baseline: baseline.map(earlier_in),
        flaky,
    }
}

fn earlier_in(reports: Vec<types::Report>) -> Vec<Report> {
    each(reports, report_in)
}

fn rule_in(rule: reports::QuarantineRule) -> Rule {
    let reports::QuarantineRule {
        tests,
        targets,
        quarantine,
    } = rule;
    Rule {
        tests,
        targets,
        quarantine: quarantine_in(quarantine),
    }
}

/// What was remarked, taken out of the reports, and what else there is to tell.
pub fn assessment_out(reports: &mut [Report], told: Told) -> reports::Assessment {
    let Told { warnings, notes } = told;
    reports::Assessment {
        remarks: take(reports),
        warnings,
        notes,
    }
}
