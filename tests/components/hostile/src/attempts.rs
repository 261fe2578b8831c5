//! The attempts, one function each.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket},
    time::Duration,
};

use waki::{Client, ErrorCode};

use crate::excess;
use crate::forgery::test;
use crate::plugin::{
    handle,
    proctor::ci::{
        host::{Budget, Turn, Wake, emit, note_budget, take_turn, wait},
        types::{Event, Target},
    },
    setting,
};

/// Carries out what the setting `mode` asks for and says what came of it.
pub fn make(target: &Target) -> Vec<String> {
    let url = setting(target, "url");
    let path = setting(target, "path");
    match setting(target, "mode") {
        "get" => vec![get(url, &[])],
        "get-twice" => vec![get(url, &[]), get(url, &[])],
        "get-with-headers" => get_with_headers(url),
        "post" => vec![post(url)],
        "follow" => follow(url),
        "files" => files(path),
        "environment" => environment(),
        "sockets" => sockets(path),
        "memory" => memory(),
        "loop" => endless(),
        "panic" => panic!("on purpose: {path}"),
        "recursion" => vec![recurse(1).to_string()],
        "flood" => flood(),
        "huge-text" => huge_text(),
        "never-return" => never_return(),
        "wait-twice" => wait_twice(),
        "told-then-wait" => told_then_wait(),
        "turns" => turns(),
        "told-then-trap" => told_then_trap(),
        "told-then-hang" => told_then_hang(url),
        "print" => print(),
        "exit" => std::process::exit(0),
        "print-answer" => panic!("it got {}", get(url, &[])),
        "hold-requests" => excess::hold_requests(url),
        "open-endlessly" => excess::open_endlessly(url),
        "hoard-timers" => excess::hoard_timers(),
        "send-too-much" => excess::send_too_much(url),
        "huge-headers" => excess::huge_headers(),
        "drain" => excess::drain(url),
        "extremes" => excess::extremes(url),
        "all-randomness" => excess::all_randomness(),
        "huge-handles" => excess::huge_handles(),
        "huge-event" => excess::huge_event(),
        "compute-between-waits" => excess::compute_between_waits(),
        "wait-for-nothing" => excess::wait_for_nothing(),
        "wait-for-ever" => vec![woken(wait(u64::MAX))],
        mode => vec![format!("no such mode: {mode}")],
    }
}

fn get(url: &str, headers: &[(&'static str, &str)]) -> String {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    match Client::new().get(url).headers(headers).send() {
        Ok(response) => {
            let status = response.status_code();
            let location = response
                .header("location")
                .and_then(|value| value.to_str().ok().map(str::to_owned))
                .unwrap_or_default();
            match response.body() {
                Ok(body) => format!("{status} {location} {}", String::from_utf8_lossy(&body)),
                Err(error) => format!("{status} {location} body: {}", told(error)),
            }
        }
        Err(error) => told(error),
    }
}

fn post(url: &str) -> String {
    match Client::new().post(url).body(b"{\"a\":1}".to_vec()).send() {
        Ok(response) => {
            let status = response.status_code();
            let body = response.body().unwrap_or_default();
            format!("{status} {}", String::from_utf8_lossy(&body))
        }
        Err(error) => told(error),
    }
}

/// The error code of WASI that waki's error holds.
fn told(error: anyhow::Error) -> String {
    match error.downcast_ref::<ErrorCode>() {
        Some(code) => format!("{code:?}"),
        None => format!("other: {error:?}"),
    }
}

fn get_with_headers(url: &str) -> Vec<String> {
    [
        ("authorization", "Bearer stolen"),
        ("cookie", "session=1"),
        ("host", "elsewhere.example"),
        ("proxy-authorization", "Basic stolen"),
        ("x-api-key", "stolen"),
        ("accept-encoding", "gzip"),
        ("range", "bytes=0-3"),
    ]
    .iter()
    .map(|header| format!("{}: {}", header.0, get(url, &[*header])))
    .collect()
}

/// Follows a redirect by hand.
fn follow(url: &str) -> Vec<String> {
    let first = get(url, &[]);
    let location = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let second = get(&location, &[]);
    vec![first, second]
}

fn files(path: &str) -> Vec<String> {
    vec![
        outcome("read", fs::read_to_string(path)),
        outcome("write", fs::write(path, "mine").map(|()| String::new())),
        outcome(
            "create",
            fs::write("made-by-component", "mine").map(|()| String::new()),
        ),
        outcome(
            "list",
            fs::read_dir("/").map(|entries| entries.count().to_string()),
        ),
    ]
}

fn environment() -> Vec<String> {
    let mut lines: Vec<_> = std::env::vars()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.extend(std::env::args().map(|argument| format!("argument {argument}")));
    let mut input = String::new();
    lines.push(format!(
        "stdin {:?}",
        std::io::stdin().read_to_string(&mut input)
    ));
    lines
}

fn sockets(address: &str) -> Vec<String> {
    vec![
        outcome("tcp", TcpStream::connect(address).map(|_| String::new())),
        outcome(
            "listen",
            TcpListener::bind("127.0.0.1:0").map(|_| String::new()),
        ),
        outcome("udp", send_datagram(address)),
        outcome(
            "dns",
            "localhost:80"
                .to_socket_addrs()
                .map(|found| found.count().to_string()),
        ),
    ]
}

fn send_datagram(address: &str) -> std::io::Result<String> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(b"hello", address)?;
    Ok(String::new())
}

