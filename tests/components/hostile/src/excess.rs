//! Attempts to use up what the host has: handles, requests, bodies, lists, and calls with extreme arguments.

use waki::{
    Client, ErrorCode,
    bindings::wasi::{
        http::{
            outgoing_handler,
            types::{Fields, FutureIncomingResponse, OutgoingRequest, Scheme},
        },
        io::{poll::poll, streams::StreamError},
    },
};
use wasi::{
    clocks::{monotonic_clock, wall_clock},
    random::{insecure, random},
};

use crate::plugin::{
    handle,
    proctor::ci::{
        host::{Budget, Turn, emit, note_budget, take_turn, wait},
        types::{Event, Retry, State},
    },
};

/// Begins a GET and waits for nothing.
fn open(url: &str) -> Result<FutureIncomingResponse, ErrorCode> {
    let request = OutgoingRequest::new(Fields::new());
    let (_, rest) = url.split_once("://").expect("an absolute URL");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    request.set_scheme(Some(&Scheme::Http)).expect("a scheme");
    request
        .set_authority(Some(authority))
        .expect("an authority");
    request.set_path_with_query(Some(path)).expect("a path");
    outgoing_handler::handle(request, None)
}

/// Opens hundreds of requests whose answers never come, and says how many were refused.
pub fn hold_requests(url: &str) -> Vec<String> {
    let futures: Vec<_> = (0..100).filter_map(|_| open(url).ok()).collect();
    // Long enough for whoever is refused.
    wait(500_000_000);
    let refused = futures
        .iter()
        .filter(|future| future.subscribe().ready())
        .filter(|future| {
            matches!(
                future.get(),
                Some(Ok(Err(ErrorCode::ConnectionLimitReached)))
            )
        })
        .count();
    vec![format!(
        "{} open, {refused} refused",
        futures.len() - refused
    )]
}

/// Opens requests without end and forgets their answers, but not the handles.
pub fn open_endlessly(url: &str) -> Vec<String> {
    loop {
        std::mem::forget(open(url));
    }
}

/// Makes timers without end.
pub fn hoard_timers() -> Vec<String> {
    loop {
        std::mem::forget(monotonic_clock::subscribe_duration(u64::MAX));
    }
}

/// Sends a body that is too large.
pub fn send_too_much(url: &str) -> Vec<String> {
    let body = Client::new().post(url).body(vec![b'x'; 9 << 20]).send();
    let body = match body {
        Ok(response) => format!("body: {}", response.status_code()),
        Err(error) => match error.downcast_ref::<ErrorCode>() {
            Some(code) => format!("body: {code:?}"),
            None => format!("body: {error:?}"),
        },
    };
    vec![body]
}

/// Makes headers that are too large.
pub fn huge_headers() -> Vec<String> {
    let header = ("x-long".to_owned(), vec![b'x'; 4 << 20]);
    vec![format!("{:?}", Fields::from_list(&[header]).is_ok())]
}

/// Reads an answer to its end, keeping nothing, and says how it ended.
pub fn drain(url: &str) -> Vec<String> {
    let Ok(future) = open(url) else {
        return vec!["not sent".to_owned()];
    };
    future.subscribe().block();
    let Some(Ok(Ok(response))) = future.get() else {
        return vec!["no answer".to_owned()];
    };
    let body = response.consume().expect("once");
    let stream = body.stream().expect("once");
    let mut count = 0;
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(bytes) => count += bytes.len(),
            Err(StreamError::Closed) => return vec![format!("{count} bytes")],
            Err(StreamError::LastOperationFailed(error)) => {
                return vec![format!("{count} bytes, {}", error.to_debug_string())];
            }
        }
    }
}

/// Calls every import with arguments that nobody would choose.
pub fn extremes(url: &str) -> Vec<String> {
    let turn = |within| match take_turn(within) {
        Turn::Granted => "granted".to_owned(),
        Turn::NotWithin => "not within".to_owned(),
        Turn::Cancelled(reason) => format!("cancelled by {reason}"),
    };
    let mut lines = vec![turn(u64::MAX)];
    note_budget(Budget {
        remaining: Some(u32::MAX),
        per_minute: Some(0),
        pause: 0,
    });
    lines.push(turn(u64::MAX));
    note_budget(Budget {
        remaining: Some(0),
        per_minute: Some(u32::MAX),
        pause: u64::MAX,
    });
    lines.push(turn(0));
    for event in [
        Event::Throttled(u64::MAX),
        Event::Warning(String::new()),
        Event::StateChanged(State {
            word: "\0".repeat(9000),
            done: Some(u32::MAX),
            total: Some(0),
        }),
        Event::Retrying(Retry {
            call: String::new(),
            attempt: u32::MAX,
            in_ms: u64::MAX,
            reason: "\u{202e}".repeat(9000),
        }),
    ] {
        emit(&event);
    }
    for timer in [
        monotonic_clock::subscribe_duration(u64::MAX),
        monotonic_clock::subscribe_instant(u64::MAX),
    ] {
        lines.push(format!("timer {}", timer.ready()));
    }
    monotonic_clock::subscribe_instant(0).block();
    let _ = (wall_clock::resolution(), monotonic_clock::resolution());
    let _ = insecure::get_insecure_random_bytes(0);
    lines.push(format!(
        "{} random bytes",
        random::get_random_bytes(65_536).len()
    ));
    lines.push(read_extremely(url));
    lines
}

/// Reads an answer with the largest length there is.
fn read_extremely(url: &str) -> String {
    let Ok(future) = open(url) else {
        return "not sent".to_owned();
    };
    let ready = future.subscribe();
    let same: Vec<_> = (0..10_000).map(|_| &ready).collect();
    let found = poll(&same).len();
    let Some(Ok(Ok(response))) = future.get() else {
        return "no answer".to_owned();
    };
    let body = response.consume().expect("once");
    let stream = body.stream().expect("once");
    match stream.blocking_read(u64::MAX) {
        Ok(bytes) => format!("{found} ready, {} read", bytes.len()),
        Err(error) => format!("{found} ready, {error:?}"),
    }
}

/// Asks for all the randomness there is.
pub fn all_randomness() -> Vec<String> {
    vec![format!(
        "{} bytes",
        random::get_random_bytes(u64::MAX).len()
    )]
}

/// Tells of a handle with a million triggers, again and again.
pub fn huge_handles() -> Vec<String> {
    let mut huge = handle("");
    let one = huge.triggers[0].clone();
    huge.triggers = vec![one; 100_000];
    loop {
        emit(&Event::Triggered(huge.clone()));
    }
}

/// Tells of a text that is larger than all that may cross the boundary at once.
pub fn huge_event() -> Vec<String> {
    emit(&Event::Warning("x".repeat(160 << 20)));
    Vec::new()
}

/// Computes between waits that are hardly any, for ever.
pub fn compute_between_waits() -> Vec<String> {
    loop {
        let mut number = 1_u64;
        for _ in 0..10_000_000 {
            number = std::hint::black_box(number.wrapping_mul(3) | 1);
        }
        wait(1_000_000);
    }
}

/// Waits for nothing, for ever.
pub fn wait_for_nothing() -> Vec<String> {
    loop {
        wait(0);
    }
}
