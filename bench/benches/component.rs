//! The component alone, natively: what it decides, without a host, a network or a wait.

use std::{hint::black_box, time::Duration};

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use proctor::{
    model::{Policy, Report, Results, TestCase, Verdict},
    publish::{
        junit::Reader,
        testmo::{Batches, Words},
    },
    report, services, verdict,
};
use proctor_bench::instantly::{Instantly, PAGE, target};

/// How many results reports are made of.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn following(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("follow");
    let target = target();
    group.bench_function("an hour of polling", |bencher| {
        bencher.iter(|| {
            let mut ports = Instantly::new(Duration::from_secs(3_600), 1);
            black_box(services::run(&target, &mut ports))
        });
    });
    for pages in [1, 100] {
        let results = pages * PAGE;
        group.throughput(Throughput::Elements(results as u64));
        group.bench_function(BenchmarkId::new("pages of results", pages), |bencher| {
            bencher.iter(|| {
                let mut ports = Instantly::new(Duration::ZERO, results);
                black_box(services::run(&target, &mut ports))
            });
        });
    }
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("conclude");
    for size in SIZES {
        let reports = reports(size);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| black_box(verdict::conclude(&reports, &policy())));
        });
    }
    group.finish();
}

fn reporting(criterion: &mut Criterion) {
    for size in SIZES {
        let results = results(size);
        let mut group = criterion.benchmark_group(format!("render {size}"));
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(size as u64));
        for kind in report::kinds() {
            group.bench_function(kind.name, |bencher| {
                bencher.iter(|| black_box(report::render(kind.name, &results, "n0nce")));
            });
        }
        group.finish();
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.sampling_mode(SamplingMode::Flat);
    for size in SIZES {
        group.throughput(Throughput::Elements(size as u64));
        let file = json(size);
        group.bench_function(BenchmarkId::new("one file", size), |bencher| {
            bencher.iter(|| black_box(report::read_all(std::slice::from_ref(&file), Vec::new())));
        });
        let files: Vec<String> = vec![json(size / 10); 10];
        group.bench_function(BenchmarkId::new("ten files, merged", size), |bencher| {
            bencher.iter(|| black_box(report::read_all(&files, Vec::new())));
        });
        let junit = report::render("junit", &results(size), "n0nce").expect("a known kind");
        group.bench_function(BenchmarkId::new("junit", size), |bencher| {
            bencher.iter(|| black_box(cases(&junit)));
        });
        group.bench_function(BenchmarkId::new("junit, to batches", size), |bencher| {
            bencher.iter(|| black_box(batches(&junit)));
        });
    }
    group.finish();
}

/// How many test cases a file has.
fn cases(junit: &str) -> usize {
    let mut reader = Reader::new("it.xml", junit.as_bytes());
    std::iter::from_fn(|| reader.next_case().expect("well-formed")).count()
}

/// How many requests a file comes to.
fn batches(junit: &str) -> usize {
    let mut reader = Reader::new("it.xml", junit.as_bytes());
    let mut batches = Batches::new(Words::default());
    let mut full = 0;
    while let Some(case) = reader.next_case().expect("well-formed") {
        full += usize::from(batches.push(case).is_some());
    }
    full + usize::from(batches.finish().is_some())
}

fn json(size: usize) -> String {
    report::render("json", &results(size), "n0nce").expect("a known kind")
}

fn results(size: usize) -> Results {
    let targets = reports(size);
    Results {
        version: "1.2.3".to_owned(),
        started_at_ms: 1_750_000_000_000,
        duration_ms: 60_000,
        conclusion: verdict::conclude(&targets, &policy()),
        targets,
    }
}

/// Targets of a hundred tests each, every twentieth of which has failed.
fn reports(size: usize) -> Vec<Report> {
    (0..size / 100)
        .map(|target| Report {
            target: format!("target-{target}"),
            provider: "keploy".to_owned(),
            verdict: Verdict::Failed,
            reason: None,
            problem: None,
            run: None,
            handle: None,
            tests: (0..100).map(test).collect(),
            warnings: Vec::new(),
            started_at_ms: 1_750_000_000_000,
            duration_ms: 60_000,
            queued_ms: None,
            location: None,
            set_aside: None,
        })
        .collect()
}

fn test(number: usize) -> TestCase {
    let (suite, name) = (format!("suite {}", number / 10), format!("test {number}"));
    if !number.is_multiple_of(20) {
        return TestCase::new(suite, name, Verdict::Passed);
    }
    TestCase {
        details: Some("POST /orders\nHTTP 500\n{\"error\": \"INTERNAL\"}".to_owned()),
        expected: Some("201".to_owned()),
        actual: Some("500".to_owned()),
        ..TestCase::new(suite, name, Verdict::Failed).because("status code differs")
    }
}

fn policy() -> Policy {
    Policy {
        fail_on: vec![Verdict::Failed, Verdict::Errored],
        allow_empty: false,
        exit_zero: false,
        flaky: false,
        new_only: false,
        signal: None,
    }
}

/// Short, as there are many: what matters is that a change shows.
fn briefly() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args()
}

criterion_group! {
    name = component;
    config = briefly();
    targets = following, judging, reporting, reading
}
criterion_main!(component);
