//! What is known beside a part of the reports, once they are told from the others.

use crate::bindings::{
    exports::proctor::ci::reports::{Remarks, TargetRemark, TestRemark},
    proctor::ci::types::Report,
};

/// Reports that fulfil a condition, with the remarks on them, and the others.
pub fn parted(
    reports: Vec<Report>,
    remarks: Remarks,
    is_wanted: impl Fn(&Report) -> bool,
) -> (Vec<Report>, Remarks, Vec<Report>) {
    let (mut wanted, mut others, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (place, report) in (0u32..).zip(reports) {
        match is_wanted(&report) {
            true => {
                places.push(place);
                wanted.push(report);
            }
            false => others.push(report),
        }
    }
    let remarks = of_places(remarks, &places, &wanted);
    (wanted, remarks, others)
}

/// The remarks on the reports that were at these places.
fn of_places(remarks: Remarks, places: &[u32], reports: &[Report]) -> Remarks {
    let moved = |place: u32| {
        let at = places.iter().position(|known| *known == place)?;
        u32::try_from(at).ok()
    };
    // Of a run that is only started no test is told.
    let is_there = |target: u32, test: u32| {
        let report = reports.get(usize::try_from(target).ok()?)?;
        report.tests.get(usize::try_from(test).ok()?)
    };
    let tests = remarks.tests.into_iter().filter_map(|remark| {
        let target = moved(remark.target)?;
        is_there(target, remark.test)?;
        Some(TestRemark { target, ..remark })
    });
    let targets = remarks.targets.into_iter().filter_map(|remark| {
        let target = moved(remark.target)?;
        Some(TargetRemark { target, ..remark })
    });
    Remarks {
        tests: tests.collect(),
        targets: targets.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::{exports::proctor::ci::reports::SetAside, proctor::ci::types::Verdict},
        component::without_run,
        failure::Failure,
        fixtures::{target, test_case},
    };

    fn report(name: &str, tests: usize) -> Report {
        Report {
            tests: vec![test_case("one", Verdict::Failed); tests],
            ..without_run(target(name), Failure::internal("", "").into_problem())
        }
    }

    #[test]
    fn each_remark_stays_with_its_target() {
        let test = |target, test| TestRemark {
            target,
            test,
            earlier: Vec::new(),
            standing: None,
            quarantine: None,
        };
        let target = |target| TargetRemark {
            target,
            set_aside: SetAside::FailFast,
        };
        let remarks = Remarks {
            tests: vec![test(0, 0), test(1, 0), test(2, 1), test(2, 7)],
            targets: vec![target(0), target(2)],
        };
        let reports = vec![report("left", 1), report("bare", 0), report("known", 2)];
        let (wanted, remarks, others) = parted(reports, remarks, |it| it.target != "left");
        let names = |reports: &[Report]| -> Vec<String> {
            reports.iter().map(|it| it.target.clone()).collect()
        };
        assert_eq!(
            (names(&wanted), names(&others)),
            (
                vec!["bare".to_owned(), "known".to_owned()],
                vec!["left".to_owned()]
            )
        );
        let tests: Vec<(u32, u32)> = remarks
            .tests
            .iter()
            .map(|it| (it.target, it.test))
            .collect();
        assert_eq!(tests, [(1, 1)], "no other test is told of");
        let targets: Vec<u32> = remarks.targets.iter().map(|it| it.target).collect();
        assert_eq!(targets, [1]);
    }
}
