use super::*;

fn proxies(variables: &[(&str, &str)]) -> Proxies {
    Proxies::of(&variables.iter().copied().collect())
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// Which variable decides, and with what.
fn decides(variables: &[(&str, &str)], to: &str) -> String {
    match proxies(variables).route(&url(to)) {
        Ok(Route::Proxy(variable, server)) => format!("{variable} {server}"),
        Ok(Route::Direct(Direct::Exception(variable, entry))) => format!("{variable} {entry}"),
        Ok(Route::Direct(Direct::Loopback)) => "loopback".to_owned(),
        Ok(Route::Direct(Direct::Unset)) => "unset".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_variable_goes_by_the_scheme() {
    let all = [
        ("HTTP_PROXY", "http://plain.example:1"),
        ("https_proxy", "http://small.example:2"),
        ("HTTPS_PROXY", "http://secure.example:3"),
        ("ALL_PROXY", "http://all.example:4"),
    ];
    let secure = "https://api.example";
    assert_eq!(decides(&all, secure), "HTTPS_PROXY http://secure.example:3");
    assert_eq!(
        decides(&all[..2], secure),
        "https_proxy http://small.example:2"
    );
    assert_eq!(decides(&all[3..], secure), "ALL_PROXY http://all.example:4");
    assert_eq!(decides(&all[..1], secure), "unset");
    assert_eq!(
        decides(&all, "http://api.example"),
        "HTTP_PROXY http://plain.example:1"
    );
    assert_eq!(decides(&all[1..3], "http://api.example"), "unset");
    assert_eq!(decides(&[("HTTPS_PROXY", "")], secure), "unset");
}

#[test]
fn what_a_web_server_sets_is_not_believed() {
    let cgi = [
        ("REQUEST_METHOD", "GET"),
        ("HTTP_PROXY", "http://evil.example"),
        ("HTTPS_PROXY", "http://secure.example:3"),
    ];
    assert_eq!(decides(&cgi, "http://api.example"), "unset");
    assert_eq!(
        decides(&cgi, "https://api.example"),
        "HTTPS_PROXY http://secure.example:3"
    );
}

#[test]
fn this_machine_is_never_reached_by_a_proxy() {
    let all = [("ALL_PROXY", "http://all.example:4")];
    for own in [
        "http://127.0.0.1:80",
        "https://localhost",
        "https://a.localhost",
        "http://[::1]:1",
    ] {
        assert_eq!(decides(&all, own), "loopback", "{own}");
    }
}

#[test]
fn exceptions_are_domains_addresses_networks_and_ports() {
    let cases = [
        ("*", "https://api.example", true),
        ("*", "https://192.0.2.1", true),
        ("example.com", "https://example.com", true),
        ("example.com", "https://api.Example.com", true),
        (".example.com", "https://example.com", true),
        ("*.example.com", "https://api.example.com", true),
        ("example.com", "https://notexample.com", false),
        ("example.com", "https://example.com.evil.example", false),
        ("api.example.com", "https://example.com", false),
        ("example.com:8443", "https://example.com:8443", true),
        ("example.com:8443", "https://example.com", false),
        ("example.com:443", "https://example.com", true),
        ("192.0.2.1", "https://192.0.2.1", true),
        ("192.0.2.0/24", "https://192.0.2.77", true),
        ("192.0.2.0/24", "https://192.0.3.1", false),
        ("2001:db8::/32", "https://[2001:db8::1]", true),
        ("[2001:db8::1]:443", "https://[2001:db8::1]", true),
        ("2001:db8::1", "https://[2001:db8::1]", true),
        ("10", "https://10.example", false),
        (" a.example , b.example", "https://b.example", true),
        ("a.example b.example", "https://b.example", true),
        (",", "https://b.example", false),
        (".", "https://b.example", false),
    ];
    for (exceptions, to, direct) in cases {
        let variables = [("ALL_PROXY", "http://p.example"), ("NO_PROXY", exceptions)];
        let decided = decides(&variables, to);
        assert_eq!(
            decided.starts_with("NO_PROXY"),
            direct,
            "{exceptions}: {to}: {decided}"
        );
    }
}

#[test]
fn the_entry_that_counts_is_told() {
    let variables = [
        ("ALL_PROXY", "http://p.example"),
        ("no_proxy", "a.example,.b.example"),
    ];
    assert_eq!(
        decides(&variables, "https://x.b.example"),
        "no_proxy .b.example"
    );
}

#[test]
fn a_short_form_is_an_http_proxy() {
    for (written, shown) in [
        ("p.example:3128", "http://p.example:3128"),
        ("user:word@p.example:3128", "http://p.example:3128"),
        ("https://p.example", "https://p.example"),
        (" http://p.example:3128/ ", "http://p.example:3128"),
    ] {
        let variables = [("HTTPS_PROXY", written)];
        assert_eq!(
            decides(&variables, "https://a.example"),
            format!("HTTPS_PROXY {shown}")
        );
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_passed_over() {
    let cases = [
        ("socks5://p.example:1080", "SOCKS5"),
        ("ftp://p.example", "`ftp:` is not supported"),
        ("http://", "is not a URL"),
        ("http://p.example:port", "is not a URL"),
        ("http://p.example:3128/path", "behind the port"),
        ("http://user:pa55/word@p.example", "`@ : / ? #` are written"),
        (
            "http://user:pa55#word@p.example:1",
            "`@ : / ? #` are written",
        ),
    ];
    for (written, told) in cases {
        let decided = decides(&[("ALL_PROXY", written)], "https://a.example");
        assert!(
            decided.contains("the proxy in ALL_PROXY cannot be used"),
            "{decided}"
        );
        assert!(decided.contains(told), "{written}: {decided}");
        assert!(!decided.contains("pa55"), "{decided}");
        assert_eq!(
            decides(&[("ALL_PROXY", written)], "https://localhost"),
            "loopback"
        );
    }
}

#[test]
fn credentials_are_known_and_not_shown() {
    let proxies = proxies(&[("HTTPS_PROXY", "http://me:p%40ss%3Aword@p.example:1")]);
    let api = url("https://a.example");
    let Ok(Route::Proxy(_, server)) = proxies.route(&api) else {
        panic!("a proxy is named");
    };
    let (user, password) = server.credentials().expect("credentials");
    assert_eq!((user.as_str(), password.expose()), ("me", "p@ss:word"));
    assert!(!format!("{server:?} {server} {proxies:?}").contains("word"));
    assert_eq!(server.user().as_deref(), Some("me"));
    let secrets: Vec<Secret> = proxies.secrets().collect();
    assert!(secrets.contains(&Secret::new("p@ss:word")));
    assert!(secrets.contains(&Secret::new("p%40ss%3Aword")));
}

#[test]
fn a_password_is_known_however_it_is_written_and_whatever_it_stands_in() {
    for text in [
        "http://us%65r:p%40ssword@proxy:3128",
        "us%65r:p%40ssword@proxy:3128",
        "socks5://us%65r:p%40ssword@proxy:1080",
    ] {
        let proxies = proxies(&[("https_proxy", text)]);
        let secrets: Vec<Secret> = proxies.secrets().collect();
        let redactor = crate::secret::Redactor::new(&secrets);
        for shown in ["p%40ssword", "p@ssword", "dXNlcjpwQHNzd29yZA=="] {
            let redacted = redactor.redact(shown).into_owned();
            assert!(redacted.len() < 8, "{text}: {shown}: {redacted}");
        }
    }
    let known = |text| {
        let proxies = proxies(&[("HTTP_PROXY", text), ("REQUEST_METHOD", "GET")]);
        proxies.secrets().collect::<Vec<_>>()
    };
    assert!(known("http://proxy:3128").is_empty());
    assert_eq!(
        known("http://me:pa55/word@proxy:3128"),
        [Secret::new("pa55/word"), Secret::new("me:pa55/word")]
    );
}

#[test]
fn a_name_without_a_password_is_a_secret() {
    for written in [
        "http://T%6Fken1234@p.example:1",
        "http://T%6Fken1234:@p.example:1",
    ] {
        let proxies = proxies(&[("ALL_PROXY", written)]);
        let secrets: Vec<Secret> = proxies.secrets().collect();
        assert_eq!(
            secrets,
            [Secret::new("T%6Fken1234"), Secret::new("Token1234")]
        );
        let api = url("https://a.example");
        let Ok(Route::Proxy(_, server)) = proxies.route(&api) else {
            panic!("a proxy is named");
        };
        assert!(server.user().is_none() && server.credentials().is_some());
    }
}
