//! Running again what failed: what is known of tests that were run again stands in a list of its own in the contract.

use super::Component;
use super::bindings::exports::proctor::ci::reruns;
use super::bindings::proctor::ci::types;
use super::convert::{each, report_in, report_out, target_in, test_in, test_out};
use crate::model::{Setting, Value};
use crate::rerun::{self, Joined, Outcome, Part};
use crate::services::part::Piece;

impl reruns::Guest for Component {
    fn can(target: types::Target) -> Result<(), String> {
        rerun::can(&target_in(target))
    }

    fn narrow(
        target: types::Target,
        outcome: reruns::Outcome,
        excused: Vec<u32>,
    ) -> Result<Option<reruns::Part>, String> {
        let excused = each(excused, |place| place as usize);
        let part = rerun::narrow(&target_in(target), &outcome_in(outcome), &excused)?;
        Ok(part.map(part_out))
    }

    fn join(
        outcome: reruns::Outcome,
        again: types::Report,
        pieces: Vec<reruns::Piece>,
    ) -> reruns::Joined {
        let pieces = each(pieces, piece_in);
        let Joined { outcome, complete } =
            rerun::join(outcome_in(outcome), report_in(again), &pieces);
        reruns::Joined {
            outcome: outcome_out(outcome),
            complete,
        }
    }
}

fn outcome_in(outcome: reruns::Outcome) -> Outcome {
    let reruns::Outcome {
        report,
        repeated,
        pieces,
    } = outcome;
    let mut report = report_in(report);
    for reruns::Repeated { test, earlier } in repeated {
        if let Some(test) = report.tests.get_mut(test as usize) {
            test.earlier = each(earlier, test_in);
        }
    }
    Outcome {
        report,
        pieces: each(pieces, piece_in),
    }
}

fn outcome_out(outcome: Outcome) -> reruns::Outcome {
    let Outcome { mut report, pieces } = outcome;
    let mut repeated = Vec::new();
    for (number, test) in (0..).zip(&mut report.tests) {
        let earlier = std::mem::take(&mut test.earlier);
        if !earlier.is_empty() {
            repeated.push(reruns::Repeated {
                test: number,
                earlier: each(earlier, test_out),
            });
        }
    }
    reruns::Outcome {
        report: report_out(report),
        repeated,
        pieces: each(pieces, piece_out),
    }
}

fn part_out(part: Part) -> reruns::Part {
    let Part {
        settings,
        names,
        failed,
        tests,
    } = part;
    reruns::Part {
        settings: each(settings, setting_out),
        names,
        failed: count(failed),
        tests: count(tests),
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn setting_out(setting: Setting) -> types::Setting {
    let Setting { name, value } = setting;
    types::Setting {
        name,
        value: match value {
            Value::Text(text) => types::Value::Text(text),
            Value::Integer(number) => types::Value::Integer(number),
            Value::Boolean(truth) => types::Value::Boolean(truth),
            Value::Texts(texts) => types::Value::Texts(texts),
        },
    }
}

fn piece_in(piece: reruns::Piece) -> Piece {
    let reruns::Piece { subject, title } = piece;
    Piece { subject, title }
}

fn piece_out(piece: Piece) -> reruns::Piece {
    let Piece { subject, title } = piece;
    reruns::Piece { subject, title }
}
