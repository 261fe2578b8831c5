//! A test as a scenario describes it: what is left out is read from words in its id.

use serde::Deserialize;

use super::state::State;

/// What is tested. Only scenarios show that they are being processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Scenario,
    Availability,
    Vitals,
}

/// A test.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Test {
    /// With an ampersand in it, as the service's own are.
    pub id: String,
    pub name: String,
    pub kind: Kind,
    /// The state that it rests in before its first run.
    pub before: State,
    /// The state that a run leaves it in; `queued` or `processing` is never left.
    pub after: State,
    pub queued_ms: u64,
    /// 0 unless it is a scenario.
    pub processing_ms: u64,
    /// How long after a trigger everything that it changes is still hidden, in milliseconds.
    pub lag_ms: u64,
    /// How long somebody else's run goes on from the first request for the test, in milliseconds.
    pub busy_ms: u64,
    /// Whether a run is over before anybody can see it.
    pub too_fast: bool,
    /// How many of its first runs leave it in `error`, before those that leave it in `after`.
    pub fails_first: usize,
    /// Whether the reading after `queued` shows the old state once more.
    pub dip: bool,
}

/// A test as it is written in a scenario.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    #[serde(default)]
    name: String,
    kind: Option<Kind>,
    before: Option<State>,
    after: Option<State>,
    queued_ms: Option<u64>,
    processing_ms: Option<u64>,
    lag_ms: Option<u64>,
    busy_ms: Option<u64>,
    too_fast: Option<bool>,
    #[serde(default)]
    fails_first: usize,
    dip: Option<bool>,
}

/// What words in an id mean: the state before and the one after a run. The first that is found decides.
const STATES: [(&str, State, State); 10] = [
    ("FAIL", State::Pass, State::Error),
    ("FIXED", State::Error, State::Pass),
    ("INVALID", State::Valid, State::Error),
    ("VALID", State::Valid, State::Valid),
    ("STUCK", State::Pass, State::Queued),
    ("UNRECORDED", State::NotRecorded, State::NotRecorded),
    ("RECORDED", State::Recorded, State::Recorded),
    ("UNEXECUTED", State::NotExecuted, State::Pass),
    ("ACK", State::Acknowledged, State::Acknowledged),
    ("UNKNOWN", State::Pass, State::Unknown),
];

/// How long a run takes unless it is told, in milliseconds. Clients look once a second: with a second from the trigger to
/// the end, one of those looks finds the run at work.
const RUN_MS: u64 = 1_000;

/// What of it is spent in the queue by a scenario.
const QUEUED_MS: u64 = 300;

impl Test {
    /// A test of which only the id is known.
    pub fn with_id(id: &str) -> Self {
        let written = Written {
            id: id.to_owned(),
            ..Written::default()
        };
        Self::read(written)
    }

    pub fn title(&self) -> &str {
        if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        }
    }

    /// Whether a run cannot be seen: it is too fast, or the test cannot run at all.
    ///
    /// ASSUMED: a scenario that is not recorded can be started, and nothing comes of it.
    pub const fn runs_unseen(&self) -> bool {
        self.too_fast
            || matches!(
                self.after,
                State::NotRecorded | State::Recorded | State::NotExecuted
            )
    }

    fn read(written: Written) -> Self {
        let id = written.id.to_ascii_uppercase();
        let says = |word: &str| id.contains(word);
        let states = STATES.iter().find(|(word, ..)| says(word));
        let (before, after) =
            states.map_or((State::Pass, State::Pass), |(_, before, after)| {
                (*before, *after)
            });
        let kind = written.kind.unwrap_or(match () {
            () if says("AVAIL") => Kind::Availability,
            () if says("VITALS") => Kind::Vitals,
            () => Kind::Scenario,
        });
        let slow = |ms: u64| if says("SLOW") { 60_000 } else { ms };
        let (queued_ms, processing_ms) = match kind {
            Kind::Scenario => (QUEUED_MS, slow(RUN_MS - QUEUED_MS)),
            Kind::Availability | Kind::Vitals => (slow(RUN_MS), 0),
        };
        let when = |word: &str, ms: u64| if says(word) { ms } else { 0 };
        Self {
            kind,
            before: written.before.unwrap_or(before),
            after: written.after.unwrap_or(after),
            queued_ms: written.queued_ms.unwrap_or(queued_ms),
            processing_ms: written.processing_ms.unwrap_or(processing_ms),
            lag_ms: written.lag_ms.unwrap_or(when("LAG", 2_000)),
            busy_ms: written.busy_ms.unwrap_or(when("BUSY", 2_000)),
            too_fast: written.too_fast.unwrap_or(says("FAST")),
            fails_first: written.fails_first,
            dip: written.dip.unwrap_or(says("DIP")),
            id: written.id,
            name: written.name,
        }
    }
}

impl TryFrom<Written> for Test {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let told_processing = written.processing_ms.is_some_and(|ms| ms > 0);
        let test = Self::read(written);
        let processing = told_processing || test.after == State::Processing;
        if processing && test.kind != Kind::Scenario {
            return Err(format!(
                "{} is never processing: only scenarios are",
                test.id
            ));
        }
        if test.id.is_empty() || test.id.contains('/') {
            return Err("a test needs an id without a slash".to_owned());
        }
        Ok(test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_the_id_are_read_in_any_case() {
        let states = |id: &str| {
            let test = Test::with_id(id);
            (test.before, test.after)
        };
        assert_eq!(states("01GDPASS&01A"), (State::Pass, State::Pass));
        assert_eq!(states("01gdfail&01a"), (State::Pass, State::Error));
        assert_eq!(
            states("01GUNRECORDED&01A"),
            (State::NotRecorded, State::NotRecorded)
        );
        assert_eq!(states("01GRECORDED&1"), (State::Recorded, State::Recorded));
        assert_eq!(states("01GINVALID&1"), (State::Valid, State::Error));
        assert_eq!(Test::with_id("01G&AVAIL").kind, Kind::Availability);
        assert_eq!(Test::with_id("01GSLOW&01A").processing_ms, 60_000);
        assert_eq!(Test::with_id("01GSLOW&VITALS").queued_ms, 60_000);
        assert!(Test::with_id("01GFAST&01A").runs_unseen());
        assert!(Test::with_id("01GRECORDED&01A").runs_unseen());
    }

    #[test]
    fn only_scenarios_are_processed() {
        let written = |after, processing_ms| Written {
            id: "a&b".to_owned(),
            kind: Some(Kind::Vitals),
            after,
            processing_ms,
            ..Written::default()
        };
        for wrong in [
            written(Some(State::Processing), None),
            written(None, Some(5)),
        ] {
            let error = Test::try_from(wrong).expect_err("vitals are not processed");
            assert!(error.contains("only scenarios"), "{error}");
        }
        assert!(Test::try_from(written(None, Some(0))).is_ok());
        assert!(Test::try_from(Written::default()).is_err(), "no id");
    }
}
