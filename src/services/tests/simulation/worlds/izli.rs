//! An izli of one journey, and of one monitor with two locations. Both have an older run that passed.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::super::world::{
    EPOCH, End, Facts, Served, World, json, most_serious, place, target, texts,
};
use crate::model::Target;
use crate::ports::{Method, Request, Response};

pub struct Izli {
    facts: Facts,
    /// When each of the two was triggered.
    asked: [Vec<Duration>; 2],
}

const LOCATIONS: [&str; 2] = ["eu-west", "us-east"];

impl Izli {
    pub const fn new(facts: Facts) -> Self {
        Self {
            facts,
            asked: [Vec::new(), Vec::new()],
        }
    }

    fn trigger(&mut self, thing: usize, now: Duration) -> Response {
        self.asked[thing].push(now);
        let body = match self.facts.named {
            true => format!(r#"{{"success":true,"data":{{"run_id":"new-{thing}-0"}}}}"#),
            false => r#"{"success":true}"#.to_owned(),
        };
        json(200, body)
    }

    /// The entries of one of the two, newest first, and which of them are evidence of a pass.
    fn entries(&self, thing: usize, now: Duration) -> Served {
        let (mut list, mut evidence) = (String::new(), 0);
        let end = self.facts.ends[thing];
        let places = if thing == 1 { 2 } else { 1 };
        if let Some(at) = self.asked[thing].first() {
            if self.facts.noise {
                let began = moment(*at + Duration::from_secs(1));
                let _ = write!(
                    list,
                    r#"{{"id":"scheduled-{thing}","status":"success","trigger":"schedule","location":"eu-west","started_at":"{began}","duration_ms":3}},"#
                );
            }
            let missing = usize::from(end == End::Missing);
            for (place, name) in LOCATIONS.iter().enumerate().take(places - missing) {
                if now < *at + self.facts.lag || end == End::Unseen {
                    continue;
                }
                let word = self.word(*at, end, now);
                let began = moment(*at);
                let location = match thing {
                    1 => format!(r#","location":"{name}""#),
                    _ => String::new(),
                };
                let _ = write!(
                    list,
                    r#"{{"id":"new-{thing}-{place}","status":"{word}","trigger":"api","started_at":"{began}"{location}}},"#
                );
                if word == "success" {
                    evidence |= 1 << (thing + place);
                }
            }
        }
        let old = moment(Duration::ZERO);
        let _ = write!(
            list,
            r#"{{"id":"old-{thing}","status":"success","trigger":"api","location":"eu-west","started_at":"{old}","duration_ms":2}}"#
        );
        Served::with(
            json(
                200,
                format!(r#"{{"success":true,"data":[{list}],"meta":{{"total":1}}}}"#),
            ),
            evidence,
        )
    }

    fn word(&self, at: Duration, end: End, now: Duration) -> &'static str {
        if now < at + self.facts.takes {
            return "running";
        }
        match end {
            End::Failed | End::Quiet => "failed",
            End::Errored | End::Empty => "error",
            End::Cancelled => "cancelled",
            End::Skipped => "skipped",
            End::Strange => "marinating",
            End::Never => "running",
            _ => "success",
        }
    }

    const fn code_of(end: End) -> u8 {
        match end {
            End::Passed => 0,
            End::Failed | End::Quiet => 1,
            End::Strange | End::Never | End::Missing | End::Unseen => 4,
            _ => 3,
        }
    }
}

/// A moment so long after the simulation began. The older runs are ten minutes before it.
fn moment(after: Duration) -> String {
    let began = UNIX_EPOCH + Duration::from_secs(EPOCH);
    let at = match after.is_zero() {
        true => began - Duration::from_secs(600),
        false => began + after,
    };
    humantime::format_rfc3339_seconds(at).to_string()
}

fn unknown() -> Response {
    let body = r#"{"success":false,"error":{"code":"NOT_FOUND","message":"no such thing"}}"#;
    json(404, body.to_owned())
}

impl World for Izli {
    fn target(&self) -> Target {
        let settings = vec![
            texts("journey", &["jrn_1"]),
            texts("monitor", &["Everywhere"]),
        ];
        target("izli", settings)
    }

    fn serve(&mut self, request: &Request, now: Duration) -> Served {
        let (path, _) = place(request);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let body = match (request.method, parts.as_slice()) {
            (Method::Get, ["journeys"]) => r#"[{"id":"jrn_1","name":"Login"}]"#,
            (Method::Get, ["monitors"]) => {
                r#"[{"id":"mon_1","name":"Home"},{"id":"mon_2","name":"Everywhere"}]"#
            }
            (Method::Get, ["journeys", "jrn_1"]) => r#"{"id":"jrn_1","name":"Login"}"#,
            (Method::Get, ["monitors", "mon_2"]) => {
                r#"{"id":"mon_2","name":"Everywhere","locations":["eu-west","us-east"]}"#
            }
            (Method::Get, ["journeys", "jrn_1", "runs"]) => return self.entries(0, now),
            (Method::Get, ["monitors", "mon_2", "results"]) => return self.entries(1, now),
            (Method::Post, ["journeys", "jrn_1", "run-now"]) => return self.trigger(0, now).into(),
            (Method::Post, ["monitors", "mon_2", "check"]) => return self.trigger(1, now).into(),
            _ => return unknown().into(),
        };
        json(200, format!(r#"{{"success":true,"data":{body}}}"#)).into()
    }

    fn started(&self) -> Vec<usize> {
        self.asked.iter().map(Vec::len).collect()
    }

    fn goes_on(&self, now: Duration) -> bool {
        let mut things = self.asked.iter().zip(self.facts.ends);
        things.any(|(asked, end)| {
            asked
                .iter()
                .any(|at| now < *at + self.facts.takes || matches!(end, End::Never | End::Strange))
        })
    }

    fn wanted(&self) -> u8 {
        0b111
    }

    fn code(&self) -> u8 {
        most_serious(self.facts.ends.map(Self::code_of))
    }
}
