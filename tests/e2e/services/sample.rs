//! A sample of all there is of a service, one of its calls and something that goes wrong with it, over real sockets.
//!
//! `PROCTOR_SEED` repeats a sample that failed, which prints its seed.

use proctor_sandbox::{Fault, FaultKind};

use super::ALL;
use super::service::{Call, Service, error};
use proctor_test_support::status;

/// How many are drawn.
const SIZE: usize = 60;

/// Where the drawing begins, unless `PROCTOR_SEED` says so.
const SEED: u64 = 5;

/// How many run at once.
const AT_ONCE: usize = 12;

/// How long a run may take, in seconds, before it is killed: its own limit is 8 s, then it has 35 s to end.
const WATCHDOG: u64 = 200;

/// Numbers that look random and are the same for the same seed. Source: Steele, Lea, Flood: Fast Splittable Pseudorandom
/// Number Generators (`SplitMix64`).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("small");
        usize::try_from(self.next() % end).expect("small")
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Everything that may go wrong with an answer.
fn kinds(draw: &mut Draw) -> FaultKind {
    let number = u16::try_from(400 + draw.below(200)).expect("a status");
    let processed = draw.below(2) == 0;
    let answered = FaultKind::Status {
        status: number,
        body: None,
        error_code: None,
        retry_after: None,
        processed,
    };
    draw.of(&[
        answered.clone(),
        answered,
        status(429, None, Some("1")),
        status(429, None, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
        status(429, None, Some("soon")),
        status(429, None, None),
        status(503, None, Some("1")),
        FaultKind::Latency { ms: 700 },
        FaultKind::Hang,
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::TruncatedBody,
        FaultKind::SlowHead { ms: 5 },
        FaultKind::SlowBody { ms: 5 },
        FaultKind::WrongLength { by: 9 },
        FaultKind::WrongLength { by: -9 },
        FaultKind::EndlessBody,
        FaultKind::EndlessHead,
        FaultKind::HugeBody { bytes: 100_000_000 },
        FaultKind::Html {
            status: 200,
            processed,
        },
        FaultKind::Html {
            status: 502,
            processed,
        },
        FaultKind::NotJson { processed },
        FaultKind::WrongJson { processed },
        FaultKind::Nulls,
        FaultKind::WrongTypes,
        FaultKind::DeepJson {
            depth: 100_000,
            processed,
        },
        FaultKind::Redirect {
            location: "/".to_owned(),
        },
        FaultKind::Redirect {
            location: "https://elsewhere.example/".to_owned(),
        },
        FaultKind::EchoKey { status: 500 },
    ])
}

/// One of the sample.
#[derive(Clone)]
struct Case {
    service: &'static Service,
    fault: Fault,
    /// Whether what is run would pass.
    passes: bool,
}

impl Case {
    fn draw(draw: &mut Draw) -> Self {
        let service = draw.of(ALL);
        let call = draw.of(&calls(service));
        let kind = kinds(draw);
        let skip = u32::try_from(draw.below(3)).expect("small");
        let times = draw.of(&[1, 1, 2, 0]);
        Self {
            service,
            fault: Fault {
                skip,
                times,
                ..service.fault(call, kind)
            },
            passes: draw.below(3) > 0,
        }
    }

    fn told(&self) -> String {
        format!(
            "{} {:?}, passes: {}",
            self.service.name, self.fault, self.passes
        )
    }

    fn hold(&self) {
        let Self {
            service,
            fault,
            passes,
        } = self;
        let expected = if *passes {
            &service.pass
        } else {
            &service.fail
        };
        let sandbox = service.sandbox("");
        sandbox.add_fault(fault.clone());
        let outcome = service
            .run(&sandbox, expected.id)
            .variable("PROCTOR_TIMEOUT", "8s")
            .end_within(WATCHDOG);
        // At most one run was started, nothing tells of the key, and all reports agree.
        let outcome = service.ended(&sandbox, outcome);
        let said = format!("{}\n{}\n{}", self.told(), outcome.out, outcome.err);
        if outcome.code == expected.code {
            return counted(expected.counts, &outcome.results(), &said);
        }
        assert!([2, 3, 4, 5, 6, 7, 8].contains(&outcome.code), "{said}");
        let message = error(&outcome)["message"].clone();
        let message = message.as_str().unwrap_or_default();
        // At the time limit nothing has failed, the word for where the run stands tells most.
        // Names and ids that have become others are not found, before anything is triggered.
        let strange = matches!(fault.kind, FaultKind::WrongTypes | FaultKind::Nulls);
        if strange && outcome.code == 2 {
            return;
        }
        let names = calls(service).iter().any(|(method, path)| {
            let literal = path.split('*').next().unwrap_or_default();
            message.contains(&format!("{method} {literal}"))
        });
        assert!(names || [3, 4].contains(&outcome.code), "{message}\n{said}");
    }
}

#[track_caller]
fn counted(counts: [u64; 3], results: &serde_json::Value, said: &str) {
    let found = ["passed", "failed", "errored"].map(|name| {
        results["targets"][0]["counts"][name]
            .as_u64()
            .unwrap_or_default()
    });
    assert_eq!(found, counts, "{said}");
}

/// Each call that a service's tests know.
fn calls(service: &Service) -> Vec<Call> {
    let trigger = service.trigger.iter().map(|trigger| trigger.call);
    service
        .before
        .iter()
        .copied()
        .chain(trigger)
        .chain([service.look])
        .chain(service.results)
        .collect()
}

#[test]
fn whatever_goes_wrong_no_run_is_lost_doubled_or_passed_wrongly() {
    let seed = match std::env::var("PROCTOR_SEED") {
        Ok(seed) => seed.parse().expect("PROCTOR_SEED is a number"),
        // The same in every run: who looks for more gives others.
        Err(_) => SEED,
    };
    let mut draw = Draw(seed);
    let cases: Vec<Case> = (0..SIZE).map(|_| Case::draw(&mut draw)).collect();
    let failed: Vec<String> = cases
        .chunks(AT_ONCE)
        .flat_map(|cases| {
            std::thread::scope(|scope| {
                let running: Vec<_> = cases
                    .iter()
                    .map(|case| (case, scope.spawn(|| case.hold())))
                    .collect();
                running
                    .into_iter()
                    .filter_map(|(case, run)| run.join().err().map(|_| case.told()))
                    .collect::<Vec<String>>()
            })
        })
        .collect();
    assert!(
        failed.is_empty(),
        "PROCTOR_SEED={seed}; see above for each of\n{}",
        failed.join("\n")
    );
}
