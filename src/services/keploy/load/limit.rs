//! What must hold of a number in a load test's report.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::api::json::{read_number, shown_number};
use crate::model::{TestCase, Verdict};

/// The suite that limits are reported under.
const SUITE: &str = "load test";

/// How many fields a message lists at most.
const MOST_LISTED: usize = 20;

/// How deep a report is gone into.
const DEEPEST: usize = 16;

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// Every comparison with its sign, the longer signs first, as they begin with a shorter one.
const SIGNS: [(&str, Comparison); 5] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// A limit: the name or dotted place of a field, a comparison, and a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    field: String,
    comparison: Comparison,
    number: f64,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "{text:?} is not a limit: {why}; write a field, one of < <= > >= ==, and a number, such as `p95_ms <= 500`"
            )
        };
        let at = text
            .find(['<', '>', '='])
            .ok_or_else(|| wrong("nothing in it compares"))?;
        let (field, rest) = text.split_at(at);
        let field = field.trim();
        if field.is_empty() || field.contains(char::is_whitespace) {
            return Err(wrong("it does not begin with the name of one field"));
        }
        let (sign, comparison) = SIGNS
            .into_iter()
            .find(|(sign, _)| rest.starts_with(sign))
            .ok_or_else(|| wrong("a single `=` compares nothing"))?;
        let number = read_number(&rest[sign.len()..])
            .ok_or_else(|| wrong("it does not end with a number"))?;
        Ok(Self {
            field: field.to_owned(),
            comparison,
            number,
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.bound())
    }
}

impl Limit {
    fn bound(&self) -> String {
        let sign = SIGNS
            .iter()
            .find(|(_, comparison)| *comparison == self.comparison)
            .map_or("", |(sign, _)| sign);
        format!("{sign} {}", shown_number(self.number))
    }

    fn holds(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < self.number,
            Comparison::LessOrEqual => value <= self.number,
            Comparison::Greater => value > self.number,
            Comparison::GreaterOrEqual => value >= self.number,
            // The number that was written, and no other.
            Comparison::Equal => value == self.number,
        }
    }

    /// The limit as a test that comes to no verdict.
    pub fn unjudged(&self, why: impl Into<String>) -> TestCase {
        TestCase {
            expected: Some(self.bound()),
            ..TestCase::new(SUITE, self.to_string(), Verdict::Errored).because(why)
        }
    }

    /// The limit as a test of a report. What is not there, or is there twice, is never within a limit.
    pub fn judge(&self, fields: &Fields) -> TestCase {
        let value = match fields.number(&self.field) {
            Ok(value) => value,
            Err(why) => return self.unjudged(why),
        };
        let (verdict, message) = match self.holds(value) {
            true => (Verdict::Passed, None),
            false => {
                let told = format!(
                    "{} is {}, which is not {}",
                    self.field,
                    shown_number(value),
                    self.bound()
                );
                (Verdict::Failed, Some(told))
            }
        };
        TestCase {
            message,
            expected: Some(self.bound()),
            actual: Some(shown_number(value)),
            ..TestCase::new(SUITE, self.to_string(), verdict)
        }
    }
}

/// What a report holds, by dotted place.
pub struct Fields<'a>(Vec<(String, &'a Value)>);

impl<'a> Fields<'a> {
    /// The fields of a report. What stands in a list has no name of its own, and is left out.
    pub fn of(report: &'a Value) -> Self {
        let mut fields = Vec::new();
        gather(report, "", 0, &mut fields);
        Self(fields)
    }

    /// The number at a place, or under a name that no other field has.
    ///
    /// # Errors
    /// Why there is none, naming those that are there.
    fn number(&self, field: &str) -> Result<f64, String> {
        let value = match self.0.iter().find(|(place, _)| place == field) {
            Some((_, value)) => *value,
            None => self.ending_in(field)?,
        };
        value.as_f64().ok_or_else(|| {
            format!(
                "the field {field:?} of the load test's report is no number; {}",
                self.numeric()
            )
        })
    }

