//! Runs through a proxy that knows the way: a real one, and ones that do what real ones do on bad days.

use std::sync::{Arc, Mutex};

use proctor_test_support::{Outcome, Proctor};

use super::{
    NAME, by_name, check, hides, https, list, port,
    servers::{closed_port, plain, squid},
    stable,
};

fn trusting(proctor: Proctor, pem: &str) -> Proctor {
    proctor
        .file("ca.pem", pem)
        .arguments(&["--ca-file", "ca.pem"])
}

#[test]
fn the_proxy_opens_the_way_and_sees_nothing_else() {
    let Some(proxy) = squid(None) else { return };
    let sandbox = https();
    let pem = sandbox.ca_pem().expect("an authority");
    let url = by_name(&sandbox);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let outcome = trusting(list(&url), pem)
            .variable(variable, proxy.url())
            .arguments(&["--trace", "trace.har"])
            .end()
            .expect(0)
            .says("app-7f3");
        // Whose address that would be is not the server's.
        let trace = outcome.read("trace.har");
        assert!(!trace.contains("serverIPAddress"), "{trace}");
    }
    let expected = format!("TCP_TUNNEL/200 CONNECT {NAME}:{} -", port(&url));
    let logged = proxy.logged(3);
    assert_eq!(logged.len(), 3, "{logged:?}");
    assert!(logged.iter().all(|line| *line == expected), "{logged:?}");
    assert!(
        sandbox
            .received()
            .iter()
            .all(|seen| seen.header("proxy-authorization").is_none())
    );
}

#[test]
fn a_password_opens_the_proxy_and_is_shown_nowhere() {
    let Some(proxy) = squid(Some("pa55word")) else {
        return;
    };
    let sandbox = https();
    let pem = sandbox.ca_pem().expect("an authority");
    let url = by_name(&sandbox);
    let with = |credentials: &str| format!("http://{credentials}127.0.0.1:{}", proxy.port);
    let run = |proxy: &str| {
        trusting(list(&url), pem)
            .variable("HTTPS_PROXY", proxy)
            .end()
    };
    let explain = |proxy: &str| {
        trusting(check(&url), pem)
            .variable("HTTPS_PROXY", proxy)
            .end()
    };
    hides(
        &run(&with("me:pa55word@")).expect(0).says("app-7f3"),
        "pa55word",
    );
    let told =
        "the request could not be sent (the proxy wants a user name and password that it accepts)";
    let before = proxy.logged(1).len();
    for (count, credentials) in ["", "me:wr0ngword@"].into_iter().enumerate() {
        let refused = run(&with(credentials)).expect(2).says(told);
        let refused = refused.says("who: the author of the pipeline (usage)");
        hides(&refused, "wr0ngword");
        // Once: an account may be locked after a few attempts.
        let attempts = before + count + 1;
        assert_eq!(proxy.logged(attempts).len(), attempts);
    }
    assert!(sandbox.count("GET", "**") < 3, "only what went through");

    let open = explain(&with("me:pa55word@")).expect(0);
    hides(&open, "pa55word");
    insta::assert_snapshot!("through_a_proxy", stable(&open));
    explain(&with(""))
        .expect(2)
        .says("the proxy wants a user name and password (407");
    let wrong = explain(&with("me:wr0ngword@")).expect(2);
    hides(&wrong, "wr0ngword");
    insta::assert_snapshot!("wrong_password_of_a_proxy", stable(&wrong));
}

#[test]
fn the_ci_system_is_told_to_mask_the_password() {
    let Some(proxy) = squid(Some("pa55word")) else {
        return;
    };
    let sandbox = https();
    let outcome = trusting(
        list(&by_name(&sandbox)),
        sandbox.ca_pem().expect("an authority"),
    )
    .variable(
        "HTTPS_PROXY",
        format!("http://me:pa55word@127.0.0.1:{}", proxy.port),
    )
    .variable("GITHUB_ACTIONS", "true")
    .end()
    .expect(0);
    assert!(
        outcome.out.contains("::add-mask::pa55word\n"),
        "{}",
        outcome.out
    );
}

