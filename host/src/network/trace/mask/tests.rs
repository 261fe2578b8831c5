use super::*;

fn masked(text: &str) -> String {
    in_text(text).into_owned()
}

#[test]
fn secrets_go_by_many_names() {
    for name in [
        "token",
        "access_token",
        "X-Amz-Security-Token",
        "apiKey",
        "API_KEY",
        "x-api-key",
        "client_secret",
        "Set-Cookie",
        "Proxy-Authorization",
        "pwd",
    ] {
        assert!(is_secret(name), "{name}");
    }
    for name in [
        "id",
        "key",
        "idempotency-key",
        "state",
        "passed",
        "author",
        "monkey",
        "signal",
    ] {
        assert!(!is_secret(name), "{name}");
    }
    assert!(is_secret_parameter("key") && !is_secret_parameter("keyword"));
}

#[test]
fn members_of_json_lose_their_values_and_nothing_else() {
    let cases = [
        (
            r#"{"id":1,"token":"abc","n":2}"#,
            r#"{"id":1,"token":"***","n":2}"#,
        ),
        (
            r#"{"token" : "a\"b\\", "n":"x"}"#,
            r#"{"token" : "***", "n":"x"}"#,
        ),
        (r#"{"pin_secret":1234}"#, r#"{"pin_secret":"***"}"#),
        (
            r#"{"token":null,"password":true}"#,
            r#"{"token":null,"password":true}"#,
        ),
        (
            r#"{"secrets":{"a":["x}",1]},"b":1}"#,
            r#"{"secrets":"***","b":1}"#,
        ),
        (r#"{"t\u006fken":"abc"}"#, r#"{"t\u006fken":"***"}"#),
        (
            r#"a 5" screen {"token":"abc"}"#,
            r#"a 5" screen {"token":"***"}"#,
        ),
        (
            r#"{"state":"token","a":"b"}"#,
            r#"{"state":"token","a":"b"}"#,
        ),
        (
            r#"{"body":"{\"token\":\"abc\",\"a\":1}"}"#,
            r#"{"body":"{\"token\":\"***\",\"a\":1}"}"#,
        ),
        (
            r#"{"body":"{\"pin_secret\":12}"}"#,
            r#"{"body":"{\"pin_secret\":\"***\"}"}"#,
        ),
        (
            "{\"token\":\"one\"}\n{\"token\":\"two\"}",
            "{\"token\":\"***\"}\n{\"token\":\"***\"}",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn what_is_cut_off_is_masked_to_its_end() {
    for (text, expected) in [
        (r#"{"token":"ab"#, r#"{"token":"***"#),
        (r#"{"token":"ab\"#, r#"{"token":"***"#),
        (r#"{"secrets":{"a":["x"#, r#"{"secrets":"***"#),
        (
            r#"{"body":"{\"token\":\"ab"#,
            r#"{"body":"{\"token\":\"***"#,
        ),
        (r#"{"token":"#, r#"{"token":"#),
        (r#"{"token":\"#, r#"{"token":\"#),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn urls_lose_secret_parameters_and_who_asks() {
    for (text, expected) in [
        (
            "/runs?page=2&api_key=abc&x=1#y",
            "/runs?page=2&api_key=***&x=1#y",
        ),
        ("/runs?key=abc", "/runs?key=***"),
        ("/runs?api%5Fkey=abc", "/runs?api%5Fkey=***"),
        (
            "see https://u:p@host/x, or http://a@b",
            "see https://***@host/x, or http://***@b",
        ),
        (
            r#"{"url":"https://s3/x?X-Amz-Signature=abc&a=1"}"#,
            r#"{"url":"https://s3/x?X-Amz-Signature=***&a=1"}"#,
        ),
        ("a=1&amp;token=abc", "a=1&amp;token=***"),
        ("is it? a=b", "is it? a=b"),
        (
            "https://x.test/back#access_token=abc&state=1",
            "https://x.test/back#access_token=***&state=1",
        ),
        ("see //user:pw@host/x", "see //***@host/x"),
        (
            r#"{"u":"https:\/\/u:p@host\/x"}"#,
            r#"{"u":"https:\/\/***@host\/x"}"#,
        ),
        ("https://u:p@q@host/", "https://***@host/"),
        ("// me@example.com", "// me@example.com"),
        ("//me@example.com", "//me@example.com"),
        ("a@b https://c@d", "a@b https://***@d"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
    assert_eq!(form(b"token=abc&a=b"), b"token=***&a=b");
}

#[test]
fn lines_of_headers_lose_their_values() {
    for (text, expected) in [
        (
            "> Authorization: Bearer abc\r\n> Host: x",
            "> Authorization: ***\r\n> Host: x",
        ),
        ("cookie: a=1; b=\"2 3\"; c=4\nx", "cookie: ***\nx"),
        ("X-Api-Key:abc", "X-Api-Key:***"),
        (
            r#"{"cmd":"curl -H 'Authorization: Bearer abc' -H \"X-Api-Key: def\" https://x.test"}"#,
            r#"{"cmd":"curl -H 'Authorization: ***' -H \"X-Api-Key: ***\" https://x.test"}"#,
        ),
        (
            r#"{"log":"Cookie: a=\"1\"; b=2\nHost: x"}"#,
            r#"{"log":"Cookie: ***\nHost: x"}"#,
        ),
        ("password: 'abc', n: 1", "password: '***', n: 1"),
        ("Cookie: a=\"1", "Cookie: ***"),
        ("http://token-service:8080/x", "http://token-service:8080/x"),
        ("pass: 3, fail: 1", "pass: 3, fail: 1"),
        ("Content-Type: text/plain", "Content-Type: text/plain"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn what_follows_bearer_and_basic_is_masked() {
    for (text, expected) in [
        ("sent Bearer xyz to it", "sent Bearer *** to it"),
        ("bearer  a.b-c_d~e+f/g==", "bearer  ***"),
        ("Basic dXNlcjpwYXNz", "Basic ***"),
        ("Basic dXNlcjpwYXNzd29yZA==.", "Basic ***"),
        (r#"["basic a1b2c3"]"#, r#"["basic ***"]"#),
        ("Bearer token is missing", "Bearer token is missing"),
        ("Basic checkout flow", "Basic checkout flow"),
        (r#"Basic realm="x""#, r#"Basic realm="x""#),
        (r#"Bearer error="x""#, r#"Bearer error="x""#),
        ("Bearer", "Bearer"),
        ("Basic ", "Basic "),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn pairs_of_a_name_and_a_value_are_members_too() {
    for (text, expected) in [
        (
            r#"[{"name":"Authorization","value":"abc"},{"name":"Accept","value":"x"}]"#,
            r#"[{"name":"Authorization","value":"***"},{"name":"Accept","value":"x"}]"#,
        ),
        (
            r#"{"value":"a}b{","n":{"x":[1,null]},"name":"X-Api-Key"}"#,
            r#"{"value":"***","n":{"x":[1,null]},"name":"X-Api-Key"}"#,
        ),
        (
            r#"{"key":"password", "enabled":true, "value":12}"#,
            r#"{"key":"password", "enabled":true, "value":"***"}"#,
        ),
        (
            r#"{"body":"{\"name\":\"Cookie\",\"value\":\"abc\"}"}"#,
            r#"{"body":"{\"name\":\"Cookie\",\"value\":\"***\"}"}"#,
        ),
        (
            r#"{"name":"token","value":"ab"#,
            r#"{"name":"token","value":"***"#,
        ),
        (
            r#"{"name":"token"},{"value":"x"}"#,
            r#"{"name":"token"},{"value":"x"}"#,
        ),
        (
            r#"{"name":"the token test","value":null}"#,
            r#"{"name":"the token test","value":null}"#,
        ),
    ] {
        assert_eq!(masked(text), expected, "{text}");
    }
}

#[test]
fn no_text_is_too_odd() {
    for text in [
        "",
        "\"",
        "\\\"",
        "\":",
        "\"\":",
        "\"token\":",
        "?",
        "&=",
        "://",
        "://@",
        "{\"token\":}",
        "@",
        "token:",
        "token: \\",
        "token: '",
        "token: a=\"",
        "{\"name\":\"token\",",
        "{\"name\":\"token\",\"value\":",
        "\"name\":\"\\",
    ] {
        let _ = masked(text);
    }
    for piece in [
        "\"token\":\"",
        "{\"name\":\"token\",",
        "\"value\":\"",
        "token:=\"",
        "//:@",
    ] {
        let many = piece.repeat(20_000);
        assert!(masked(&many).len() <= 2 * many.len(), "{piece}");
    }
    assert_eq!(
        super::text(b"\"token\":\"\xff\xfe\",\xff"),
        b"\"token\":\"***\",\xff"
    );
}