fn outcome(what: &str, result: std::io::Result<String>) -> String {
    match result {
        Ok(text) => format!("{what}: got {text}"),
        Err(error) => format!("{what}: refused ({error})"),
    }
}

fn memory() -> Vec<String> {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 16 << 20]);
        if hoard.len() > 1000 {
            return vec!["got 16 GB".into()];
        }
    }
}

fn endless() -> Vec<String> {
    let mut number = 1_u64;
    while std::hint::black_box(number) != 0 {
        number = std::hint::black_box(number.wrapping_mul(3) | 1);
    }
    Vec::new()
}

fn recurse(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    if std::hint::black_box(room[7]) == 0 {
        0
    } else {
        recurse(depth + 1) + room[1]
    }
}

fn flood() -> Vec<String> {
    loop {
        emit(&Event::Warning("again".into()));
    }
}

fn huge_text() -> Vec<String> {
    emit(&Event::Warning("x".repeat(4 << 20)));
    vec!["y".repeat(1 << 20)]
}

fn never_return() -> Vec<String> {
    loop {
        wait(Duration::from_secs(3600).as_nanos() as u64);
    }
}

fn wait_twice() -> Vec<String> {
    let first = wait(Duration::from_secs(60).as_nanos() as u64);
    let second = wait(Duration::from_millis(20).as_nanos() as u64);
    vec![woken(first), woken(second)]
}

fn woken(wake: Wake) -> String {
    match wake {
        Wake::Elapsed => "elapsed".into(),
        Wake::Cancelled(reason) => format!("cancelled by {reason}"),
    }
}

fn turns() -> Vec<String> {
    let name = |turn| match turn {
        Turn::Granted => "granted".to_owned(),
        Turn::NotWithin => "not within".to_owned(),
        Turn::Cancelled(reason) => format!("cancelled by {reason}"),
    };
    let first = name(take_turn(1_000_000_000));
    note_budget(Budget {
        remaining: Some(0),
        per_minute: None,
        pause: Duration::from_secs(600).as_nanos() as u64,
    });
    vec![first, name(take_turn(1_000_000))]
}

fn told_then_trap() -> Vec<String> {
    tell();
    unreachable!("after telling")
}

fn told_then_hang(url: &str) -> Vec<String> {
    tell();
    if !url.is_empty() {
        emit(&Event::Debug(get(url, &[])));
    }
    never_return()
}

fn told_then_wait() -> Vec<String> {
    tell();
    vec![woken(wait(Duration::from_secs(3600).as_nanos() as u64))]
}

fn tell() {
    emit(&Event::Triggering(handle("intent")));
    emit(&Event::Triggered(handle("triggered")));
    emit(&Event::TestFinished(test("test")));
}

fn print() -> Vec<String> {
    for _ in 0..100_000 {
        let _ = writeln!(
            std::io::stderr(),
            "filling whatever is behind standard error"
        );
        let _ = writeln!(
            std::io::stdout(),
            "filling whatever is behind standard output"
        );
    }
    vec!["printed".into()]
}
