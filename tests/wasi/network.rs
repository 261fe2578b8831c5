//! What stands between the core and the network: one origin, no redirect, and a key that is never seen.

use std::io::Write as _;

use proctor_sandbox::{Fault, FaultKind, Form, Place};
use proctor_test_support::{TRIGGER, fault, sandbox, server::Scripted};

use super::host::{Invocation, hosts};

#[test]
fn a_key_that_the_service_repeats_is_in_nothing_that_is_left() {
    for host in hosts() {
        let sandbox = sandbox("");
        sandbox.add_fault(fault("POST", TRIGGER, FaultKind::EchoKey { status: 400 }));
        // Looked for in all that is left by whoever ran it.
        let outcome = Invocation::run(&sandbox, "app-7f3")
            .reporting()
            .arguments(&["--verbose"])
            .end_under(host)
            .expect(2);
        assert!(
            outcome.err.contains("***") || outcome.out.contains("***"),
            "{host:?}: the service's words are shown, without the key\n{}",
            outcome.err
        );
    }
}

/// Where and how the service repeats the key, and at which call.
const LEAKS: [(Place, &str, &str); 7] = [
    (Place::Drops, "POST", TRIGGER),
    (Place::Header, "POST", TRIGGER),
    (Place::Location, "POST", TRIGGER),
    (Place::ContentType, "POST", TRIGGER),
    (Place::Message, "GET", "/jobs/*"),
    (Place::Location, "GET", "/jobs/*"),
    (Place::Stream, "GET", "/jobs/*/events"),
];

#[test]
fn a_key_is_found_in_every_form_and_at_every_place() {
    for form in [Form::Plain, Form::Base64, Form::Hex, Form::Percent] {
        std::thread::scope(|scope| {
            for (place, method, path) in LEAKS {
                scope.spawn(move || repeated(place, form, method, path));
            }
        });
    }
}

fn repeated(place: Place, form: Form, method: &str, path: &str) {
    let sandbox = sandbox("queue_ms = 300");
    let kind = FaultKind::Leak {
        status: 400,
        place,
        form,
    };
    sandbox.add_fault(Fault {
        times: 0,
        ..fault(method, path, kind)
    });
    let outcome = Invocation::run(&sandbox, "app-7f3")
        .reporting()
        .arguments(&["--verbose", "--report", "html", "--report", "markdown=s.md"])
        .end();
    // What the service said is passed on, without the key.
    match place {
        Place::Message | Place::Drops => outcome.says("***").says("is not liked here"),
        Place::Location => outcome.says("***").says("elsewhere.example/?key="),
        Place::Header | Place::ContentType => outcome.expect(2),
        // The run is looked at beside its stream.
        Place::Stream => outcome.expect(0),
    };
}

#[test]
fn a_redirect_is_not_followed() {
    for host in hosts() {
        let (sandbox, elsewhere) = (sandbox(""), sandbox(""));
        let location = format!("{}/stolen", elsewhere.service_url("keploy"));
        sandbox.add_fault(Fault {
            times: 0,
            ..fault("*", "**", FaultKind::Redirect { location })
        });
        Invocation::run(&sandbox, "app-7f3")
            .end_under(host)
            .expect(8)
            .says("redirect");
        assert!(elsewhere.received().is_empty(), "{host:?}");
    }
}

#[test]
fn a_page_that_lies_elsewhere_is_not_read() {
    let elsewhere = Scripted::answering(|_| (200, "[]".to_owned()));
    let next = format!("{}/runs/1/results?page=2", elsewhere.url);
    let service = Scripted::start(move |asked, stream| {
        let body = match (asked.method.as_str(), asked.path.contains("results")) {
            ("POST", _) => "{\"id\": 1}",
            (_, false) => "{\"status\": \"passed\"}",
            (_, true) => "[{\"name\": \"t\", \"result\": \"passed\"}]",
        };
        let length = body.len();
        // The other side may have gone.
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlink: <{next}>; rel=\"next\"\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
    });
    let config = format!(
        "[targets.it]\nprovider = \"http\"\napi_url = \"{}\"\nauth = \"bearer\"\ntrigger = \"POST /runs\"\n\
         run_id = \"$.id\"\npoll = \"GET /runs/{{run_id}}\"\nstate = \"$.status\"\npassed = [\"passed\"]\n\
         failed = [\"failed\"]\nrunning = [\"running\"]\nresults = \"GET /runs/{{run_id}}/results\"\n\
         tests = \"$[*]\"\ntest_name = \"$.name\"\ntest_verdict = \"$.result\"\nresults_next = \"link\"\n",
        service.url
    );
    let outcome = Invocation::new(&["run", "--timeout", "20s"])
        .file("proctor.toml", &config)
        .variable("PROCTOR_HTTP_KEY", "kep_sandbox")
        .end();
    assert_ne!(outcome.code, 0, "{}", outcome.err);
    assert_ne!(outcome.code, 2, "{}", outcome.err);
    assert!(
        service
            .asked()
            .iter()
            .any(|asked| asked.path.contains("results"))
    );
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    Invocation::new(&["run", "--provider", "keploy", "--set", "app=a"])
        .arguments(&["--set", "base_url=https://example.com"])
        .arguments(&["--api-url", "http://api.example.com/v1"])
        .variable("KEPLOY_API_KEY", proctor_test_support::KEY)
        .end()
        .expect(2)
        .says("unencrypted");
}