    fn ending_in(&self, field: &str) -> Result<&'a Value, String> {
        let ending = format!(".{field}");
        let mut found = self.0.iter().filter(|(place, _)| place.ends_with(&ending));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Ok(value),
            (Some((one, _)), Some((other, _))) => Err(format!(
                "the load test's report has several fields {field:?}, such as {one} and {other}; name one by its place"
            )),
            (None, _) => Err(format!(
                "the load test's report has no field {field:?}; {}",
                self.numeric()
            )),
        }
    }

    /// The fields that a limit can be about.
    fn numeric(&self) -> String {
        let numeric = self.0.iter().filter(|(_, value)| value.is_number());
        let names: Vec<&str> = numeric.map(|(place, _)| place.as_str()).collect();
        match names.len() {
            0 => "it holds no number".to_owned(),
            all if all > MOST_LISTED => format!(
                "its numbers are {}, and {} more",
                names[..MOST_LISTED].join(", "),
                all - MOST_LISTED
            ),
            _ => format!("its numbers are {}", names.join(", ")),
        }
    }
}

fn gather<'a>(value: &'a Value, place: &str, depth: usize, fields: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(members) if depth < DEEPEST => {
            for (name, member) in members {
                let place = match place {
                    "" => name.clone(),
                    place => format!("{place}.{name}"),
                };
                gather(member, &place, depth + 1, fields);
            }
        }
        Value::Object(_) | Value::Array(_) => {}
        leaf => {
            fields.push((place.to_owned(), leaf));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_are_read_and_written_alike() {
        for (text, shown) in [
            ("p95_ms <= 500", "p95_ms <= 500"),
            ("error_rate<0.01", "error_rate < 0.01"),
            ("  latency.p(95)  >=1e3 ", "latency.p(95) >= 1000"),
            ("rps > -1.5", "rps > -1.5"),
            ("failed==0", "failed == 0"),
        ] {
            let limit: Limit = text.parse().expect("a limit");
            assert_eq!(limit.to_string(), shown);
        }
        for (text, why) in [
            ("", "nothing in it compares"),
            ("p95_ms", "nothing in it compares"),
            ("p95_ms = 5", "a single `=`"),
            ("<= 5", "the name of one field"),
            ("p95 ms <= 5", "the name of one field"),
            ("p95_ms <= ", "end with a number"),
            ("p95_ms <= 5ms", "end with a number"),
            ("p95_ms <= NaN", "end with a number"),
            ("p95_ms <= inf", "end with a number"),
            ("p95_ms =< 5", "a single `=`"),
            ("p95_ms <=> 5", "end with a number"),
        ] {
            let told = text.parse::<Limit>().expect_err(text);
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn a_number_is_within_its_limit_or_not() {
        let report = json!({"it": 5});
        for (limit, expected) in [
            ("it < 5", Verdict::Failed),
            ("it <= 5", Verdict::Passed),
            ("it > 5", Verdict::Failed),
            ("it >= 5", Verdict::Passed),
            ("it == 5", Verdict::Passed),
            ("it == 5.1", Verdict::Failed),
        ] {
            let limit: Limit = limit.parse().expect("a limit");
            let test = limit.judge(&Fields::of(&report));
            assert_eq!(test.verdict, expected, "{limit}");
            assert_eq!(test.actual.as_deref(), Some("5"));
        }
    }

    #[test]
    fn what_is_not_there_or_not_plain_is_within_no_limit() {
        let report = json!({
            "p95_ms": "12", "none": null, "late": [1], "read": {"p50_ms": 3, "deep": {"x": 1}},
            "write": {"p50_ms": 4}, "big": {"p50": 1}
        });
        let fields = Fields::of(&report);
        for (limit, verdict, told) in [
            ("p95_ms < 500", Verdict::Errored, "is no number"),
            ("none < 5", Verdict::Errored, "is no number"),
            ("late < 5", Verdict::Errored, "no field \"late\""),
            ("p99 < 5", Verdict::Errored, "read.p50_ms, write.p50_ms"),
            ("p50_ms < 5", Verdict::Errored, "several fields"),
            ("read.p50_ms < 3", Verdict::Failed, "is 3, which is not < 3"),
            ("deep.x <= 1", Verdict::Passed, ""),
            ("x <= 1", Verdict::Passed, ""),
        ] {
            let limit: Limit = limit.parse().expect("a limit");
            let test = limit.judge(&fields);
            assert_eq!(test.verdict, verdict, "{limit}");
            let message = test.message.unwrap_or_default();
            assert!(message.contains(told), "{limit}: {message}");
        }
    }
}
