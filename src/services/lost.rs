//! Which run belongs to a trigger that was not answered.

use crate::model::Trigger;

/// How long before or after a trigger was sent a run has begun that a successor takes for the trigger's, in milliseconds.
/// Ours: clocks differ by less, and a request is carried out or given up in that time.
const NEAR_MS: u64 = 60_000;

/// What was found of a run whose trigger was not answered.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "one of them lives for the length of a call"
    )
)]
pub enum Lost {
    /// Exactly one run is new: it is ours.
    Found(Trigger),
    /// Nothing is new.
    Nothing,
    /// It cannot be told: why.
    Unclear(String),
}

/// Who looks for the run of a trigger that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeker {
    /// The process that has just sent it: what is new has begun in the seconds since.
    Sender,
    /// Another process, perhaps days later: what is new may be a run that somebody else has started meanwhile.
    Successor,
}

/// A run that is new since a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is known by.
    pub id: String,
    /// When it began by the service's own word, in milliseconds since the Unix epoch.
    pub began_ms: Option<u64>,
}

/// Those of the runs that are new which may be the trigger's. For its sender these are all of them; a successor passes over
/// those that began at another time.
///
/// # Errors
/// Why a successor can take none of them, although something is new.
pub fn only_ours(
    new: Vec<Candidate>,
    intent: &Trigger,
    seeker: Seeker,
) -> Result<Vec<Candidate>, String> {
    if seeker == Seeker::Sender || new.is_empty() {
        return Ok(new);
    }
    if let Some(undated) = new.iter().find(|each| each.began_ms.is_none()) {
        return Err(format!(
            "{} is new, but nothing tells when it began, and somebody else may have started it",
            undated.id
        ));
    }
    let is_near = |each: &Candidate| match (each.began_ms, intent.at_ms) {
        (Some(began), Some(sent)) => began.abs_diff(sent) <= NEAR_MS,
        _ => false,
    };
    let (near, others): (Vec<_>, Vec<_>) = new.into_iter().partition(is_near);
    match (near.is_empty(), others.first()) {
        (true, Some(other)) => Err(format!(
            "{} is new, but began at another time than the trigger was sent, so somebody else may have started it",
            other.id
        )),
        _ => Ok(near),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: u64 = 1_760_000_000_000;

    fn ours(seeker: Seeker, began: &[Option<u64>]) -> Result<Vec<String>, String> {
        let intent = Trigger {
            at_ms: Some(SENT),
            ..Trigger::default()
        };
        let new = began.iter().enumerate().map(|(at, began_ms)| Candidate {
            id: format!("run-{at}"),
            began_ms: *began_ms,
        });
        let ours = only_ours(new.collect(), &intent, seeker)?;
        Ok(ours.into_iter().map(|each| each.id).collect())
    }

    #[test]
    fn a_successor_takes_what_began_when_the_trigger_was_sent() {
        let ours = |began: &[Option<u64>]| ours(Seeker::Successor, began);
        for near in [SENT - 60_000, SENT, SENT + 60_000] {
            assert_eq!(ours(&[Some(near)]), Ok(vec!["run-0".to_owned()]));
            let later = Some(SENT + 3_600_000);
            assert_eq!(ours(&[later, Some(near)]), Ok(vec!["run-1".to_owned()]));
        }
        for far in [0, SENT - 60_001, SENT + 60_001, u64::MAX] {
            let why = ours(&[Some(far)]).expect_err("it is somebody else's");
            assert!(why.contains("at another time"), "{why}");
        }
        let why = ours(&[Some(SENT), None]).expect_err("one of them is as good as the other");
        assert!(
            why.starts_with("run-1") && why.contains("nothing tells when"),
            "{why}"
        );
        assert_eq!(ours(&[]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_new_to_its_sender_needs_no_time() {
        let all = ["run-0".to_owned(), "run-1".to_owned()].to_vec();
        assert_eq!(ours(Seeker::Sender, &[None, Some(0)]), Ok(all));
    }

    #[test]
    fn a_trigger_of_which_no_time_is_known_has_no_run() {
        let new = vec![Candidate {
            id: "run-0".to_owned(),
            began_ms: Some(SENT),
        }];
        assert!(only_ours(new, &Trigger::default(), Seeker::Successor).is_err());
    }
}
