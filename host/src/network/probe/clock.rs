//! This machine's clock against the service's.

use std::time::{Duration, SystemTime};

use super::{Probe, request::Answer};
use crate::network::certificate::span;

/// What is no difference: `Date` has whole seconds, and the answer was on its way.
const TOLERANCE: Duration = Duration::from_secs(3);

/// From here on certificates may seem invalid, and times in reports mislead.
const HARMFUL: Duration = Duration::from_secs(120);

impl Probe<'_> {
    pub(super) fn clock(&mut self, answer: &Answer) {
        let date = answer.date.as_deref().map(httpdate::parse_http_date);
        let fact = match date {
            Some(Ok(theirs)) => told(theirs, answer.between),
            Some(Err(_)) | None => "not compared: the answer tells no date".to_owned(),
        };
        self.done("clock", None, vec![fact]);
    }
}

fn told(theirs: SystemTime, (sent, received): (SystemTime, SystemTime)) -> String {
    // Theirs was right at some moment between; the nearest one counts.
    let (difference, direction) = if theirs > received {
        (theirs.duration_since(received), "behind")
    } else {
        (sent.duration_since(theirs), "ahead of")
    };
    let difference = difference.unwrap_or_default();
    if difference <= TOLERANCE {
        return "agrees with the one over there".to_owned();
    }
    let harm = match difference > HARMFUL {
        true => "; set it, as certificates are judged by it, and times in reports are its",
        false => "",
    };
    format!(
        "is {} {direction} the one over there{harm}",
        span(difference)
    )
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_difference_is_told_with_its_direction() {
        let between = (at(10_000), at(10_005));
        let cases = [
            (10_002, "agrees with the one over there"),
            (9_997, "agrees with the one over there"),
            (10_008, "agrees with the one over there"),
            (9_996, "is 4 seconds ahead of the one over there"),
            (10_065, "is 60 seconds behind the one over there"),
            (
                6_000,
                "is 66 minutes ahead of the one over there; set it, as certificates are judged by it, and times in \
                 reports are its",
            ),
        ];
        for (theirs, expected) in cases {
            assert_eq!(told(at(theirs), between), expected, "{theirs}");
        }
    }
}