#[test]
fn a_simple_password_tears_up_nothing() {
    let sandbox = proctor_test_support::sandbox("");
    let run = |password: &str| {
        let outcome = Proctor::run(&sandbox, "app-7f3")
            .variable("PROCTOR_OUTPUT", "ndjson")
            .variable("HTTPS_PROXY", format!("http://u:{password}@127.0.0.1:1"))
            .end()
            .expect(0);
        let report = |name| proctor_test_support::read(&outcome.folder.path().join(name));
        (
            report("junit.xml"),
            report("results.json"),
            outcome.out.clone(),
        )
    };
    for password in ["test", "passed", "name"] {
        let (junit, results, out) = run(password);
        assert!(results.contains("\"passed\""), "{results}");
        for text in [junit, results, out] {
            assert!(!text.contains("***"), "{password}: {text}");
        }
    }
    // What a proxy says is not ours.
    let (port, _) = plain("HTTP/1.1 502 not by name\r\ncontent-length: 0\r\n\r\n");
    check("https://api.example/v1")
        .variable("HTTPS_PROXY", format!("http://u:name@127.0.0.1:{port}"))
        .end()
        .expect(7)
        .says("name: api.example is left to the proxy to look up")
        .says("(502 not by ***)");
}

#[test]
fn a_name_without_a_password_is_not_shown() {
    let (port, asked) = plain("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n");
    let proxy = format!("http://a-secret-token@127.0.0.1:{port}");
    for command in [
        check("https://api.example/v1"),
        list("https://api.example/v1"),
    ] {
        let outcome = command.variable("HTTPS_PROXY", &proxy).end().expect(2);
        hides(&outcome, "a-secret-token");
    }
    let asked = asked.lock().expect("no panic");
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked[0].contains("Basic YS1zZWNyZXQtdG9rZW46\r\n"),
        "{asked:?}"
    );
}

#[test]
fn the_ci_system_is_told_what_to_mask_before_the_way_is_told() {
    let (port, _) = plain("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n");
    let outcome = check("https://api.example/v1")
        .variable(
            "HTTPS_PROXY",
            format!("http://me:pa55word@127.0.0.1:{port}"),
        )
        .variable("GITHUB_ACTIONS", "true")
        .end()
        .expect(2);
    let way = outcome.out.find("the service of").expect("the way is told");
    for secret in ["pa55word", proctor_test_support::KEY] {
        let mask = format!("::add-mask::{secret}\n");
        let at = outcome.out.find(&mask);
        assert!(at.is_some_and(|at| at < way), "{}", outcome.out);
        assert_eq!(outcome.out.matches(&mask).count(), 1, "{}", outcome.out);
    }
}

#[test]
fn an_exception_goes_past_the_proxy() {
    let Some(proxy) = squid(None) else { return };
    let sandbox = https();
    let url = by_name(&sandbox);
    let exception = format!("other.example, {NAME}:{}", port(&url));
    let outcome = check(&url)
        .variable("HTTPS_PROXY", proxy.url())
        .variable("NO_PROXY", &exception)
        .end()
        .expect(7);
    // Without the proxy nobody knows the name.
    let outcome = outcome.says(&format!(
        "proxy: none: `{NAME}:{}` in NO_PROXY excepts it",
        port(&url)
    ));
    assert!(
        outcome.out.contains("name: unavailable: "),
        "{}",
        outcome.out
    );
    let local = sandbox.service_url("keploy");
    trusting(check(&local), sandbox.ca_pem().expect("an authority"))
        .variable("HTTPS_PROXY", proxy.url())
        .end()
        .expect(0)
        .says("proxy: none: this machine is never reached by one");
}

