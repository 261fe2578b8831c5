//! How the time of an exchange is divided.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::network::dialling::Marks;

/// The moments of one exchange.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    pub began: Instant,
    pub marks: Marks,
    /// When the head of the answer was there.
    pub head: Option<Instant>,
    pub ended: Instant,
}

/// How the time of an exchange is divided, in microseconds, and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    blocked: Option<u128>,
    dns: Option<u128>,
    connect: Option<u128>,
    wait: u128,
    receive: u128,
    pub total: u128,
}

impl Timings {
    /// Divides the time. What cannot be told apart is part of `wait`, so that the parts always come to the whole.
    pub fn of(moments: &Moments) -> Self {
        let Moments {
            began,
            marks,
            head,
            ended,
        } = *moments;
        let since =
            |earlier: Instant, later: Instant| micros(later.saturating_duration_since(earlier));
        let answered = head.unwrap_or(ended);
        let total = since(began, ended);
        let receive = total - since(began, answered);
        let connected = match (marks.connected, head) {
            (Some(connected), _) if connected <= answered => Some(connected),
            // A connection that did not come about is what the request ended with; if there is an answer all the same,
            // it came over another one.
            (None, None) => Some(ended),
            _ => None,
        };
        let (Some(dialled), Some(connected)) = (marks.dialled, connected) else {
            return Self {
                blocked: None,
                dns: None,
                connect: None,
                wait: total - receive,
                receive,
                total,
            };
        };
        let blocked = since(began, dialled);
        let until_connected = since(began, connected).clamp(blocked, total - receive);
        let dns = marks
            .resolving
            .map(|took| micros(took).min(until_connected - blocked));
        Self {
            blocked: Some(blocked),
            dns,
            connect: Some(until_connected - blocked - dns.unwrap_or(0)),
            wait: total - receive - until_connected,
            receive,
            total,
        }
    }

    pub fn object(&self) -> Value {
        let part = |part: Option<u128>| part.map_or(json!(-1), milliseconds);
        json!({
            "blocked": part(self.blocked),
            "dns": part(self.dns),
            "connect": part(self.connect),
            "ssl": -1,
            "send": 0,
            "wait": milliseconds(self.wait),
            "receive": milliseconds(self.receive),
        })
    }
}

/// In milliseconds, with the microseconds behind the point.
pub fn milliseconds(micros: u128) -> Value {
    json!(micros as f64 / 1000.0)
}

fn micros(duration: Duration) -> u128 {
    duration.as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(began: Instant, ms: u64) -> Instant {
        began + Duration::from_millis(ms)
    }

    fn divided(marks: impl Fn(Instant) -> Marks, head: Option<u64>) -> Value {
        let began = Instant::now();
        let timings = Timings::of(&Moments {
            began,
            marks: marks(began),
            head: head.map(|ms| at(began, ms)),
            ended: at(began, 100),
        });
        let value = timings.object();
        let sum: f64 = ["blocked", "dns", "connect", "send", "wait", "receive"]
            .iter()
            .filter_map(|part| value[part].as_f64())
            .filter(|part| *part >= 0.0)
            .sum();
        assert!((sum - 100.0).abs() < 1e-6, "{value}");
        value
    }

    #[test]
    fn a_new_connection_is_told_apart() {
        let marks = |began| Marks {
            dialled: Some(at(began, 1)),
            resolving: Some(Duration::from_millis(2)),
            connected: Some(at(began, 10)),
        };
        let value = divided(marks, Some(60));
        assert_eq!(
            value,
            json!({"blocked": 1.0, "dns": 2.0, "connect": 7.0, "ssl": -1, "send": 0, "wait": 50.0, "receive": 40.0})
        );
        // Without an answer there is nothing to receive.
        assert_eq!(divided(marks, None)["wait"], 90.0);
    }

    #[test]
    fn a_connection_that_was_there_has_no_times() {
        let value = divided(|_| Marks::default(), Some(60));
        assert_eq!(
            (&value["blocked"], &value["connect"]),
            (&json!(-1), &json!(-1))
        );
        assert_eq!(
            (&value["wait"], &value["receive"]),
            (&json!(60.0), &json!(40.0))
        );
        // Dialled, and overtaken by one that became free.
        let overtaken = |connected: Option<u64>| {
            move |began| Marks {
                dialled: Some(at(began, 1)),
                resolving: None,
                connected: connected.map(|ms| at(began, ms)),
            }
        };
        assert_eq!(divided(overtaken(None), Some(60))["connect"], -1);
        assert_eq!(divided(overtaken(Some(80)), Some(60))["connect"], -1);
    }

    #[test]
    fn a_connection_that_fails_takes_all_the_time_there_was() {
        let marks = |began| Marks {
            dialled: Some(at(began, 1)),
            resolving: None,
            connected: None,
        };
        let value = divided(marks, None);
        assert_eq!(
            (&value["connect"], &value["wait"]),
            (&json!(99.0), &json!(0.0))
        );
    }
}
