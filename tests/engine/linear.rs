//! Work that grows with the number of results grows no faster than it, so that a hundred thousand of them are a matter of
//! seconds.
//!
//! Nothing is timed. The component that ships is run on an engine that counts: how many instructions it carries out, and how
//! much memory it takes. Twice as many results may take little more than twice of each.

mod counted;

use proctor_host::bindings::{
    exports::proctor::ci::reports::{Conclusion, Policy, Results},
    proctor::ci::types::{Report, TestCase, Verdict},
};
use proctor_host::component::no_remarks;

use counted::{Cost, Counted};

/// How many results the smaller of two measurements has.
const FEW: usize = 4_000;

/// By how much twice as many may cost more. A sort takes a little more than twice; every second result compared with every
/// other would take four times.
const MOST: f64 = 2.3;

/// By how much twice as many cost more at least: every result is handed over, whatever a report makes of it.
const LEAST: f64 = 1.5;

/// What grows by leaps: memory is doubled where a list is full.
const MOST_MEMORY: f64 = 4.1;

#[tokio::test]
async fn twice_the_results_are_twice_the_work() {
    let engine = Counted::new();
    let mut told = Vec::new();
    for kind in engine.kinds().await {
        let (few, many) = both(async |count| engine.render(&kind, &results(count)).await.0).await;
        told.push((kind, few, many));
    }
    let (few, many) = both(async |count| engine.summary(&results(count)).await).await;
    told.push(("summary".to_owned(), few, many));
    let (few, many) = both(async |count| engine.conclude(&reports(count), &policy()).await).await;
    told.push(("conclude".to_owned(), few, many));
    let json = async |count| engine.render("json", &results(count)).await.1;
    let (few, many) = both(async |count| engine.read(vec![json(count).await]).await).await;
    told.push(("read".to_owned(), few, many));
    // As many files, each of the same size.
    let part = json(100).await;
    let files = |count: usize| vec![part.clone(); count / 100];
    let (few, many) = both(async |count| engine.read(files(count)).await).await;
    told.push(("merge".to_owned(), few, many));
    let (few, many) = both(async |count| engine.collect(count).await).await;
    told.push(("collect".to_owned(), few, many));
    let (few, many) = both(async |count| engine.publish(count).await).await;
    told.push(("publish".to_owned(), few, many));
    for (what, few, many) in &told {
        println!("{what}: {few:?}, {many:?}");
    }
    for (what, few, many) in told {
        let steps = many.instructions as f64 / few.instructions as f64;
        // Below, something of it would not have been done, or not have been counted.
        assert!((LEAST..MOST).contains(&steps), "{what}: {few:?}, {many:?}");
        let memory = many.memory as f64 / few.memory as f64;
        assert!(memory < MOST_MEMORY, "{what}: {few:?}, {many:?}");
    }
}

async fn both(measure: impl AsyncFn(usize) -> Cost) -> (Cost, Cost) {
    (measure(FEW).await, measure(2 * FEW).await)
}

fn results(count: usize) -> Results {
    Results {
        version: "1.2.3".to_owned(),
        started_at_ms: 1_750_000_000_000,
        duration_ms: 60_000,
        conclusion: Conclusion {
            verdict: Verdict::Failed,
            exit_code: 1,
            exit_codes: vec![1; reports(count).len()],
        },
        targets: reports(count),
        remarks: no_remarks(),
    }
}

/// Targets of a hundred tests each, every twentieth of which has failed.
fn reports(count: usize) -> Vec<Report> {
    let target = |at: usize| Report {
        target: format!("target-{at}"),
        provider: "keploy".to_owned(),
        verdict: Verdict::Failed,
        reason: None,
        problem: None,
        run: None,
        handle: None,
        tests: (0..100).map(|number| test(at, number)).collect(),
        warnings: Vec::new(),
        started_at_ms: 1_750_000_000_000,
        duration_ms: 60_000,
        queued_ms: Some(5),
        location: None,
    };
    (0..count / 100).map(target).collect()
}

fn test(target: usize, number: usize) -> TestCase {
    let fails = number.is_multiple_of(20);
    let told = |text: &str| fails.then(|| text.to_owned());
    TestCase {
        suite: format!("suite {}", number / 10),
        name: format!("test {number} of {target}"),
        verdict: if fails {
            Verdict::Failed
        } else {
            Verdict::Passed
        },
        queued_ms: None,
        duration_ms: Some(number as u64),
        attempts: 1,
        message: told("status code differs"),
        details: told("POST /orders\nHTTP 500\n{\"error\": \"INTERNAL\"}"),
        expected: told("201"),
        actual: told("500"),
        url: None,
        attachments: Vec::new(),
    }
}

fn policy() -> Policy {
    Policy {
        fail_on: vec![Verdict::Failed],
        flaky: false,
        new_only: false,
        allow_empty: false,
        exit_zero: false,
        signal: None,
    }
}