/// What a proxy that answers in these words brings about: of the explanation, and of a command.
fn behind(answer: &str) -> (Outcome, Outcome, Arc<Mutex<Vec<String>>>) {
    let (port, asked) = plain(answer);
    let proxy = format!("http://127.0.0.1:{port}");
    let url = "https://api.example/client/v1";
    let told = check(url).variable("HTTPS_PROXY", &proxy).end();
    let run = list(url).variable("HTTPS_PROXY", &proxy).end();
    (told, run, asked)
}

#[test]
fn a_proxy_that_opens_no_way_is_told_by_what_it_answers() {
    let cases = [
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "the proxy does not allow api.example:443 (403 Forbidden)",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html><h1>Bad Gateway</h1></html>",
            "the proxy cannot reach api.example:443 (502 Bad Gateway)",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://login/\r\n\r\n",
            "it answers 302 Found",
        ),
        (
            "<html>hello</html>\r\n\r\n",
            "the proxy did not answer in HTTP",
        ),
        (
            "",
            "the proxy closed the connection when it was asked for a way to api.example:443",
        ),
        (
            "HTTP/1.1 407 No\r\nproxy-authenticate: NTLM\r\nproxy-authenticate: Negotiate\r\n\r\n",
            "the proxy wants to be signed in to by NTLM or Negotiate, which is not supported (407 No)",
        ),
    ];
    for (answer, expected) in cases {
        let (told, run, asked) = behind(answer);
        let code = if answer.starts_with("HTTP/1.1 407") {
            2
        } else {
            7
        };
        told.expect(code).says(expected);
        let run = run.expect(code);
        assert!(
            run.err.contains("the request could not be sent ("),
            "{}",
            run.err
        );
        for head in asked.lock().expect("no panic").iter() {
            assert!(
                head.starts_with("CONNECT api.example:443 HTTP/1.1\r\n"),
                "{head}"
            );
            assert!(!head.to_lowercase().contains("api-key"), "{head}");
        }
    }
}

#[test]
fn a_proxy_that_is_gone_is_not_gone_around() {
    let proxy = format!("http://127.0.0.1:{}", closed_port());
    let told = check("https://api.example/v1")
        .variable("HTTPS_PROXY", &proxy)
        .end()
        .expect(7);
    insta::assert_snapshot!("a_proxy_that_is_gone", stable(&told));
    list("https://api.example/v1")
        .variable("HTTPS_PROXY", &proxy)
        .end()
        .expect(7)
        .says("connection refused");
}

#[test]
fn a_proxy_that_cannot_be_used_ends_the_command_before_it_begins() {
    let cases = [
        (
            "socks5://127.0.0.1:1080",
            "it is a SOCKS5 proxy, and only those that speak HTTP are supported",
        ),
        ("http://me:pa55/word@proxy.example:3128", "is not a URL"),
        ("ftp://proxy.example", "`ftp:` is not supported"),
    ];
    for (proxy, expected) in cases {
        for command in [
            check("https://api.example/v1"),
            list("https://api.example/v1"),
        ] {
            let outcome = command.variable("HTTPS_PROXY", proxy).end().expect(2);
            hides(&outcome, "pa55");
            outcome
                .says("the proxy in HTTPS_PROXY cannot be used: ")
                .says(expected);
        }
    }
    // Where none is used, none can be wrong.
    let sandbox = proctor_test_support::sandbox("");
    list(&sandbox.service_url("keploy"))
        .variable("HTTPS_PROXY", "socks5://127.0.0.1:1080")
        .end()
        .expect(0);
    list("https://api.example/v1")
        .variable("HTTPS_PROXY", "socks5://127.0.0.1:1080")
        .variable("NO_PROXY", "*")
        .end()
        .expect(7);
}

#[test]
fn a_client_certificate_is_not_shown_to_a_proxy() {
    let made = super::clients::Authority::new("CA").client("me", None);
    list("https://api.example/v1")
        .variable("HTTPS_PROXY", "https://127.0.0.1:1")
        .file("me.pem", &format!("{}{}", made.certificate, made.key))
        .arguments(&["--client-cert", "me.pem"])
        .end()
        .expect(2)
        .says("it is reached over https, which does not go together with a client certificate");
}
